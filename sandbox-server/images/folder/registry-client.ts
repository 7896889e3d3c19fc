/** Fetches an image from a registry (OCI distribution, as Docker Hub and others speak it): whole and unchanged, or not at all. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

export interface PullRequest {
	/** "debian:trixie", "ghcr.io/name/image:tag". */
	reference: string;
	/** Where its layers are put. */
	folder: string;
	/** Told of progress, and that there was some. */
	onLine?: ((line: string) => void) | undefined;
	signal: AbortSignal;
	/** Scheme of registries: http is for tests. */
	scheme?: 'https' | 'http';
}

export interface Pulled {
	/** The configuration's text. */
	config: string;
	/** Files, the lowest first. */
	layers: string[];
}

const descriptorSchema = z.looseObject({
	mediaType: z.string().optional(),
	digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
	size: z.number().optional(),
	platform: z.looseObject({ architecture: z.string(), os: z.string() }).optional(),
});
const indexSchema = z.looseObject({ manifests: z.array(descriptorSchema) });
const manifestSchema = z.looseObject({ config: descriptorSchema, layers: z.array(descriptorSchema) });
const tokenSchema = z.looseObject({ token: z.string().optional(), access_token: z.string().optional() });

const kinds = [
	'application/vnd.oci.image.index.v1+json',
	'application/vnd.docker.distribution.manifest.list.v2+json',
	'application/vnd.oci.image.manifest.v1+json',
	'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** As Docker reads names: without a host they are Docker Hub's, without an owner its library's. */
export function placeOf(reference: string): { host: string; repository: string; tag: string } {
	const [first = '', ...rest] = reference.split('/');
	const named = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
	const path = named ? rest.join('/') : reference;
	const colon = path.lastIndexOf(':');
	const [name, tag] = colon > path.lastIndexOf('/') ? [path.slice(0, colon), path.slice(colon + 1)] : [path, 'latest'];
	if (named) return { host: first, repository: name, tag };
	return { host: 'registry-1.docker.io', repository: name.includes('/') ? name : `library/${name}`, tag };
}

/** @throws Error with the registry's status, or that what came is not what was announced; the signal's reason */
export async function pullImage({ reference, folder, onLine, signal, scheme = 'https' }: PullRequest): Promise<Pulled> {
	const { host, repository, tag } = placeOf(reference);
	let token: string | undefined;
	const ask = async (path: string): Promise<Response> => {
		const once = () =>
			fetch(`${scheme}://${host}/v2/${repository}/${path}`, {
				headers: { accept: kinds, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
				signal,
			});
		let answer = await once();
		if (answer.status === 401 && token === undefined) {
			await answer.body?.cancel();
			token = await tokenFor(answer.headers.get('www-authenticate') ?? '', signal);
			answer = await once();
		}
		if (!answer.ok) throw new Error(`${host} answers with status ${answer.status} when asked for ${repository}`);
		onLine?.(`${host}: ${path.slice(0, 40)}`);
		return answer;
	};
	const text = async (digest: string): Promise<string> => {
		const body = await (await ask(digest)).text();
		if (/sha256:/.test(digest) && `sha256:${createHash('sha256').update(body).digest('hex')}` !== digest.replace(/^.*\//, ''))
			throw new Error(`what ${host} sends is not what it has announced (${digest})`);
		return body;
	};
	let body: unknown = JSON.parse(await text(`manifests/${tag}`));
	const index = indexSchema.safeParse(body);
	if (index.success) {
		const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
		const ours = index.data.manifests.find(({ platform }) => platform?.os === 'linux' && platform.architecture === architecture);
		if (!ours) throw new Error(`${reference} is not there for ${architecture}`);
		body = JSON.parse(await text(`manifests/${ours.digest}`));
	}
	const manifest = manifestSchema.parse(body);
	const config = await text(`blobs/${manifest.config.digest}`);
	const layers: string[] = [];
	for (const { digest } of manifest.layers) {
		const file = join(folder, `layer-${layers.length}`);
		await save(await ask(`blobs/${digest}`), { file, digest, onData: () => onLine?.(`fetching ${digest.slice(7, 19)}`) });
		layers.push(file);
	}
	return { config, layers };
}

async function save(answer: Response, { file, digest, onData }: { file: string; digest: string; onData: () => void }): Promise<void> {
	if (!answer.body) throw new Error(`the registry sent nothing for ${digest}`);
	const hash = createHash('sha256');
	const count = new Transform({
		transform(chunk: Buffer, _encoding, done) {
			hash.update(chunk);
			onData();
			done(null, chunk);
		},
	});
	await pipeline(Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]), count, createWriteStream(file));
	if (`sha256:${hash.digest('hex')}` !== digest) throw new Error(`a layer is not what was announced (${digest})`);
}

/** For anybody, as registries give it for images that all may have. @param challenge of WWW-Authenticate */
async function tokenFor(challenge: string, signal: AbortSignal): Promise<string> {
	const parts = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
	const realm = parts.get('realm');
	if (!/^Bearer /i.test(challenge) || realm === undefined)
		throw new Error('the registry wants to know who asks, in a way that is not known here');
	const address = new URL(realm);
	for (const name of ['service', 'scope']) {
		const value = parts.get(name);
		if (value !== undefined) address.searchParams.set(name, value);
	}
	const answer = await fetch(address, { signal });
	if (!answer.ok) throw new Error(`${address.host} gives no token (status ${answer.status})`);
	const { token, access_token } = tokenSchema.parse(await answer.json());
	const given = token ?? access_token;
	if (given === undefined) throw new Error(`${address.host} gives no token`);
	return given;
}
