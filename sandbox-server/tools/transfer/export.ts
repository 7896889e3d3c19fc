/** `etabli export`: everything that a machine without internet needs for some courses, in one file. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { versionFile } from '../../../src/courses/course-version.ts';
import type { Course } from '../../../src/shared/course/course.ts';
import { versionText } from '../../../src/shared/protocol/version.ts';
import type { ImageStore } from '../../images/image-store.ts';
import { baseReference } from '../../setup/base-image.ts';
import { explainFileError, Failure } from '../../setup/failure.ts';
import { type Images, planImages } from '../../setup/images.ts';
import { type DataPaths, root } from '../../setup/paths.ts';
import type { Progress, Step } from '../../setup/progress.ts';
import { type Branch, Outside, packFiles, sizeOf } from './files.ts';
import { type ExportHeader, format, headerName, inUnits, kind, programFolder } from './format.ts';
import { type NoticesRequest, noticesName, thirdPartyNotices } from './notices.ts';
import { packedName, packRuntime, programFiles, programHash, takenAlong } from './program.ts';
import { ArchiveWriter } from './write.ts';

export interface ExportRequest {
	/** Absolute path of the archive; it must not be there. */
	file: string;
	courses: readonly Course[];
	store: ImageStore;
	/** As Containers.read. */
	read: NoticesRequest['read'];
	images: Images;
	/** Of the guest files, the site and the stamps, made for these very courses. */
	paths: DataPaths;
	progress: Progress;
	signal?: AbortSignal | undefined;
}

/** @returns size and SHA-256 of the archive @throws Failure; then there is no archive */
export async function exportCourses(request: ExportRequest): Promise<{ bytes: number; sha256: string }> {
	const { file, progress, paths, signal } = request;
	if (existsSync(file)) throw new Failure(`${file} exists already.`, { hint: 'Move it away, or give another name.' });
	const draft = `${file}.${process.pid}.part`;
	mkdirSync(join(paths.data, 'tmp'), { recursive: true });
	const work = mkdtempSync(join(paths.data, 'tmp/export-'));
	let writer: ArchiveWriter | undefined;
	try {
		const packed = await progress.step('Packing Node.js and the packages', () => packRuntime(work, signal));
		const branches = branchesOf(request);
		const header = await describe(request, branches);
		const notices = await thirdPartyNotices({ root, ...takenAlong(), images: header.images.map(({ saved }) => saved), read: request.read });
		writer = new ArchiveWriter(draft, signal);
		const archive = writer;
		await part(request, 'Writing Établi itself', archive, async () => {
			await archive.text(headerName, `${JSON.stringify(header, undefined, '\t')}\n`);
			for (const name of programFiles()) await archive.file(`${programFolder}/${name}`, join(root, name));
			await archive.text(`${programFolder}/${noticesName}`, notices);
			await archive.file(`${programFolder}/${packedName}`, packed);
		});
		await part(request, 'Writing site and courses', archive, () => archive.stream('files', packFiles(branches), signal));
		await part(request, 'Writing images', archive, async () => {
			const names = header.images.map(({ saved }) => saved);
			await archive.stream('images', await request.store.save(names, signal), signal);
		});
		const result = await archive.finish();
		renameSync(draft, file);
		return result;
	} catch (error) {
		await writer?.abandon();
		rmSync(draft, { force: true });
		signal?.throwIfAborted();
		if (error instanceof Outside) throw new Failure(`Nothing was exported: ${error.message}.`, { cause: error });
		throw explainFileError(error, `write ${file}`);
	} finally {
		rmSync(work, { recursive: true, force: true });
	}
}

/** A step that tells how much has been written. */
async function part({ progress }: ExportRequest, title: string, writer: ArchiveWriter, work: () => Promise<void>): Promise<void> {
	const before = writer.bytes;
	await progress.step(title, async (step: Step) => {
		const timer = setInterval(() => step.detail(inUnits(writer.bytes - before)), 500);
		try {
			await work();
		} finally {
			clearInterval(timer);
		}
		step.remark = inUnits(writer.bytes - before);
	});
}

function branchesOf({ courses, paths }: ExportRequest): Branch[] {
	return [
		{ as: 'site', path: paths.site },
		{ as: 'guest', path: paths.guest },
		{ as: 'stamps', path: paths.stamps },
		...courses.map(({ slug, path, version }): Branch => {
			// Its repository stays here: the commit is written down.
			const { number: _, ...commit } = version ?? { modified: false };
			const extra: Record<string, string> = version?.commit === undefined ? {} : { [versionFile]: `${JSON.stringify(commit)}\n` };
			return { as: `courses/${slug}`, path, except: ['.git', 'node_modules', versionFile], extra };
		}),
	];
}

async function describe({ courses, store, images }: ExportRequest, branches: readonly Branch[]): Promise<ExportHeader> {
	// There, nobody says which mirror they would be built from: they are called as they are without --mirror.
	const names = planImages(courses, baseReference(undefined)).images;
	const pairs = [
		{ saved: images.base, as: names.base },
		...(images.registry && names.registry ? [{ saved: images.registry, as: names.registry }] : []),
		...courses.map(({ slug }) => ({ saved: images.courses[slug] ?? '', as: names.courses[slug] ?? '' })),
		...images.seeds.map(({ image }, index) => ({ saved: image, as: names.seeds[index]?.image ?? '' })),
	];
	const sizes = await Promise.all(pairs.map(async ({ saved }) => (await store.inspect(saved))?.bytes ?? 0));
	const [base = 0] = sizes;
	return {
		kind,
		format,
		etabli: (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version,
		program: programHash(),
		architecture: process.arch,
		node: process.versions.node,
		created: new Date().toISOString(),
		courses: courses.map(({ slug, settings, version }) => {
			const text = versionText(version);
			return { slug, title: settings.title.fr, ...(text !== undefined && { version: text }) };
		}),
		images: [...new Map(pairs.map((pair) => [pair.saved, pair])).values()],
		// Most images stand on the base, which counts once.
		bytes: { files: sizeOf(branches), images: sizes.reduce((sum, size) => sum + (size > base ? size - base : size), base) },
	};
}

/** Where the archive is to be. @throws Failure when its folder is not there */
export function checkTarget(file: string): void {
	if (existsSync(file)) throw new Failure(`${file} exists already.`, { hint: 'Move it away, or give another name.' });
	if (!existsSync(dirname(file))) throw new Failure(`There is no folder ${dirname(file)}.`, { hint: `Make it: mkdir -p ${dirname(file)}` });
}
