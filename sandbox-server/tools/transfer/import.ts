/** `etabli import FILE`: everything of an archive in its place, or nothing. Unpacked aside first, renamed at the end. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { versionFile } from '../../../src/courses/course-version.ts';
import { findCourses } from '../../../src/courses/folders.ts';
import type { ImageStore } from '../../images/image-store.ts';
import { explainFileError, Failure } from '../../setup/failure.ts';
import type { DataPaths } from '../../setup/paths.ts';
import type { Progress, Step } from '../../setup/progress.ts';
import { hashInputs } from '../../setup/stamps.ts';
import { Outside, unpackFiles } from './files.ts';
import { type ExportHeader, inUnits } from './format.ts';
import { checkImages, loadImages } from './images.ts';
import { programHash } from './program.ts';
import { payloadStream, readArchive } from './read.ts';

export interface ImportRequest {
	/** Absolute path of the archive. */
	file: string;
	/** Absolute path of the folder of courses. */
	courses: string;
	paths: DataPaths;
	store: ImageStore;
	/** Where the engine keeps images, when that is on this machine. */
	engineFolder: string | undefined;
	progress: Progress;
	signal?: AbortSignal | undefined;
}

/** Bytes that stay free on a disk. */
const reserve = 256 * 2 ** 20;
/** What the archive's maker has added and not counted, such as versions of courses, bytes. */
const listRoom = 2 ** 20;
const mark = 'import-';

/** @returns what was imported @throws Failure; then nothing is in its place that was not there before */
export async function importArchive(request: ImportRequest): Promise<ExportHeader> {
	const { file, paths, courses, progress, signal, store } = request;
	const temporary = join(paths.data, 'tmp');
	const hidden = join(courses, '.etabli-import');
	try {
		mkdirSync(temporary, { recursive: true });
		// Of an import that was killed.
		for (const name of readdirSync(temporary)) if (name.startsWith(mark)) rmSync(join(temporary, name), { recursive: true, force: true });
	} catch (error) {
		throw explainFileError(error, `write into ${paths.data}`);
	}
	const aside = mkdtempSync(join(temporary, mark));
	try {
		const parts = join(aside, 'parts');
		const files = join(aside, 'files');
		for (const folder of [parts, files]) mkdirSync(folder);
		const header = await progress.step(`Reading ${basename(file)}`, async (step) => {
			const whole = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
			let told = 0;
			const found = await readArchive({
				file,
				folder: parts,
				machine: { architecture: process.arch, program: programHash() },
				accept: (each) => checkRoom(request, each, whole),
				onProgress: (bytes) => {
					if (bytes - told < 32 * 2 ** 20) return;
					told = bytes;
					step.detail(`${inUnits(bytes)} of ${inUnits(whole)}`);
				},
				signal,
			});
			step.remark = inUnits(whole);
			return found;
		});
		await progress.step('Unpacking site and courses', () =>
			unpackFiles(payloadStream(parts, 'files'), files, header.bytes.files + listRoom),
		);
		checkContents(header, files, file);
		const wanted = coursesToPlace(request, join(files, 'courses'));
		await progress.step('Loading images', async (step: Step) => {
			const names = header.images.map(({ saved }) => saved);
			await checkImages(payloadStream(parts, 'images'), names);
			await loadImages({ store, stream: Readable.from(payloadStream(parts, 'images')), images: header.images, step, signal });
			for (const { as } of header.images) if (!(await store.inspect(as))) throw new Failure(`The engine has not taken the image ${as}.`);
			step.remark = `${header.images.length} images`;
		});
		signal?.throwIfAborted();
		// From here on only renaming, or copying to another disk and renaming there: the stamps, which say that the rest is there, are last.
		for (const slug of wanted) {
			rmSync(hidden, { recursive: true, force: true });
			mkdirSync(courses, { recursive: true });
			cpSync(join(files, 'courses', slug), hidden, { recursive: true, verbatimSymlinks: true });
			renameSync(hidden, join(courses, slug));
		}
		replaceFolder(join(files, 'site'), paths.site);
		// Sandboxes that a server has left running have the folder of guest files mounted: it stays the same folder.
		for (const name of ['guest', 'stamps'] as const) {
			mkdirSync(paths[name], { recursive: true });
			for (const each of readdirSync(join(files, name))) renameSync(join(files, name, each), join(paths[name], each));
		}
		return header;
	} catch (error) {
		signal?.throwIfAborted();
		if (error instanceof Outside)
			throw new Failure(`${file} was refused: ${error.message}.`, {
				hint: './etabli export makes no such archive: do not use it.',
				cause: error,
			});
		throw explainFileError(error, `import ${file}`);
	} finally {
		rmSync(hidden, { recursive: true, force: true });
		rmSync(aside, { recursive: true, force: true });
	}
}

/** @throws Failure when one of the disks is too small */
function checkRoom({ paths, engineFolder, file }: ImportRequest, { bytes }: ExportHeader, whole: number): void {
	const needs = [{ folder: paths.data, need: whole + bytes.files, what: 'for unpacking' }];
	if (engineFolder !== undefined && existsSync(engineFolder)) needs.push({ folder: engineFolder, need: bytes.images, what: 'for images' });
	const same = needs.length > 1 && statSync(paths.data).dev === statSync(needs[1]?.folder ?? '').dev;
	for (const { folder, need, what } of needs) {
		const { bavail, bsize } = statfsSync(folder);
		const wanted = (same ? needs.reduce((sum, each) => sum + each.need, 0) : need) + reserve;
		if (bavail * bsize >= wanted) continue;
		throw new Failure(
			`The disk is too small for ${file}: ${inUnits(wanted)} are needed in ${folder} ${what}, ${inUnits(bavail * bsize)} are free.`,
			{
				hint: 'Free some space (df -h shows where), or choose another folder with --data.',
			},
		);
	}
}

/** The archive must hold what its header says. @throws Failure */
function checkContents(header: ExportHeader, files: string, file: string): void {
	const slugs = header.courses.map(({ slug }) => slug).sort();
	const there = existsSync(join(files, 'courses')) ? readdirSync(join(files, 'courses')).sort() : [];
	const missing = ['site', 'guest', 'stamps'].filter((name) => !existsSync(join(files, name)));
	if (missing.length === 0 && slugs.join() === there.join()) return;
	throw new Failure(`${file} does not hold what it says: ${missing[0] ?? `the courses ${slugs.join(', ')}`}.`, {
		hint: './etabli export makes no such archive: do not use it.',
	});
}

/** Courses that are not here yet. @throws Failure for one that is here and is another */
function coursesToPlace({ courses, file }: ImportRequest, from: string): string[] {
	const here = existsSync(courses) ? findCourses(courses).folders : [];
	return readdirSync(from).filter((slug) => {
		const path = here.find((folder) => folder.slug === slug)?.path ?? join(courses, slug);
		if (!existsSync(path)) return true;
		const content = (folder: string): string =>
			hashInputs({ root: folder, paths: [folder], except: ['.git', 'node_modules', versionFile] });
		if (content(path) === content(join(from, slug))) return false;
		throw new Failure(`The course "${slug}" is here already (${path}), and differs from the one in ${file}.`, {
			hint: `Move it away, or import beside it: --courses DIR names another folder of courses than ${dirname(path)}.`,
		});
	});
}

function replaceFolder(fresh: string, path: string): void {
	const old = `${path}.old`;
	rmSync(old, { recursive: true, force: true });
	if (existsSync(path)) renameSync(path, old);
	renameSync(fresh, path);
	rmSync(old, { recursive: true, force: true });
}
