/** `etabli import …`: an archive of `etabli export`, or scenarios of other platforms. */
import { Failure } from '../setup/failure.ts';
import { type Arguments, usageStatus } from './arguments.ts';
import { importFile } from './import-archive.ts';
import { importKillercoda } from './import-killercoda.ts';

/** @returns exit status @throws Failure */
export async function importPart(args: Arguments): Promise<number> {
	const [file, ...more] = args.words;
	if (file === 'killercoda') return importKillercoda(args);
	if (file === undefined || more.length > 0) {
		throw new Failure('Say what is to be imported.', {
			hint: './etabli import FILE, or ./etabli import killercoda DIR',
			status: usageStatus,
		});
	}
	return importFile(args, file);
}
