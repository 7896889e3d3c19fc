/** `etabli rehearse --learners N`: plays tomorrow's class today, and says whether this machine will hold it. */
import { join } from 'node:path';
import { ensureDependencies } from '../setup/dependencies.ts';
import { Failure } from '../setup/failure.ts';
import { root } from '../setup/paths.ts';
import { checkDataFolder } from '../setup/preflight.ts';
import { Progress } from '../setup/progress.ts';
import { type Arguments, usageStatus } from './arguments.ts';
import { Interrupted, watchInterrupts } from './interrupt.ts';

/** Apart from `up`'s, so that a running server is never touched. Images are shared: they belong to the engine. */
const ownData = join(root, '.etabli/rehearse');

/** @returns 0 when the machine holds the class */
export async function rehearse(args: Arguments): Promise<number> {
	const learners = within(args, 'learners', 20, 1, 500);
	const isHostile = args.values['hostile'] === true;
	const isRoom = args.values['room'] === true;
	if (isHostile && isRoom) throw new Failure('--room and --hostile are two rehearsals: give one of them.', { status: usageStatus });
	if (!isRoom && args.values['trainer'] !== undefined) throw new Failure('--trainer is for --room.', { status: usageStatus });
	const minutes = within(args, 'minutes', isHostile ? 10 : 5, 1, 240);
	const hostile = isHostile ? within(args, 'hostile-learners', Math.ceil(learners / 8), 1, learners - 1) : 0;
	const room = isRoom ? { trainers: within(args, 'trainers', 2, 1, 10), helpers: within(args, 'helpers', 3, 1, 20) } : undefined;
	const json = args.values['json'] === true;
	const interrupt = watchInterrupts();
	const { signal } = interrupt;
	// A program reads what is on standard output: what is being done is told beside it.
	const progress = new Progress(json ? process.stderr : process.stdout, { verbose: args.values['verbose'] === true });
	try {
		const data = String(args.values['data'] ?? ownData);
		checkDataFolder(data);
		await ensureDependencies(progress, false, signal);
		const { rehearseClass } = await import('./rehearse-class.ts');
		const given = { ...args, values: { ...args.values, data } };
		return await rehearseClass({ args: given, learners, minutes, hostile, room, json, progress, signal });
	} catch (error) {
		if (signal.aborted && signal.reason instanceof Interrupted) {
			process.stdout.write('\nInterrupted: nothing is said of a class that was not played to its end.\n');
			return signal.reason.status;
		}
		throw error;
	} finally {
		interrupt.dispose();
		progress.close();
	}
}

/** @throws Failure */
function within(args: Arguments, name: string, otherwise: number, least: number, most: number): number {
	const value = Number(args.values[name] ?? otherwise);
	if (value < least || value > most) throw new Failure(`--${name} is from ${least} to ${most}, not ${value}.`, { status: usageStatus });
	return value;
}
