/** What sandboxes are made with while a server runs: the engine, the images, and the courses' registry. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Course } from '../../src/shared/course/course.ts';
import type { SandboxParts } from '../app.ts';
import { readInstance } from '../labs/instance.ts';
import { diskOf } from '../platform/disk.ts';
import { RegistryBeside } from '../registry/beside.ts';
import { CourseImageReader } from '../registry/course-images.ts';
import { RegistryFront } from '../registry/front.ts';
import { seedRegistry } from '../registry/seed.ts';
import { RegistryService } from '../registry/service.ts';
import { removeUnused, usedByAll, usedBytes } from '../registry/storage.ts';
import { sharedIdText } from '../runtimes/id-range.ts';
import { clusterOf } from '../runtimes/kubernetes/choice.ts';
import { MountedFolders } from '../runtimes/mounted-folder.ts';
import { openSandboxIds } from '../runtimes/sandbox-ids.ts';
import { checkRuntimes, runtimesThere } from '../setup/course-runtimes.ts';
import { Failure } from '../setup/failure.ts';
import { patchWarnings } from '../setup/patch-floor.ts';
import type { DataPaths } from '../setup/paths.ts';
import type { Machinery } from '../setup/prepare.ts';
import type { Progress } from '../setup/progress.ts';
import { nameOf } from '../store/store.ts';

/** Images of a learner who has pushed nothing for so long are removed, days. */
const imageDays = 30;
/** Of the disk, for the images of all learners together. */
const imageShare = 0.3;

export interface PartsRequest {
	machinery: Machinery;
	courses: readonly Course[];
	paths: DataPaths;
	/** As --uids. */
	uids: string;
	progress: Progress;
	/** Faults that nobody is told of otherwise; `of`: of a part that is looked after, and tried again by itself. */
	onFault: (error: unknown, of?: 'registry') => void;
	/** What is not well with the engine, a sentence, for those who read the log later. */
	onWarning: (warning: string) => void;
	signal?: AbortSignal | undefined;
}

export interface OpenParts {
	parts: SandboxParts;
	/** @param keep sandboxes go on, and need the registry */
	close(keep: boolean): Promise<void>;
}

/** @throws Failure when the registry does not start */
export async function openParts(request: PartsRequest): Promise<OpenParts> {
	const { engine, images, guest } = request.machinery;
	const info = await engine.info(request.signal);
	const isCluster = clusterOf(engine.url) !== undefined;
	checkRuntimes(request.courses, isCluster ? { ...info, gvisor: [] } : await runtimesThere(engine.url, info));
	// Each pod has numbers of its own: its namespace of users is nobody else's.
	const { ids, why } = isCluster ? noIds : openSandboxIds(request.uids, { local: engine.local, mapsUsers: info.mapsUsers });
	await makeReady(request);
	let registry: Awaited<ReturnType<typeof openRegistry>> | undefined;
	try {
		// Where sandboxes are for one learner, which `up` says, there is nobody to share a number with.
		const shared = isCluster || info.unbounded ? [] : sharedIdWarning(request.courses, why);
		const warnings = [...(await patchWarnings(engine.url)), ...shared];
		if (images.registry !== undefined || images.registryBeside) registry = await openRegistry(request);
		// When all is there: whoever tries again says them once.
		for (const warning of warnings) {
			request.progress.say(`Warning: ${warning}`);
			request.onWarning(warning);
		}
	} catch (error) {
		ids?.close();
		throw error;
	}
	const onFault = (error: unknown) => request.onWarning(error instanceof Error ? error.message : String(error));
	const runtime = engine.runtime({ folders: new MountedFolders(request.paths.sandboxes), guest, ids, onFault });
	const parts: SandboxParts = {
		runtime,
		image: ({ slug }) => images.courses[slug] ?? '',
		listenRegistry: undefined,
		local: engine.local,
	};
	if (!registry)
		return {
			parts,
			async close() {
				ids?.close();
				await runtime.close?.();
			},
		};
	const { service, front } = registry;
	const courseImages = new CourseImageReader(service.socket);
	return {
		parts: {
			...parts,
			registryRoom: () => front.room,
			courseImages: () => courseImages,
			listenRegistry: (transport, whose) =>
				front.listen(transport, {
					...nameOf(whose),
					images: whose.course.settings.registry.map(({ name }) => name.slice(0, name.lastIndexOf(':'))),
				}),
		},
		async close(keep) {
			front.close();
			ids?.close();
			await runtime.close?.();
			if (keep) service.release();
			else await service.stop();
		},
	};
}

