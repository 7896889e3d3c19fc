/** `etabli import FILE`: what `etabli export` has made elsewhere, on this machine, with no network. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ensureDependencies } from '../setup/dependencies.ts';
import { Failure } from '../setup/failure.ts';
import { Progress } from '../setup/progress.ts';
import type { Arguments } from './arguments.ts';
import { Interrupted, watchInterrupts } from './interrupt.ts';

/** @param name path of the archive @returns 0 @throws Failure */
export async function importFile(args: Arguments, name: string): Promise<number> {
	const file = resolve(name);
	if (!existsSync(file)) throw new Failure(`There is no file ${file}.`, { hint: 'On the other machine, ./etabli export FILE makes one.' });
	const interrupt = watchInterrupts();
	const { signal } = interrupt;
	const progress = new Progress(process.stdout, { verbose: args.values['verbose'] === true });
	try {
		await ensureDependencies(progress, false, signal);
		const { takeImport } = await import('./take-import.ts');
		return await takeImport({ args, file, progress, signal });
	} catch (error) {
		if (signal.aborted && signal.reason instanceof Interrupted) {
			process.stdout.write('\nInterrupted. Run ./etabli import again: nothing is half imported.\n');
			return signal.reason.status;
		}
		throw error;
	} finally {
		interrupt.dispose();
		progress.close();
	}
}
