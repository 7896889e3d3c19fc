/** The part of `import FILE` that needs npm's packages: configuration → engine → everything in its place. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { visible } from '../../src/shared/visible.ts';
import { ensureBuilder } from '../setup/engine.ts';
import { Failure } from '../setup/failure.ts';
import { claim } from '../setup/processes.ts';
import type { Progress } from '../setup/progress.ts';
import { importArchive } from '../tools/transfer/import.ts';
import type { Arguments } from './arguments.ts';
import { asker } from './asker.ts';
import { serverMark } from './server-mark.ts';
import { configuration, openData } from './settings.ts';

export interface ImportCommand {
	args: Arguments;
	/** Absolute path. */
	file: string;
	progress: Progress;
	signal: AbortSignal;
}

/** @returns exit status @throws Failure */
export async function takeImport({ args, file, progress, signal }: ImportCommand): Promise<number> {
	const config = configuration(args);
	const courses = config.courses.find((folder) => !existsSync(join(folder, 'course.yaml')));
	if (courses === undefined)
		throw new Failure(`${config.courses.join(', ')} is one course: the courses of the archive cannot stand in it.`, {
			hint: 'Name a folder for them: --courses DIR',
		});
	const paths = openData(config.data, 'import', progress);
	const mark = serverMark(paths.run);
	const other = claim(mark, '');
	if (other)
		throw new Failure(`A server works with ${paths.data} (process ${other.pid}).`, { hint: './etabli down stops it; then import again.' });
	try {
		const { engine, why } = await ensureBuilder({
			url: config.engine,
			kubernetes: config.kubernetes,
			paths,
			asker: asker(config.yes),
			progress,
			signal,
		});
		if (!engine) throw new Failure('The images need a container engine, and none answers.', { hint: why ?? '' });
		const header = await importArchive({
			file,
			courses,
			paths,
			store: engine.images,
			engineFolder: engine.local ? await engine.images.folder() : undefined,
			progress,
			signal,
		});
		const lines = [
			`\nImported from ${file}, made on ${header.created.slice(0, 10)} by Établi ${header.etabli}:`,
			...header.courses.map(({ slug, version = '' }) => `  ${slug} ${version}`.trimEnd()),
			'Nothing has to be fetched any more. Start it: ./etabli up',
			'',
		];
		process.stdout.write(visible(lines.join('\n')));
		return 0;
	} finally {
		rmSync(mark, { force: true });
	}
}
