/** All that a server needs, in order; each step does nothing when it is done already. */
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { CoursePaths } from '../../src/courses/folders.ts';
import { formatProblems, loadCourses } from '../../src/courses/load.ts';
import type { Course } from '../../src/shared/course/course.ts';
import type { ServerConfig } from '../config.ts';
import type { Engine } from '../runtimes/engine.ts';
import { fuseWarning, rootlessFacts } from '../runtimes/rootless/choice.ts';
import { loadProfile, profileName } from './apparmor.ts';
import { ensureBase } from './base-image.ts';
import { type EngineAnswer, ensureEngine, lookForEngine, looksHere } from './engine.ts';
import { Failure } from './failure.ts';
import { ensureFuse } from './fuse.ts';
import { ensureGuest } from './guest.ts';
import { ensureImages, ensureToolchain, type Images, type ImagesRequest } from './images.ts';
import { ensureKernelLimits } from './kernel-limits.ts';
import type { Asker } from './packages.ts';
import { type DataPaths, preparedFolder, root } from './paths.ts';
import { readSeeds } from './prepared-seeds.ts';
import type { Progress } from './progress.ts';
import { sideBySide } from './side-by-side.ts';
import { ensureSite } from './site.ts';
import { Stamps } from './stamps.ts';

export interface PrepareRequest {
	config: ServerConfig;
	paths: DataPaths;
	asker: Asker;
	progress: Progress;
	signal?: AbortSignal | undefined;
	/** Ends what is not to be left half done because something beside it has failed: packages of the machine. `signal` if left out. */
	stop?: AbortSignal | undefined;
}

/** What sandboxes are made with. */
export interface Machinery {
	engine: Engine;
	images: Images;
	/** Folder that is mounted at /opt/etabli. */
	guest: string;
}

export interface LaterMachinery {
	/** Tries once. undefined: the engine does not answer. @throws Failure when it does, and something else is missing */
	attempt: (signal: AbortSignal) => Promise<Machinery | undefined>;
	/** As in the machinery to come. */
	guest: string;
	/** The engine is to be on this machine. */
	local: boolean;
}

