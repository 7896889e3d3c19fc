/** All images that an installation needs, each built only when what it is made of has changed. */
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Course } from '../../src/shared/course/course.ts';
import type { ImageStore } from '../images/image-store.ts';
import type { Seed, SeedStore } from '../registry/seed.ts';
import { systemFolder } from '../runtimes/sandbox-container.ts';
import { Failure } from './failure.ts';
import { buildImage, imageFolderHash } from './image-build.ts';
import type { Asker } from './packages.ts';
import { root } from './paths.ts';
import type { Progress } from './progress.ts';
import { sideBySide } from './side-by-side.ts';

export interface ImagesRequest {
	store: ImageStore;
	courses: readonly Course[];
	/** --trust: absolute paths of courses, or folders of them. */
	trust: readonly string[];
	/** --mirror */
	mirror: string | undefined;
	/** Folder for large temporary files. */
	temporary: string;
	/** As BaseRequest.rootless. */
	rootless?: boolean;
	asker: Asker;
	progress: Progress;
	signal?: AbortSignal | undefined;
}

export interface Images {
	/** Debian 13. */
	base: string;
	/** The registry server's image; undefined when no course has registry images. */
	registry: string | undefined;
	/** The registry runs beside this server, and is no engine's. */
	registryBeside?: boolean;
	/** Course slug → the learners' machine. */
	courses: Record<string, string>;
	/** Images to be put into the registry: `name` as lessons know it, such as "lolcow:1.0". */
	seeds: Seed[];
	/** Where they are, if not in the engine's store. */
	seedStore?: SeedStore;
}

/** Old images of a name that are kept: another server of this machine may still use the one before. */
const keptBesides = 1;

/** One image that is built from a folder of ours or of a course, or out of another by a Dockerfile alone. */
interface Build {
	title: string;
	/** Builds of one lane come one after the other: learners' machines are built upon each other's layers. */
	lane: 'machines' | 'registry';
	/** Without its tag. */
	name: string;
	from: { folder: string } | { dockerfile: string };
	reference: string;
	/** The course whose Dockerfile it is; undefined: ours. */
	course: Course | undefined;
}

/** May its Dockerfiles use this machine's network? Those in the checkout came with it, or were put there by whoever runs it. */
export function isTrusted({ path }: Pick<Course, 'path'>, trust: readonly string[]): boolean {
	const folders = [root, ...trust].filter((folder) => existsSync(folder)).map((folder) => realpathSync(folder));
	return folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}

/**
 * What the images of courses are called: each name carries a hash of what the image is made of.
 * @param base reference of Debian's image
 * @throws Failure when a folder has no Dockerfile
 */
export function planImages(courses: readonly Course[], base: string): { images: Images; builds: Build[] } {
	const builds: Build[] = [];
	const plan = (lane: Build['lane'], title: string, name: string, folder: string, course?: Course): string => {
		if (!existsSync(join(folder, 'Dockerfile')))
			throw new Failure(`${join(folder, 'Dockerfile')} does not exist.`, {
				hint: 'Write it: its first lines are ARG BASE and FROM ${BASE}.',
			});
		const reference = `${name}:${imageFolderHash(folder, [base])}`;
		builds.push({ title, lane, name, from: { folder }, reference, course });
		return reference;
	};
	const images: Images = { base, registry: undefined, courses: {}, seeds: [] };
	if (courses.some((course) => course.settings.registry.length > 0)) {
		images.registry = plan('registry', 'Image of the registry', 'etabli-registry', join(root, 'sandbox-server/registry/image'));
	}
	for (const course of courses) {
		const machine = plan(
			'machines',
			`Learners’ machine of the course ${course.slug}`,
			`etabli-course-${course.slug}`,
			join(course.path, course.settings.image),
			course,
		);
		images.courses[course.slug] = machine;
		if (course.settings.user === 'root') {
			const build = rootBuild(course, machine);
			builds.push(build);
			images.courses[course.slug] = build.reference;
		}
		for (const { name, from } of course.settings.registry) {
			const repository = `etabli-seed/${course.slug}/${name.slice(0, name.lastIndexOf(':'))}`;
			const image = plan('registry', `Registry image ${name} of ${course.slug}`, repository, join(course.path, from), course);
			images.seeds.push({ course: course.slug, name, image });
		}
	}
	return { images, builds };
}

