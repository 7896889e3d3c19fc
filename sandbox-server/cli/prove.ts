/** `etabli prove [course[/lesson]]`: plays lessons in fresh sandboxes; every check must fail before and pass after what its step tells to do. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { nearest } from '../../src/shared/nearest.ts';
import { ensureDependencies } from '../setup/dependencies.ts';
import { Failure } from '../setup/failure.ts';
import { root } from '../setup/paths.ts';
import { checkDataFolder } from '../setup/preflight.ts';
import { Progress } from '../setup/progress.ts';
import { type Arguments, usageStatus } from './arguments.ts';
import { Interrupted, watchInterrupts } from './interrupt.ts';

/** Apart from `up`'s, so that a running server is never touched. Images are shared: they belong to the engine. */
const ownData = join(root, '.etabli/prove');

const known = ['fr', 'en'] as const;

/** A play waits for half of its time: for prompts, for jobs, for checks. */
const usualPlays = Math.min(8, 2 * availableParallelism());

/** @returns 0 when every step of every play was proved */
export async function prove(args: Arguments): Promise<number> {
	const languages = languagesOf(args.values['language']);
	const parallel = Number(args.values['parallel'] ?? usualPlays);
	if (parallel < 1 || parallel > 64) throw new Failure(`--parallel is from 1 to 64, not ${parallel}.`, { status: usageStatus });
	const interrupt = watchInterrupts();
	const { signal } = interrupt;
	const progress = new Progress(process.stdout, { verbose: args.values['verbose'] === true });
	try {
		const data = String(args.values['data'] ?? ownData);
		checkDataFolder(data);
		await ensureDependencies(progress, false, signal);
		const { proveCourses } = await import('./prove-courses.ts');
		return await proveCourses({ args: { ...args, values: { ...args.values, data } }, languages, parallel, progress, signal });
	} catch (error) {
		if (signal.aborted && signal.reason instanceof Interrupted) {
			process.stdout.write('\nInterrupted: nothing is proved.\n');
			return signal.reason.status;
		}
		throw error;
	} finally {
		interrupt.dispose();
		progress.close();
	}
}

function languagesOf(value: unknown): readonly (typeof known)[number][] {
	if (value === undefined) return known;
	const language = known.find((one) => one === value);
	if (language) return [language];
	const meant = nearest(String(value), known);
	throw new Failure(`--language is one of ${known.join(', ')}, not "${value}".${meant ? ` Did you mean "${meant}"?` : ''}`, {
		status: usageStatus,
	});
}
