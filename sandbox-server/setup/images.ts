/** All images that an installation needs, each built only when what it is made of has changed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import type { Course } from '../../src/shared/course.ts';
import { systemFolder } from '../engines/spec.ts';
import { ensureBase } from './base-image.ts';
import { Failure } from './failure.ts';
import { buildImage, hasImage, imageFolderHash, statusOf } from './image-build.ts';
import type { Asker } from './packages.ts';
import { root } from './paths.ts';
import type { Progress } from './progress.ts';

export interface ImagesRequest {
	docker: Docker;
	courses: readonly Course[];
	/** --mirror */
	mirror: string | undefined;
	/** Folder for large temporary files. */
	temporary: string;
	asker: Asker;
	progress: Progress;
	signal?: AbortSignal | undefined;
}

export interface Images {
	/** Debian 13. */
	base: string;
	/** The registry server's image; undefined when no course has registry images. */
	registry: string | undefined;
	/** Course slug → the learners' machine. */
	courses: Record<string, string>;
	/** Images to be put into the registry: `name` as lessons know it, such as "lolcow:1.0". */
	seeds: { course: string; name: string; image: string }[];
}

/** Old images of a name that are kept: another server of this machine may still use the one before. */
const keptBesides = 1;

/** One image that is built from a folder of ours or of a course, or out of another by a Dockerfile alone. */
interface Build {
	title: string;
	/** Without its tag. */
	name: string;
	from: { folder: string } | { dockerfile: string };
	reference: string;
}

/**
 * What the images of courses are called: each name carries a hash of what the image is made of.
 * @param base reference of Debian's image
 * @throws Failure when a folder has no Dockerfile
 */
export function planImages(courses: readonly Course[], base: string): { images: Images; builds: Build[] } {
	const builds: Build[] = [];
	const plan = (title: string, name: string, folder: string): string => {
		if (!existsSync(join(folder, 'Dockerfile')))
			throw new Failure(`${join(folder, 'Dockerfile')} does not exist.`, {
				hint: 'Write it: its first lines are ARG BASE and FROM ${BASE}.',
			});
		const reference = `${name}:${imageFolderHash(folder, [base])}`;
		builds.push({ title, name, from: { folder }, reference });
		return reference;
	};
	const images: Images = { base, registry: undefined, courses: {}, seeds: [] };
	if (courses.some((course) => course.settings.registry.length > 0)) {
		images.registry = plan('Image of the registry', 'etabli-registry', join(root, 'sandbox-server/registry/image'));
	}
	for (const course of courses) {
		const machine = plan(
			`Learners’ machine of the course ${course.slug}`,
			`etabli-course-${course.slug}`,
			join(course.path, course.settings.image),
		);
		images.courses[course.slug] = machine;
		if (course.settings.user === 'root') {
			const build = rootBuild(course.slug, machine);
			builds.push(build);
			images.courses[course.slug] = build.reference;
		}
		for (const { name, from } of course.settings.registry) {
			const repository = `etabli-seed/${course.slug}/${name.slice(0, name.lastIndexOf(':'))}`;
			const image = plan(`Registry image ${name} of ${course.slug}`, repository, join(course.path, from));
			images.seeds.push({ course: course.slug, name, image });
		}
	}
	return { images, builds };
}

/** @throws Failure when an image cannot be made */
export async function ensureImages(request: ImagesRequest): Promise<Images> {
	const base = await ensureBase(request);
	const { images, builds } = planImages(request.courses, base);
	for (const { title, name, from, reference } of builds) {
		if (await hasImage(request.docker, reference)) continue;
		await request.progress.step(title, (step) =>
			buildImage({ docker: request.docker, ...from, tag: reference, args: { BASE: base }, step, signal: request.signal }),
		);
		await removeOld(request.docker, name, reference);
	}
	return images;
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

function rootBuild(slug: string, machine: string): Build {
	const dockerfile = rootDockerfile(machine);
	const name = `etabli-root-${slug}`;
	const reference = `${name}:${imageFolderHash(undefined, [dockerfile])}`;
	return { title: `Its files, for learners who are root there (${slug})`, name, from: { dockerfile }, reference };
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
	if (await hasImage(request.docker, reference)) return reference;
	await request.progress.step('Compiler for the programs of the sandbox', (step) =>
		buildImage({ docker: request.docker, dockerfile, tag: reference, args: { BASE: request.base }, step, signal: request.signal }),
	);
	await removeOld(request.docker, 'etabli-toolchain', reference);
	return reference;
}

async function removeOld(docker: Docker, repository: string, current: string): Promise<void> {
	const all = await docker.listImages({ filters: JSON.stringify({ reference: [repository] }) });
	const old = all
		.flatMap((image) => (image.RepoTags ?? []).map((tag) => ({ tag, created: image.Created })))
		.filter(({ tag }) => tag.replace(/^localhost\//, '').startsWith(`${repository}:`) && !tag.endsWith(current))
		.sort((a, b) => b.created - a.created);
	for (const { tag } of old.slice(keptBesides)) {
		try {
			await docker.getImage(tag).remove();
		} catch (error) {
			// 409: a container still uses it, the next build removes it. 404: somebody else was faster.
			if (statusOf(error) !== 409 && statusOf(error) !== 404) throw error;
		}
	}
}