export interface Prepared {
	courses: Course[];
	/** undefined: the lessons are served for reading. */
	machinery: Machinery | undefined;
	/** How it is had once the engine answers, which it did not; undefined: there is none to wait for. */
	later?: LaterMachinery | undefined;
	/** Why there is no machinery. */
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

/**
 * What can be served of the courses: what has a mistake is left out, and said so aloud.
 * @throws Failure naming every mistake, when nothing is left
 */
export function servedCourses(paths: CoursePaths, progress: Progress): Course[] {
	const { courses, problems, leftOut } = loadCourses(paths);
	if (courses.length === 0) throw new Failure(formatProblems(problems), { hint: 'Mend the courses, then run this again.' });
	if (problems.length > 0) {
		const what = leftOut.length > 0 ? `\nNOT SERVED, until it is mended and this is started anew: ${leftOut.join(', ')}.` : '';
		progress.say(`\n${formatProblems(problems)}\n${what}\n`);
	}
	return courses;
}

/** The site is built while images are. @throws Failure */
export async function prepare(request: PrepareRequest): Promise<Prepared> {
	const begun = await begin(request);
	const { accessibility, clusterProfile, courses: folders } = request.config;
	const stop = request.signal ?? new AbortController().signal;
	const [sandbox, { site, courses }] = await sideBySide(
		stop,
		(signal) => finishSandboxes(begun, { ...request, signal, stop }),
		(signal) => ensureSite({ ...request, courses: begun.courses, folders, accessibility, clusterProfile, signal }),
	);
	return { ...sandbox, courses, site };
}

/** Everything but the site. @throws Failure */
export async function prepareSandboxes(request: PrepareRequest): Promise<Omit<Prepared, 'site'>> {
	return finishSandboxes(await begin(request), request);
}

interface Begun extends EngineAnswer {
	courses: Course[];
}

/** What a person may be asked about comes first. @throws Failure */
async function begin(request: PrepareRequest): Promise<Begun> {
	const { config, progress } = request;
	const courses = servedCourses(config.courses, progress);
	const found = await ensureEngine({ ...request, url: config.engine, kubernetes: config.kubernetes });
	if (found.starter !== undefined) progress.say(found.starter);
	return { courses, ...found };
}

async function finishSandboxes({ courses, engine, mayCome, ...begun }: Begun, request: PrepareRequest): Promise<Omit<Prepared, 'site'>> {
	const { config } = request;
	let { why } = begun;
	let machinery: Machinery | undefined;
	try {
		machinery = engine && (await prepareMachinery(engine, courses, request));
	} catch (error) {
		// Nobody has asked for it: that it cannot be had leaves the machine as it would be without.
		const ended = request.signal?.aborted ?? false;
		if (!(error instanceof Failure) || ended || engine?.kind !== 'rootless' || config.engine !== undefined) throw error;
		why = [error.message, error.hint].filter(Boolean).join('\n');
	}
	if (why !== undefined)
		request.progress.say(
			mayCome
				? `\n${why}\nThe lessons are served meanwhile. Learners are told that there are no sandboxes for the moment, and have them as soon as it answers: there is no need to start anew.\n`
				: `\n${why}\nUntil then the lessons are served for reading, without sandboxes.\n`,
		);
	return { courses, machinery, later: mayCome ? laterMachinery(courses, request) : undefined, why };
}

function laterMachinery(courses: readonly Course[], request: PrepareRequest): LaterMachinery {
	const { config, paths } = request;
	// The server runs by then: a person at the terminal is not waiting for questions, and what was not asked is not installed.
	const unasked: Asker = { ...request.asker, input: Readable.from([]), output: new PassThrough().resume() };
	return {
		attempt: async (signal) => {
			const engine = await lookForEngine({ url: config.engine, kubernetes: config.kubernetes, paths });
			return engine && (await prepareMachinery(engine, courses, { ...request, asker: unasked, signal }));
		},
		guest: paths.guest,
		local: looksHere(config.engine),
	};
}

/** Images that are made elsewhere. @throws Failure naming courses that have none */
function givenImages(
	courses: readonly Course[],
	given: Record<string, string>,
	{ registryBeside = false }: Engine,
	progress: Progress,
): Images {
	const without = courses.filter(({ slug }) => given[slug] === undefined).map(({ slug }) => slug);
	if (without.length > 0)
		throw new Failure(`The file of --kubernetes names no image for: ${without.join(', ')}.`, {
			hint: 'Name one for each course (images:), or serve other courses (--courses). docs/operator/kubernetes.md',
		});
	if (registryBeside) {
		const { seeds, images } = readSeeds(join(root, preparedFolder, 'seeds'));
		return { base: '', registry: undefined, registryBeside, courses: given, seeds, seedStore: images };
	}
	const pulling = courses.filter(({ settings }) => settings.registry.length > 0).map(({ slug }) => slug);
	if (pulling.length > 0)
		progress.say(
			`Warning: no registry of the courses runs beside this server (registry: in the file of --kubernetes): what lessons of ${pulling.join(', ')} pull from localhost:5000, or push to it, will fail.`,
		);
	return { base: '', registry: undefined, courses: given, seeds: [] };
}

function noCompiler(): never {
	throw new Failure('The agent cannot be compiled: this machine has no C compiler, or no C library to link statically with.', {
		hint: 'Ask for gcc and libc6-dev (Red Hat’s: gcc, glibc-static), or bring all of it from another machine: ./etabli export there, ./etabli import here (docs/operator/rootless.md).',
	});
}

/** Images and programs of the sandboxes. @throws Failure */
export async function prepareMachinery(found: Engine, courses: readonly Course[], request: PrepareRequest): Promise<Machinery> {
	const { config, paths, progress } = request;
	if (found.givenImages) return { engine: found, images: givenImages(courses, found.givenImages, found, progress), guest: paths.guest };
	let engine = found;
	const rootless = engine.kind === 'rootless';
	if (rootless) {
		const warning = fuseWarning(rootlessFacts());
		if (warning !== undefined) progress.say(`Warning: ${warning}`);
	}
	// What would need root is not for one who is not. An engine elsewhere has its own devices and profiles: its operator's affair, and doctor says so.
	if (engine.local && !rootless) {
		await ensureFuse(progress);
		await ensureKernelLimits(progress);
		if (await loadProfile(progress, new Stamps(paths.stamps))) engine = engine.withApparmor(profileName);
	}
	const imagesRequest: ImagesRequest = {
		store: engine.images,
		courses,
		trust: config.trust,
		mirror: config.mirror,
		temporary: join(paths.data, 'tmp'),
		rootless,
		asker: request.asker,
		progress,
		signal: request.signal,
	};
	let base: Promise<string> | undefined;
	const baseOnce = (signal: AbortSignal | undefined) => {
		base ??= ensureBase({ ...imagesRequest, signal: request.stop ?? signal });
		return base;
	};
	if (rootless) {
		// What builds images there is the agent.
		const guest = await ensureGuest({ images: engine.images, paths, progress, signal: request.signal, toolchain: noCompiler });
		engine = engine.withGuest?.(guest) ?? engine;
		imagesRequest.store = engine.images;
		return { engine, images: await ensureImages({ ...imagesRequest, base: await baseOnce(request.signal) }), guest };
	}
	const [images, guest] = await sideBySide(
		request.signal,
		async (signal) => ensureImages({ ...imagesRequest, base: await baseOnce(signal), signal }),
		(signal) => {
			const toolchain = async () => ensureToolchain({ ...imagesRequest, base: await baseOnce(signal), signal });
			return ensureGuest({ images: engine.images, paths, progress, signal, toolchain });
		},
	);
	return { engine, images, guest };
}
