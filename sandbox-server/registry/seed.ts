/** Puts images that the engine has built into the registry, over its socket. So the registry needs no port. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ImageStore } from '../images/image-store.ts';
import { ask, type Question } from './client.ts';
import { upstreamOfCourse } from './rules.ts';
import { manifestType, upload } from './upload.ts';

export interface Seed {
	/** Slug of the course whose image it is. */
	course: string;
	/** Name and tag as lessons say it: "lolcow:1.0". */
	name: string;
	/** Reference in the engine. */
	image: string;
}

/** What is asked of whoever has the images. */
export interface SeedStore extends Pick<ImageStore, 'save'> {
	inspect(image: string): Promise<{ id: string } | undefined>;
}

export interface SeedRequest {
	images: SeedStore;
	/** Of the registry. */
	socket: string;
	/** Folder for large temporary files, and for the note of what has been seeded. */
	folder: string;
	seeds: readonly Seed[];
	/** Called before an image is uploaded: those that are there already are passed over in silence. */
	onImage?: (name: string) => void;
	signal?: AbortSignal | undefined;
}

const noteSchema = z.record(z.string(), z.string());

/** Uploads what is not there yet. Idempotent; a run that finds everything takes one request per image. @throws with the image's name */
export async function seedRegistry(request: SeedRequest): Promise<void> {
	const notePath = join(request.folder, 'seeded.json');
	const note = await readNote(notePath);
	for (const seed of request.seeds) {
		const [image = '', tag = 'latest'] = splitTag(seed.name);
		const repository = upstreamOfCourse(seed.course, image);
		const path = `/v2/${repository}/manifests/${tag}`;
		try {
			const found = await request.images.inspect(seed.image);
			if (!found) throw new Error(`there is no image ${seed.image}`);
			const key = `${repository}:${tag}`;
			const there = await ask(request.socket, { method: 'HEAD', path, headers: { accept: manifestType }, signal: request.signal });
			if (there.status === 200 && note[key] === `${found.id} ${String(there.headers['docker-content-digest'])}`) continue;
			request.onImage?.(seed.name);
			const asked = (line: Question) => ask(request.socket, line);
			const digest = await upload({ ...request, ask: asked }, { image: seed.image, repository, path });
			note[key] = `${found.id} ${digest}`;
			await writeFile(`${notePath}.new`, JSON.stringify(note, undefined, '\t'));
			await rename(`${notePath}.new`, notePath);
		} catch (error) {
			request.signal?.throwIfAborted();
			throw new Error(
				`the image ${seed.name} of ${seed.course} could not be put into the registry: ${error instanceof Error ? error.message : String(error)}`,
				{ cause: error },
			);
		}
	}
}

function splitTag(name: string): [string, string] {
	const colon = name.lastIndexOf(':');
	return colon < 0 ? [name, 'latest'] : [name.slice(0, colon), name.slice(colon + 1)];
}

async function readNote(path: string): Promise<Record<string, string>> {
	try {
		return noteSchema.parse(JSON.parse(await readFile(path, 'utf8')));
	} catch {
		// Missing or spoilt: everything is looked at again, which costs a few seconds and changes nothing.
		return {};
	}
}
