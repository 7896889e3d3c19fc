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
	const minutes = within(args, 'minutes', 5, 1, 240);
	const interrupt = watchInterrupts();
	const { signal } = interrupt;
	const progress = new Progress(process.stdout, { verbose: args.values['verbose'] === true });
	try {
		const data = String(args.values['data'] ?? ownData);
		checkDataFolder(data);
		await ensureDependencies(progress, false, signal);
		const { rehearseClass } = await import('./rehearse-class.ts');
		return await rehearseClass({ args: { ...args, values: { ...args.values, data } }, learners, minutes, progress, signal });
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

function within(args: Arguments, name: string, otherwise: number, least: number, most: number): number {
	const value = Number(args.values[name] ?? otherwise);
	if (value < least || value > most) throw new Failure(`--${name} is from ${least} to ${most}, not ${value}.`, { status: usageStatus });
	return value;
}
