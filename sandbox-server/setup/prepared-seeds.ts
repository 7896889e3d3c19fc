/** Images that lessons pull, as files: an image of a server brings them along, since no engine that has built them is near it. */
import { createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { ImageStore } from '../images/image-store.ts';
import type { Seed, SeedStore } from '../registry/seed.ts';
import { Failure } from './failure.ts';

const listFile = 'seeds.json';
const listSchema = z.array(z.strictObject({ course: z.string(), name: z.string(), id: z.string(), file: z.string().regex(/^\d+\.tar$/) }));

export interface SaveRequest {
	store: Pick<ImageStore, 'inspect' | 'save'>;
	seeds: readonly Seed[];
	folder: string;
	signal?: AbortSignal | undefined;
}

/** @throws Failure when the store has lost one */
export async function saveSeeds({ store, seeds, folder, signal }: SaveRequest): Promise<void> {
	if (seeds.length === 0) return;
	mkdirSync(folder, { recursive: true });
	const list: z.output<typeof listSchema> = [];
	for (const [number, { course, name, image }] of seeds.entries()) {
		const found = await store.inspect(image);
		if (!found) throw new Failure(`There is no image ${image} any more.`, { hint: 'Run this again: it is built anew.' });
		const file = `${number}.tar`;
		await pipeline(await store.save([image], signal), createWriteStream(join(folder, file)));
		list.push({ course, name, id: found.id, file });
	}
	writeFileSync(join(folder, listFile), JSON.stringify(list, undefined, '\t'));
}

/** @returns what `saveSeeds` has put there; nothing where there is nothing */
export function readSeeds(folder: string): { seeds: Seed[]; images: SeedStore } {
	const path = join(folder, listFile);
	const list = existsSync(path) ? listSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : [];
	return {
		seeds: list.map(({ course, name, file }) => ({ course, name, image: file })),
		images: {
			inspect: async (image) => list.find(({ file }) => file === image),
			save: async ([image = '']) => createReadStream(join(folder, image)),
		},
	};
}
