/** `etabli export FILE`: courses, images, pages and Établi itself in one file, for a machine without internet. */
import { ensureDependencies } from '../setup/dependencies.ts';
import { Failure } from '../setup/failure.ts';
import { root } from '../setup/paths.ts';
import { checkDataFolder, checkSpace } from '../setup/preflight.ts';
import { Progress } from '../setup/progress.ts';
import { type Arguments, usageStatus } from './arguments.ts';
import { Interrupted, watchInterrupts } from './interrupt.ts';

/** Apart from `up`'s: the site is built for the exported courses alone. */
const ownData = `${root}/.etabli/export`;

/** @returns 0 @throws Failure */
export async function exportFile(args: Arguments): Promise<number> {
	const [file] = args.words;
	if (file === undefined)
		throw new Failure('Say which file is to be made.', { hint: './etabli export etabli-export.tar', status: usageStatus });
	const interrupt = watchInterrupts();
	const { signal } = interrupt;
	const progress = new Progress(process.stdout, { verbose: args.values['verbose'] === true });
	try {
		const data = String(args.values['data'] ?? ownData);
		checkDataFolder(data);
		checkSpace(data);
		await ensureDependencies(progress, false, signal);
		const { makeExport } = await import('./make-export.ts');
		return await makeExport({ args: { ...args, values: { ...args.values, data } }, file, progress, signal });
	} catch (error) {
		if (signal.aborted && signal.reason instanceof Interrupted) {
			process.stdout.write('\nInterrupted: there is no archive.\n');
			return signal.reason.status;
		}
		throw error;
	} finally {
		interrupt.dispose();
		progress.close();
	}
}
