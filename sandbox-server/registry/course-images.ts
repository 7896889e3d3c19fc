/**
 * What the images of courses are, read from the images themselves, and each as one file. Nothing of it is written by hand: size, digest and
 * layers are the registry's, everything else stands in the image's configuration or, for packages, in its files. By manifest and
 * configuration of Docker's image format (schema 2), which OCI's has taken over.
 */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { z } from 'zod';
import type { Course } from '../../src/shared/course/course.ts';
import type { CourseImage } from '../../src/shared/protocol/images.ts';
import { Semaphore } from '../platform/semaphore.ts';
import { ask, open } from './client.ts';
import { packageFiles, packagesIn } from './packages.ts';
import { upstreamOfCourse } from './rules.ts';

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';
/** A label or a name is shown so far, characters. */
const longest = 500;
/** Of a list, such as of ports. */
const most = 50;
/** Reading a layer for its list of packages ends here, bytes unpacked: more is no course image, and the list is left out. */
const layerMost = 2 ** 30;

const manifestSchema = z.object({
	config: z.object({ digest: z.string(), size: z.number() }),
	layers: z.array(z.object({ digest: z.string(), size: z.number() })),
});
type Manifest = z.infer<typeof manifestSchema>;

const lines = z.array(z.string()).nullish();
const configSchema = z.object({
	created: z.string().optional(),
	os: z.string().default('linux'),
	architecture: z.string().default(''),
	config: z
		.object({
			Labels: z.record(z.string(), z.string()).nullish(),
			Entrypoint: lines,
			Cmd: lines,
			User: z.string().optional(),
			WorkingDir: z.string().optional(),
			ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
			Volumes: z.record(z.string(), z.unknown()).nullish(),
		})
		.nullish(),
});

/** An image as it is asked for. */
export interface Wanted {
	/** Slug. */
	course: string;
	/** As in course.yaml: "lolcow:1.0". */
	name: string;
}

export class CourseImageReader {
	readonly #socket: string;
	/** Being read: whoever asks in the meantime waits for the same answer. */
	readonly #reading = new Map<string, Promise<CourseImage[]>>();
	/** By digest of the manifest, which says all of an image. */
	readonly #known = new Map<string, Omit<CourseImage, 'name' | 'signed'>>();
	/** Looking into layers takes a processor for a second: one image at a time. */
	readonly #looking = new Semaphore({ places: 1 });

	/** @param socket of the registry */
	constructor(socket: string) {
		this.#socket = socket;
	}

	/** The images of a course that are in the registry. @throws Error when the registry does not answer, or not sensibly */
	of(course: Course): Promise<CourseImage[]> {
		const reading = this.#reading.get(course.slug) ?? this.#read(course).finally(() => this.#reading.delete(course.slug));
		this.#reading.set(course.slug, reading);
		return reading;
	}

