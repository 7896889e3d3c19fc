/** The engine's own archive of images: looked at before the engine gets it, then loaded and called as this machine calls them. */
import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { z } from 'zod';
import type { ImageStore } from '../../images/image-store.ts';
import { shortName } from '../../images/names.ts';
import { Failure } from '../../setup/failure.ts';
import type { Step } from '../../setup/progress.ts';
import { feed, Outside, show } from './files.ts';

const manifestSchema = z.array(z.object({ RepoTags: z.array(z.string()).nullable() }));
const indexSchema = z.object({ manifests: z.array(z.object({ annotations: z.record(z.string(), z.string()).optional() })) });
/** Bytes of a list in the archive. */
const listLimit = 2 ** 20;

/**
 * An archive must bring the images that it promises under names of ours, and none that would take the place of another's.
 * @throws Outside
 */
export async function checkImages(source: AsyncIterable<Buffer>, names: readonly string[]): Promise<void> {
	const tar = extract();
	const fed = feed(source, tar);
	const tags = new Set<string>();
	for await (const entry of tar) {
		const { size } = entry.header;
		// Wherever it says that it stands: an engine tidies paths, and follows links that the archive has made.
		const name = posix.basename(posix.normalize(entry.header.name));
		if (name === 'manifest.json' || name === 'index.json' || name === 'repositories') {
			if (size > listLimit) throw new Outside(`its list of images has ${size} bytes`);
			const content: unknown = JSON.parse((await buffer(entry as unknown as NodeJS.ReadableStream)).toString('utf8'));
			for (const tag of tagsIn(name, content)) tags.add(shortName(tag));
		}
		entry.resume();
	}
	await fed;
	const foreign = [...tags].find((tag) => !names.includes(tag));
	if (foreign !== undefined) throw new Outside(`it brings an image that is none of Établi's: ${show(foreign)}`);
	const missing = names.find((name) => !tags.has(name));
	if (missing !== undefined) throw new Outside(`it lacks the image ${show(missing)}`);
}

function tagsIn(file: string, content: unknown): string[] {
	if (file === 'manifest.json') return manifestSchema.parse(content).flatMap(({ RepoTags }) => RepoTags ?? []);
	if (file === 'index.json')
		return indexSchema.parse(content).manifests.flatMap(({ annotations }) => annotations?.['io.containerd.image.name'] ?? []);
	const repositories = z.record(z.string(), z.record(z.string(), z.string())).parse(content);
	return Object.entries(repositories).flatMap(([name, tags]) => Object.keys(tags).map((tag) => `${name}:${tag}`));
}

export interface LoadRequest {
	store: ImageStore;
	stream: Readable;
	images: readonly { saved: string; as: string }[];
	step: Step;
	signal?: AbortSignal | undefined;
}

/** @throws Failure with the engine's words */
export async function loadImages({ store, stream, images, step, signal }: LoadRequest): Promise<void> {
	try {
		await store.load(stream, { onLine: (line) => step.detail(line.trim()), signal });
		for (const { saved, as } of images) {
			if (saved === as) continue;
			await store.tag(saved, as);
			// A container made from it keeps the name: no harm.
			await store.untag(saved);
		}
	} catch (error) {
		signal?.throwIfAborted();
		throw new Failure(`The engine could not load the images: ${error instanceof Error ? error.message : String(error)}`, {
			hint: 'Is there space where it keeps them? docker info names the folder, df -h tells. Then import again: what is there is not loaded twice.',
			cause: error,
		});
	}
}
