/** What sandboxes are made with while a server runs: the engine, the images, the registry, where holders connect. */

import type { Course } from '../../src/shared/course.ts';
import type { BenchParts } from '../app.ts';
import type { Workshop } from '../setup/prepare.ts';
import type { ServeRequest } from './serve.ts';

export interface Bench {
	parts: BenchParts;
	/** Stops the registry, unless sandboxes that go on need it. */
	close(keep: boolean): Promise<void>;
}

/** @throws Failure when the registry does not start */
export async function openBench(workshop: Workshop, _courses: readonly Course[], _request: ServeRequest): Promise<Bench> {
	return {
		parts: {
			engine: workshop.engine,
			image: ({ slug }) => workshop.images.courses[slug] ?? '',
			guest: workshop.guest,
			listenRegistry: undefined,
		},
		async close() {},
	};
}
