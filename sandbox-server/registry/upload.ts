/**
 * Puts an image into a registry: who has built it saves it as an archive, and we upload its parts. So an engine needs no setting that lets it trust the
 * registry; Docker and Podman do the same.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { z } from 'zod';
import type { ImageStore } from '../images/image-store.ts';
import { unpack } from '../platform/unpack.ts';
import type { Question, RegistryAnswer } from './client.ts';

export const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';
const archiveSchema = z.array(z.object({ Config: z.string(), Layers: z.array(z.string()) })).length(1);

export interface UploadRequest {
	images: Pick<ImageStore, 'save'>;
	/** Asks the registry. */
	ask: (question: Question) => Promise<RegistryAnswer>;
	/** Folder for large temporary files. */
	folder: string;
	signal?: AbortSignal | undefined;
}

export interface UploadTarget {
	/** Reference in the store. */
	image: string;
	repository: string;
	/** Of its manifest: "/v2/REPOSITORY/manifests/TAG". */
	path: string;
}

interface Blob {
	mediaType: string;
	size: number;
	digest: string;
}

/** @returns digest of the manifest @throws with the registry's words */
export async function upload(request: UploadRequest, target: UploadTarget): Promise<string> {
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
		const answer = await request.ask({
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

async function uploadBlob({ ask, signal }: UploadRequest, blob: { path: string; mediaType: string; repository: string }): Promise<Blob> {
	const hash = createHash('sha256');
	await pipeline(createReadStream(blob.path), hash);
	const digest = `sha256:${hash.digest('hex')}`;
	const { size } = await stat(blob.path);
	const described = { mediaType: blob.mediaType, size, digest };
	const base = `/v2/${blob.repository}/blobs`;
	if ((await ask({ method: 'HEAD', path: `${base}/${digest}`, signal })).status === 200) return described;
	const begun = await ask({ method: 'POST', path: `${base}/uploads/`, headers: { 'content-length': 0 }, signal });
	const location = begun.headers['location'];
	if (begun.status !== 202 || typeof location !== 'string') throw new Error(`the registry refused an upload (${begun.status})`);
	const address = new URL(location, 'http://registry');
	address.searchParams.set('digest', digest);
	const headers = { 'content-type': 'application/octet-stream', 'content-length': size };
	const done = await ask({
		method: 'PUT',
		path: address.pathname + address.search,
		headers,
		body: createReadStream(blob.path),
		signal,
	});
	if (done.status !== 201) throw new Error(`the registry refused a layer (${done.status}): ${done.body.toString('utf8').slice(0, 500)}`);
	return described;
}