/** @param base reference of Debian's image @throws Failure when an image cannot be made */
export async function ensureImages(request: ImagesRequest & { base: string }): Promise<Images> {
	const { images, builds } = planImages(request.courses, request.base);
	const lane = (which: Build['lane']) => async (signal: AbortSignal) => {
		for (const build of builds) if (build.lane === which) await ensureImage(build, { ...request, signal });
	};
	if (request.rootless) for (const build of builds) await ensureImage(build, request);
	else await sideBySide(request.signal, lane('machines'), lane('registry'));
	return images;
}

async function ensureImage({ title, name, from, reference, course }: Build, request: ImagesRequest & { base: string }): Promise<void> {
	const { store, base, signal } = request;
	if (await store.inspect(reference)) return;
	const network = course && !isTrusted(course, request.trust) ? 'engine' : 'host';
	if (course && network === 'engine' && store.onlyHostNetwork)
		throw new Failure(
			`The course ${course.slug} comes from elsewhere, and Podman builds with this machine’s own network, whatever it is asked for: its Dockerfiles would reach what listens on 127.0.0.1 here.`,
			{ hint: `Read its Dockerfiles. If you trust them with that, say so: --trust ${course.path}. Or let Docker build it.` },
		);
	await request.progress.step(title, (step) => buildImage({ images: store, from, reference, args: { BASE: base }, network, step, signal }));
	await removeOld(store, name, reference);
}

/**
 * The same machine for learners who are root of a namespace of their own: its files once more, as theirs. The root of a namespace has a say over the
 * files of those users only whom the namespace knows, and it knows one. apt's own user is not among them.
 */
export function rootDockerfile(machine: string): string {
	return [
		'ARG BASE',
		`FROM ${machine} AS system`,
		'USER root',
		`RUN mkdir -p /etc/apt/apt.conf.d && echo 'APT::Sandbox::User "root";' > /etc/apt/apt.conf.d/90etabli`,
		`FROM ${machine}`,
		`COPY --from=system --chown=1000:1000 / ${systemFolder}/`,
		'',
	].join('\n');
}

function rootBuild(course: Course, machine: string): Build {
	const { slug } = course;
	const dockerfile = rootDockerfile(machine);
	const name = `etabli-root-${slug}`;
	const reference = `${name}:${imageFolderHash(undefined, [dockerfile])}`;
	return { title: `Its files, for learners who are root there (${slug})`, lane: 'machines', name, from: { dockerfile }, reference, course };
}

/** The image with which programs for the sandbox are compiled; it is made only when needed. */
export async function ensureToolchain(request: ImagesRequest & { base: string }): Promise<string> {
	const dockerfile = [
		'ARG BASE',
		'FROM ${BASE}',
		'RUN apt-get update -q -o Acquire::Check-Valid-Until=false && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*',
		'',
	].join('\n');
	const reference = `etabli-toolchain:${imageFolderHash(undefined, [dockerfile, request.base])}`;
	if (await request.store.inspect(reference)) return reference;
	await request.progress.step('Compiler for the programs of the sandbox', (step) =>
		buildImage({
			images: request.store,
			from: { dockerfile },
			reference,
			args: { BASE: request.base },
			network: 'host',
			step,
			signal: request.signal,
		}),
	);
	await removeOld(request.store, 'etabli-toolchain', reference);
	return reference;
}

/** Takes names away from older images of the repository, but from the newest of them. */
export async function removeOld(store: ImageStore, repository: string, current: string): Promise<void> {
	const old = (await store.names(repository)).filter((name) => name.startsWith(`${repository}:`) && name !== current);
	// One that a container still uses stays: the next build removes it.
	for (const name of old.slice(keptBesides)) await store.untag(name);
}
