/** One file out of an image, or out of a container. */
import { buffer } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { extract } from 'tar-stream';
import { reason, statusOf } from './client.ts';

/** What containers are marked with that are there for a moment, to read or to build: `down` removes by it what a killed command has left. */
export type BuildLabels = Readonly<Record<string, string>>;

/** Which files of which image. */
export interface ImageFiles {
	image: string;
	/** Absolute. */
	paths: readonly string[];
	labels: BuildLabels;
}

/** Contents of plain files of an image, in the order of the paths; '' where there is none. @throws with the engine's words */
export async function readImageFiles(docker: Docker, { image, paths, labels }: ImageFiles): Promise<string[]> {
	// Only a container can be read. It is never started.
	const container = await docker.createContainer({ Image: image, Cmd: ['none'], NetworkDisabled: true, Labels: labels });
	try {
		const texts: string[] = [];
		for (const path of paths) {
			try {
				texts.push((await firstFile(await container.getArchive({ path })))?.toString() ?? '');
			} catch (error) {
				// `down` may have taken the container for one that is left: that says nothing of the file.
				if (statusOf(error) !== 404 || /no such container/i.test(reason(error))) throw error;
				texts.push('');
			}
		}
		return texts;
	} finally {
		await container.remove({ force: true, v: true }).catch(() => undefined); // `down` removes what is left.
	}
}

/** The first plain file of a tar archive; undefined when there is none. */
export async function firstFile(archive: NodeJS.ReadableStream): Promise<Buffer | undefined> {
	const tar = extract();
	archive.pipe(tar);
	for await (const entry of tar) {
		if (entry.header.type === 'file') return await buffer(entry as unknown as NodeJS.ReadableStream);
		entry.resume();
	}
	return undefined;
}