const noIds = { ids: undefined, why: undefined };

/** Before anybody waits for a sandbox. What cannot be made ready is told: its sandboxes will not start, those of other courses will. */
async function makeReady({ machinery, courses, progress, onFault, signal }: PartsRequest): Promise<void> {
	const { engine, images } = machinery;
	// Docker and Podman start from an image as it is.
	if (engine.builder === engine && engine.kind !== 'rootless') return;
	const wanted = [...new Set([images.registry, ...courses.map(({ slug }) => images.courses[slug])])].filter((image) => image !== undefined);
	await progress.step('Images of the sandboxes', async (step) => {
		for (const image of wanted) {
			step.detail(image);
			await engine.makeReady(image, signal).catch((error: unknown) => {
				signal?.throwIfAborted();
				progress.say(`Warning: ${error instanceof Error ? error.message : String(error)}`);
				onFault(error);
			});
		}
	});
}

/** Why sandboxes share a number of the kernel's, for the operator; nothing when each has its own. */
function sharedIdWarning(courses: readonly Course[], why: string | undefined): string[] {
	if (why !== undefined) return [`${sharedIdText} (${why}).`];
	const asRoot = courses.filter(({ settings }) => settings.user === 'root').map(({ slug }) => slug);
	return asRoot.length > 0 ? [`${sharedIdText} in courses whose learners are root (${asRoot.join(', ')}).`] : [];
}

async function openRegistry({
	machinery,
	paths,
	progress,
	onFault: told,
	signal,
}: PartsRequest): Promise<{ service: RegistryService | RegistryBeside; front: RegistryFront }> {
	const onFault = (error: unknown) => told(error, 'registry');
	const { engine, images } = machinery;
	const service = images.registryBeside
		? new RegistryBeside(paths.registry)
		: new RegistryService({
				containers: engine.containers,
				image: images.registry ?? '',
				folder: paths.registry,
				instance: readInstance(paths.data),
				onFault,
			});
	try {
		await progress.step('Registry of the courses', async (step) => {
			mkdirSync(paths.registry, { recursive: true, mode: 0o700 });
			// Before it starts: then it frees the room.
			const gone = await removeUnused(service.data, Date.now() - imageDays * 24 * 3600_000);
			if (gone.length > 0) step.detail(`removed images of ${gone.length} learners who have not pushed for ${imageDays} days`);
			await service.start(signal);
			const seedFolder = join(paths.data, 'tmp');
			mkdirSync(seedFolder, { recursive: true });
			await seedRegistry({
				images: images.seedStore ?? engine.images,
				socket: service.socket,
				folder: seedFolder,
				seeds: images.seeds,
				onImage: (name) => step.detail(`putting ${name} into it`),
				signal,
			});
		});
	} catch (error) {
		await service.stop().catch(onFault);
		signal?.throwIfAborted();
		throw new Failure(`The registry of the courses could not be made ready: ${error instanceof Error ? error.message : String(error)}`, {
			hint: './etabli doctor looks for the cause; ./etabli down, then up, starts anew (down says when learners’ sandboxes stand in the way).',
			cause: error,
		});
	}
	const front = new RegistryFront({
		upstreamSocket: service.socket,
		limits: { total: imageShare * diskOf(paths.registry).bytes },
		usedBytes: (learner) => usedBytes(service.data, learner),
		usedByAll: () => usedByAll(service.data),
		freeBytes: async () => diskOf(paths.registry).free,
		onFault: (error) => {
			onFault(error);
			service.missed();
		},
	});
	// For the figures; a push looks itself.
	await front.measure().catch(onFault);
	return { service, front };
}
