/**
 * The image of a server that runs in a cluster: Debian, the Node that runs here, Établi's files, the packages that a server imports as they lie in
 * node_modules, the courses, and the site built of them. Nothing is built or fetched where it runs.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { versionFile } from '../../src/courses/course-version.ts';
import type { Course } from '../../src/shared/course/course.ts';
import type { ImageStore } from '../images/image-store.ts';
import type { Seed } from '../registry/seed.ts';
import { programFiles } from '../tools/transfer/program.ts';
import { Failure } from './failure.ts';
import { buildImage, imageFolderHash } from './image-build.ts';
import { removeOld } from './images.ts';
import { nodeProgram, packagePaths } from './node-agent-image.ts';
import { dataPaths, preparedFolder, root } from './paths.ts';
import { readCourses } from './prepare.ts';
import { saveSeeds } from './prepared-seeds.ts';
import type { Progress } from './progress.ts';
import { runOk } from './run.ts';
import { ensureSite } from './site.ts';

export interface ServerImageRequest {
	store: ImageStore;
	/** Reference of Debian's image. */
	base: string;
	courses: readonly Course[];
	/** Images that their lessons pull. */
	seeds: readonly Seed[];
	/** Absolute paths of files of the operator that pages are made with. */
	accessibility: string | undefined;
	clusterProfile: string | undefined;
	/** Folder for what is built on the way; kept, so that the next time is shorter. */
	work: string;
	progress: Progress;
	signal?: AbortSignal | undefined;
}

const name = 'etabli-server';

/** @returns its reference @throws Failure when it cannot be built */
export async function ensureServerImage(request: ServerImageRequest): Promise<string> {
	const { store, base, work, progress, signal } = request;
	const folder = join(work, `context-${process.pid}`);
	rmSync(folder, { recursive: true, force: true });
	try {
		await gather(folder, request);
		// Whatever the umask here: the server there is another user.
		await runOk('chmod', ['-R', 'a+rX', folder]);
		const reference = `${name}:${imageFolderHash(folder, [base])}`;
		if (await store.inspect(reference)) return reference;
		await progress.step('Server for Kubernetes', (step) =>
			buildImage({ images: store, from: { folder }, reference, args: { BASE: base }, network: 'engine', step, signal }),
		);
		await removeOld(store, name, reference);
		return reference;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function copy(from: string, to: string, except: readonly string[] = []): void {
	mkdirSync(dirname(to), { recursive: true });
	cpSync(from, to, { recursive: true, dereference: true, filter: (path) => !except.includes(path.slice(path.lastIndexOf('/') + 1)) });
}

async function gather(folder: string, request: ServerImageRequest): Promise<void> {
	const at = join(folder, 'etabli');
	await checkNode(nodeProgram());
	copy(join(root, 'sandbox-server/deploy/server-image/Dockerfile'), join(folder, 'Dockerfile'));
	copy(nodeProgram(), join(at, 'node'));
	const files = programFiles();
	for (const file of files) copy(join(root, file), join(at, file));
	for (const path of packagePaths(serverPackages(files))) copy(join(root, path), join(at, path));
	// npm's own list: commands look there whether everything has been brought.
	copy(join(root, 'node_modules/.package-lock.json'), join(at, 'node_modules/.package-lock.json'));
	for (const { slug, path, version } of request.courses) {
		const to = join(at, 'courses', slug);
		copy(path, to, ['.git', 'node_modules', versionFile]);
		// Its repository stays here: the commit is written down.
		const { number: _, ...commit } = version ?? { modified: false };
		if (version?.commit !== undefined) writeFileSync(join(to, versionFile), `${JSON.stringify(commit)}\n`);
	}
	const { store, seeds, signal } = request;
	await saveSeeds({ store, seeds, folder: join(at, preparedFolder, 'seeds'), signal });
	await addSite(at, request);
}

/** Built of what the image has, so that the server there finds it made of the very same. */
async function addSite(at: string, { work, accessibility, clusterProfile, progress, signal }: ServerImageRequest): Promise<void> {
	const folders = [join(at, 'courses')];
	const paths = dataPaths(work);
	const courses = readCourses(folders);
	const { site, ...served } = await ensureSite({ paths, courses, folders, accessibility, clusterProfile, progress, signal });
	const lessons = (some: readonly Course[]) => some.reduce((sum, one) => sum + one.lessons.length, 0);
	if (lessons(served.courses) < lessons(courses))
		throw new Failure('An image is made of lessons of which all can be served.', {
			hint: 'Mend those that are named above, then run this again.',
		});
	const there = dataPaths(join(at, preparedFolder));
	copy(site, there.site);
	copy(join(paths.stamps, 'site'), join(there.stamps, 'site'));
	const given = Object.entries({ accessibility, clusterProfile }).filter(([, file]) => file !== undefined);
	for (const [option, file = ''] of given) copy(file, join(at, preparedFolder, `${option}.yaml`));
	const settings = Object.fromEntries(given.map(([option]) => [option, `${preparedFolder}/${option}.yaml`]));
	if (given.length > 0) writeFileSync(join(at, 'etabli.yaml'), stringify(settings));
}

/** Those of package.json that are named where a server's programs are. @param files of the program, from the checkout @throws Failure */
export function serverPackages(files: readonly string[]): string[] {
	const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
	const texts = files
		.filter((file) => /^(sandbox-server|src\/(shared|courses))\/.*\.ts$/.test(file) && !/\.test\.ts$/.test(file))
		.map((file) => readFileSync(join(root, file), 'utf8'));
	const used = Object.keys(dependencies).filter((each) => texts.some((text) => text.includes(`'${each}'`) || text.includes(`'${each}/`)));
	for (const each of used)
		if (!existsSync(resolve(root, 'node_modules', each))) throw new Failure(`${each} is not installed.`, { hint: 'Type: npm install' });
	return used;
}

/** The site is known by the Node that has built it. @throws Failure when the image would have one of another major version */
async function checkNode(program: string): Promise<void> {
	const { stdout } = await runOk(program, ['--version']);
	const [major] = process.versions.node.split('.');
	if (stdout.trim().startsWith(`v${major}.`)) return;
	throw new Failure(`This runs with Node.js ${process.versions.node}, and the image would have ${stdout.trim()}.`, {
		hint: `Run it with that one: ETABLI_NODE=${program} ./etabli push-images …`,
	});
}
