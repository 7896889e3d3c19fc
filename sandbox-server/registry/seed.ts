/**
 * Puts images that the engine has built into the registry: the engine saves them as an archive, and we upload its parts over the
 * registry's socket. So the registry needs no port, and the engine no setting that lets it trust one; Docker and Podman do the same.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { z } from 'zod';
import type { ImageStore } from '../images/image-store.ts';
import { unpack } from '../platform/unpack.ts';
import { ask } from './client.ts';
import { upstreamOfCourse } from './rules.ts';

export interface Seed {
	/** Slug of the course whose image it is. */
	course: string;
	/** Name and tag as lessons say it: "lolcow:1.0". */
	name: string;
	/** Reference in the engine. */
	image: string;
}

export interface SeedRequest {
	images: ImageStore;
	/** Of the registry. */
	socket: string;
	/** Folder for large temporary files, and for the note of what has been seeded. */
	folder: string;
	seeds: readonly Seed[];
	/** Called before an image is uploaded: those that are there already are passed over in silence. */
	onImage?: (name: string) => void;
	signal?: AbortSignal | undefined;
}

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';
const archiveSchema = z.array(z.object({ Config: z.string(), Layers: z.array(z.string()) })).length(1);
const noteSchema = z.record(z.string(), z.string());

interface Blob {
	mediaType: string;
	size: number;
	digest: string;
}

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
			const digest = await upload(request, { image: seed.image, repository, path });
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

/** @returns digest of the manifest */
async function upload(request: SeedRequest, target: { image: string; repository: string; path: string }): Promise<string> {
	const folder = await mkdtemp(join(request.folder, 'seed-'));
	try {
		// Never beyond the folder: tar sees to that.
		await unpack(await request.images.save([target.image], request.signal), { folder, signal: request.signal });
		const [archive] = archiveSchema.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
		const send = (path: string, mediaType: string) => uploadBlob(request, { path, mediaType, repository: target.repository });
		const layers: Blob[] = [];
		for (const [number, layer] of (archive?.Layers ?? []).entries()) {
			const path = await compressed(inside(folder, layer), join(folder, `etabli-layer-${number}.gz`));
			layers.push(await send(path, 'application/vnd.docker.image.rootfs.diff.tar.gzip'));
		}
		const config = await send(inside(folder, archive?.Config ?? ''), 'application/vnd.docker.container.image.v1+json');
		const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config, layers }));
		const answer = await ask(request.socket, {
			method: 'PUT',
			path: target.path,
			headers: { 'content-type': manifestType, 'content-length': manifest.length },
			body: manifest,
			signal: request.signal,
		});
		if (answer.status !== 201)
			throw new Error(`the registry refused the manifest (${answer.status}): ${answer.body.toString('utf8').slice(0, 500)}`);
		return `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** The path of an archive's member. */
function inside(folder: string, member: string): string {
	const path = normalize(join(folder, member));
	if (!path.startsWith(`${folder}/`)) throw new Error(`the engine's archive names a file outside itself: ${member}`);
	return path;
}

/** The layer as gzip: as it is when the engine keeps it so, otherwise compressed into `target`. */
async function compressed(layer: string, target: string): Promise<string> {
	const file = await open(layer);
	const magic = Buffer.alloc(2);
	try {
		await file.read(magic, 0, 2, 0);
	} finally {
		await file.close();
	}
	if (magic.equals(Buffer.from([0x1f, 0x8b]))) return layer;
	await pipeline(createReadStream(layer), createGzip({ level: 6 }), createWriteStream(target));
	return target;
}

async function uploadBlob({ socket, signal }: SeedRequest, blob: { path: string; mediaType: string; repository: string }): Promise<Blob> {
	const hash = createHash('sha256');
	await pipeline(createReadStream(blob.path), hash);
	const digest = `sha256:${hash.digest('hex')}`;
	const { size } = await stat(blob.path);
	const described = { mediaType: blob.mediaType, size, digest };
	const base = `/v2/${blob.repository}/blobs`;
	if ((await ask(socket, { method: 'HEAD', path: `${base}/${digest}`, signal })).status === 200) return described;
	const begun = await ask(socket, { method: 'POST', path: `${base}/uploads/`, headers: { 'content-length': 0 }, signal });
	const location = begun.headers['location'];
	if (begun.status !== 202 || typeof location !== 'string') throw new Error(`the registry refused an upload (${begun.status})`);
	const address = new URL(location, 'http://registry');
	address.searchParams.set('digest', digest);
	const headers = { 'content-type': 'application/octet-stream', 'content-length': size };
	const done = await ask(socket, {
		method: 'PUT',
		path: address.pathname + address.search,
		headers,
		body: createReadStream(blob.path),
		signal,
	});
	if (done.status !== 201) throw new Error(`the registry refused a layer (${done.status}): ${done.body.toString('utf8').slice(0, 500)}`);
	return described;
}