	async #read(course: Course): Promise<CourseImage[]> {
		const found: CourseImage[] = [];
		for (const { name } of course.settings.registry) {
			const image = await this.#image({ course: course.slug, name });
			if (image) found.push(image);
		}
		return found;
	}

	/**
	 * An image as one file, which `docker load`, `podman load` and `apptainer build … docker-archive:…` take. Its layers are compressed, as they
	 * are in the registry. Destroy the stream when it is not read to its end.
	 * @returns undefined when there is no such image
	 * @throws Error when the registry does not answer, or not sensibly; later ones end the stream
	 */
	async archive(wanted: Wanted): Promise<{ stream: Readable; bytes: number } | undefined> {
		const found = await this.#manifest(wanted);
		if (!found) return undefined;
		const { manifest } = found;
		const config = `${hexOf(manifest.config.digest)}.json`;
		// An empty layer may stand there twice; in the file it stands once.
		const layers = new Map(manifest.layers.map((layer) => [`${hexOf(layer.digest)}.tar.gz`, layer]));
		const order = manifest.layers.map(({ digest }) => `${hexOf(digest)}.tar.gz`);
		const list = Buffer.from(JSON.stringify([{ Config: config, RepoTags: [wanted.name], Layers: order }]));
		const files = new Map([[config, manifest.config], ...layers]);
		const archive = pack();
		const fill = async (): Promise<void> => {
			archive.entry({ name: 'manifest.json', size: list.length }, list);
			for (const [name, { digest, size }] of files) {
				const blob = await open(this.#socket, blobPath(wanted, digest));
				await pipeline(blob, archive.entry({ name, size }));
			}
			archive.finalize();
		};
		fill().catch((error: Error) => archive.destroy(error));
		const bytes = [list.length, ...[...files.values()].map(({ size }) => size)].reduce((sum, size) => sum + inTar(size), endOfTar);
		return { stream: archive as unknown as Readable, bytes };
	}

	async #image(wanted: Wanted): Promise<CourseImage | undefined> {
		const found = await this.#manifest(wanted);
		if (!found) return undefined;
		const { digest, manifest } = found;
		const described = this.#known.get(digest) ?? (await this.#describe(wanted, digest, manifest));
		this.#known.set(digest, described);
		return { name: wanted.name, ...described, signed: await this.#isSigned(wanted, digest) };
	}

	async #manifest(wanted: Wanted): Promise<{ digest: string; manifest: Manifest } | undefined> {
		const [image, tag] = [imageOf(wanted.name), wanted.name.slice(imageOf(wanted.name).length + 1)];
		const path = `/v2/${upstreamOfCourse(wanted.course, image)}/manifests/${tag}`;
		const { status, body, headers } = await ask(this.#socket, { method: 'GET', path, headers: { accept: manifestType }, signal: inTime() });
		if (status === 404) return undefined;
		if (status !== 200) throw new Error(`the registry answers ${status} when it is asked for ${wanted.name}`);
		return { digest: String(headers['docker-content-digest']), manifest: manifestSchema.parse(JSON.parse(body.toString('utf8'))) };
	}

	async #describe(wanted: Wanted, digest: string, manifest: Manifest): Promise<Omit<CourseImage, 'name' | 'signed'>> {
		const { status, body } = await ask(this.#socket, { method: 'GET', path: blobPath(wanted, manifest.config.digest), signal: inTime() });
		if (status !== 200) throw new Error(`the registry answers ${status} when it is asked for the configuration of ${wanted.name}`);
		const { created, os, architecture, config } = configSchema.parse(JSON.parse(body.toString('utf8')));
		const label = (name: string) => shown(config?.Labels?.[`org.opencontainers.image.${name}`]);
		const time = Date.parse(created ?? '');
		const packages = await this.#looking.run(() => this.#packages(wanted, manifest));
		return {
			digest,
			bytes: manifest.layers.reduce((sum, { size }) => sum + size, 0),
			layers: manifest.layers.length,
			platform: `${os}/${architecture}`,
			...(Number.isFinite(time) && { created: time }),
			title: label('title'),
			description: label('description'),
			version: label('version'),
			licenses: label('licenses'),
			source: label('source'),
			command: [...(config?.Entrypoint ?? []), ...(config?.Cmd ?? [])].slice(0, most).map((word) => word.slice(0, longest)),
			user: shown(config?.User),
			folder: shown(config?.WorkingDir),
			ports: Object.keys(config?.ExposedPorts ?? {}).slice(0, most),
			volumes: Object.keys(config?.Volumes ?? {}).slice(0, most),
			packages,
		};
	}

	/** The newest layer that has the list has all of it. */
	async #packages(wanted: Wanted, manifest: Manifest): Promise<CourseImage['packages']> {
		for (const { digest } of [...manifest.layers].reverse()) {
			const found = await this.#listIn(wanted, digest);
			if (found !== undefined) return packagesIn(found);
		}
		return undefined;
	}

	/** @returns the text of a package manager's list in this layer */
	async #listIn(wanted: Wanted, digest: string): Promise<string | undefined> {
		const tar = extract();
		const unpacked = createGunzip();
		let bytes = 0;
		unpacked.on('data', (piece: Buffer) => {
			bytes += piece.length;
			if (bytes > layerMost) unpacked.destroy(new Error('too much'));
		});
		const blob = await open(this.#socket, blobPath(wanted, digest), inTime());
		const read = pipeline(blob, unpacked, tar);
		// What has been found is found; what ends the reading is judged below.
		read.catch(() => undefined);
		try {
			for await (const entry of tar) {
				const isList = packageFiles.includes(entry.header.name.replace(/^\.?\//, '')) && (entry.header.size ?? 0) < 2 ** 23;
				if (!isList) {
					entry.resume();
					continue;
				}
				const pieces: Buffer[] = [];
				for await (const piece of entry) pieces.push(piece as Buffer);
				return Buffer.concat(pieces).toString('utf8');
			}
			return undefined;
		} catch {
			// A layer that is no archive, or too large: it has no list that we can read, and the image can be used all the same.
			return undefined;
		} finally {
			blob.destroy();
		}
	}

	/** cosign puts a signature beside an image, under a tag made of its digest. */
	async #isSigned(wanted: Wanted, digest: string): Promise<boolean> {
		const path = `/v2/${upstreamOfCourse(wanted.course, imageOf(wanted.name))}/manifests/${digest.replace(':', '-')}.sig`;
		return (await ask(this.#socket, { method: 'HEAD', path, signal: inTime() })).status === 200;
	}
}

/** A registry that does not answer holds up nobody for longer: a layer is read in a second or two. */
const inTime = (): AbortSignal => AbortSignal.timeout(60_000);

const blobPath = ({ course, name }: Wanted, digest: string): string => `/v2/${upstreamOfCourse(course, imageOf(name))}/blobs/${digest}`;

/** "lolcow:1.0" → "lolcow" */
const imageOf = (name: string): string => name.slice(0, name.lastIndexOf(':'));

const hexOf = (digest: string): string => digest.slice(digest.indexOf(':') + 1);

/** Undefined for what is empty. */
const shown = (text: string | undefined): string | undefined => text?.slice(0, longest) || undefined;

/** What a file takes in a tar archive: a header, and its bytes filled up to blocks. */
const inTar = (size: number): number => 512 + Math.ceil(size / 512) * 512;
/** Two empty blocks. */
const endOfTar = 1024;
