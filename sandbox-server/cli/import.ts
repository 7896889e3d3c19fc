/** `etabli import …`: an archive of `etabli export`. */
import { Failure } from '../setup/failure.ts';
import { type Arguments, usageStatus } from './arguments.ts';
import { importFile } from './import-archive.ts';

/** @returns exit status @throws Failure */
export async function importPart(args: Arguments): Promise<number> {
	const [file] = args.words;
	if (file === undefined) throw new Failure('Say which file is to be imported.', { hint: './etabli import FILE', status: usageStatus });
	return importFile(args, file);
}
