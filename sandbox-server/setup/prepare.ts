/** All that a server needs, in order; each step does nothing when it is done already. */
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { formatProblems, loadCourses } from '../../src/courses/load.ts';
import type { CoursePaths } from '../../src/courses/places.ts';
import type { Course } from '../../src/shared/course.ts';
import type { ServerConfig } from '../config.ts';
import { DockerEngine } from '../engines/docker.ts';
import { loadProfile, profileName } from './apparmor.ts';
import { ensureEngine, lookForEngine, looksHere } from './engine.ts';
import { Failure } from './failure.ts';
import { ensureFuse } from './fuse.ts';
import { ensureGuest } from './guest.ts';
import { ensureImages, ensureToolchain, type Images, type ImagesRequest } from './images.ts';
import { ensureKernelLimits } from './kernel-limits.ts';
import type { Asker } from './packages.ts';
import type { DataPaths } from './paths.ts';
import type { Progress } from './progress.ts';
import { ensureSite } from './site.ts';

export interface PrepareRequest {
	config: ServerConfig;
	paths: DataPaths;
	asker: Asker;
	progress: Progress;
	signal?: AbortSignal | undefined;
}

/** What sandboxes are made with. */
export interface Workshop {
	engine: DockerEngine;
	images: Images;
	/** Folder that is mounted at /opt/etabli. */
	guest: string;
}

export interface LaterWorkshop {
	/** Tries once. undefined: the engine does not answer. @throws Failure when it does, and something else is missing */
	attempt: (signal: AbortSignal) => Promise<Workshop | undefined>;
	/** As in the workshop to come. */
	guest: string;
	/** The engine is to be on this machine. */
	local: boolean;
}

export interface Prepared {
	courses: Course[];
	/** undefined: the lessons are served for reading. */
	workshop: Workshop | undefined;
	/** How it is had once the engine answers, which it did not; undefined: there is none to wait for. */
	later?: LaterWorkshop | undefined;
	/** Why there is no workshop. */
	why: string | undefined;
	/** Folder of the built site. */
	site: string;
}

/** @throws Failure naming every mistake of the courses */
export function readCourses(paths: CoursePaths): Course[] {
	const { courses, problems } = loadCourses(paths);
	if (problems.length > 0) throw new Failure(formatProblems(problems), { hint: 'Mend the courses, then run this again.' });
	return courses;
}

/** @throws Failure */
export async function prepare(request: PrepareRequest): Promise<Prepared> {
	const bench = await prepareBench(request);
	const site = await ensureSite({ ...request, courses: bench.courses, folders: request.config.courses });
	return { ...bench, site };
}

/** Everything but the site. @throws Failure */
export async function prepareBench(request: PrepareRequest): Promise<Omit<Prepared, 'site'>> {
	const { config } = request;
	const courses = readCourses(config.courses);
	const { engine, why, mayCome } = await ensureEngine({ ...request, url: config.engine });
	const workshop = engine && (await prepareWorkshop(engine, courses, request));
	if (why !== undefined)
		request.progress.say(
			mayCome
				? `\n${why}\nThe lessons are served meanwhile. Learners are told that there are no sandboxes for the moment, and have them as soon as it answers: there is no need to start anew.\n`
				: `\n${why}\nUntil then the lessons are served for reading, without sandboxes.\n`,
		);
	return { courses, workshop, later: mayCome ? laterWorkshop(courses, request) : undefined, why };
}

function laterWorkshop(courses: readonly Course[], request: PrepareRequest): LaterWorkshop {
	const { config, paths } = request;
	// The server runs by then: a person at the terminal is not waiting for questions, and what was not asked is not installed.
	const unasked: Asker = { ...request.asker, input: Readable.from([]), output: new PassThrough().resume() };
	return {
		attempt: async (signal) => {
			const engine = await lookForEngine({ url: config.engine, paths });
			return engine && (await prepareWorkshop(engine, courses, { ...request, asker: unasked, signal }));
		},
		guest: paths.guest,
		local: looksHere(config.engine),
	};
}

/** Images and programs of the sandboxes. @throws Failure */
export async function prepareWorkshop(found: DockerEngine, courses: readonly Course[], request: PrepareRequest): Promise<Workshop> {
	const { config, paths, progress } = request;
	let engine = found;
	// An engine elsewhere has its own devices and profiles: its operator's affair, and doctor says so.
	if (engine.url.startsWith('unix:')) {
		await ensureFuse(progress);
		await ensureKernelLimits(progress);
		if (await loadProfile(progress)) engine = await DockerEngine.connect({ url: engine.url, stateDir: paths.run, apparmor: profileName });
	}
	const imagesRequest: ImagesRequest = {
		docker: engine.docker,
		courses,
		mirror: config.mirror,
		temporary: join(paths.data, 'tmp'),
		asker: request.asker,
		progress,
		signal: request.signal,
	};
	const images = await ensureImages(imagesRequest);
	const guest = await ensureGuest({
		docker: engine.docker,
		paths,
		progress,
		signal: request.signal,
		toolchain: () => ensureToolchain({ ...imagesRequest, base: images.base }),
	});
	return { engine, images, guest };
}
