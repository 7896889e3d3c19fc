/** What sandboxes are made with while a server runs: the engine, the images, and the courses' registry. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Course } from '../../src/shared/course.ts';
import type { BenchParts } from '../app.ts';
import { readInstance } from '../instance.ts';
import { RegistryFront } from '../registry/front.ts';
import { seedRegistry } from '../registry/seed.ts';
import { RegistryService } from '../registry/service.ts';
import { freeBytes, removeUnused, usedBytes } from '../registry/storage.ts';
import { Failure } from '../setup/failure.ts';
import { checkRuntimes, patchWarnings } from '../setup/patch-floor.ts';
import type { DataPaths } from '../setup/paths.ts';
import type { Workshop } from '../setup/prepare.ts';
import type { Progress } from '../setup/progress.ts';

/** Images of a learner who has pushed nothing for so long are removed, days. */
const imageDays = 30;

export interface BenchRequest {
	workshop: Workshop;
	courses: readonly Course[];
	paths: DataPaths;
	progress: Progress;
	/** Faults that nobody is told of otherwise; `of`: of a part that is looked after, and tried again by itself. */
	onFault: (error: unknown, of?: 'registry') => void;
	signal?: AbortSignal | undefined;
}

export interface Bench {
	parts: BenchParts;
	/** @param keep sandboxes go on, and need the registry */
	close(keep: boolean): Promise<void>;
}

/** @throws Failure when the registry does not start */
export async function openBench(request: BenchRequest): Promise<Bench> {
	const { engine, images, guest } = request.workshop;
	const { runtimes } = await engine.info(request.signal);
	checkRuntimes(request.courses, runtimes);
	const warnings = await patchWarnings(engine.url);
	for (const warning of warnings) request.progress.say(`Warning: ${warning}`);
	const parts: BenchParts = {
		engine,
		image: ({ slug }) => images.courses[slug] ?? '',
		guest,
		listenRegistry: undefined,
		warnings,
		local: engine.url.startsWith('unix:'),
	};
	if (images.registry === undefined) return { parts, async close() {} };
	const { service, front } = await openRegistry(request, images.registry);
	return {
		parts: {
			...parts,
			listenRegistry: (path, { learner, course }) =>
				front.listen(path, {
					learner,
					course: course.slug,
					images: course.settings.registry.map(({ name }) => name.slice(0, name.lastIndexOf(':'))),
				}),
		},
		async close(keep) {
			front.close();
			if (keep) service.release();
			else await service.stop();
		},
	};
}

async function openRegistry(
	{ workshop, paths, progress, onFault: told, signal }: BenchRequest,
	image: string,
): Promise<{ service: RegistryService; front: RegistryFront }> {
	const onFault = (error: unknown) => told(error, 'registry');
	const { engine, images } = workshop;
	const service = new RegistryService({
		docker: engine.docker,
		image,
		folder: paths.registry,
		instance: readInstance(paths.data),
		onFault,
	});
	try {
		await progress.step('Registry of the courses', async (step) => {
			mkdirSync(paths.registry, { recursive: true, mode: 0o711 });
			// Before it starts: then it frees the room.
			const gone = await removeUnused(service.data, Date.now() - imageDays * 24 * 3600_000);
			if (gone.length > 0) step.detail(`removed images of ${gone.length} learners who have not pushed for ${imageDays} days`);
			await service.start();
			const seedFolder = join(paths.data, 'tmp');
			mkdirSync(seedFolder, { recursive: true });
			await seedRegistry({
				docker: engine.docker,
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
			hint: './etabli doctor looks for the cause; ./etabli down, then up, starts anew.',
			cause: error,
		});
	}
	const front = new RegistryFront({
		upstreamSocket: service.socket,
		usedBytes: (learner) => usedBytes(service.data, learner),
		freeBytes: () => freeBytes(paths.registry),
		onFault: (error) => {
			onFault(error);
			service.missed();
		},
	});
	return { service, front };
}
