/** Images of an engine into a registry: by the engine itself, or by us where the registry has no TLS, which engines refuse until they are told. */
import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ImageStore } from '../images/image-store.ts';
import { askPlainly } from '../registry/client.ts';
import { upload } from '../registry/upload.ts';
import { Failure } from '../setup/failure.ts';
import type { Progress } from '../setup/progress.ts';

export interface Registry {
	/** Host, and folders in it. */
	to: string;
	/** It is asked by plain http. */
	plain: boolean;
}

export interface PushRequest extends Registry {
	store: ImageStore;
	/** Of the image in the store. */
	reference: string;
	/** Folder for large temporary files. */
	temporary: string;
	progress: Progress;
	signal: AbortSignal;
}

/** @returns its name in the registry with the digest of what is there, which no later push changes @throws Failure with the registry's words */
export async function push(request: PushRequest): Promise<string> {
	const { reference, to, plain, progress, signal } = request;
	const target = `${to}/${reference}`;
	const [host = ''] = to.split('/');
	let digest = '';
	await progress.step(`Pushing ${target}`, async (step) => {
		try {
			digest = plain
				? await pushPlainly(request, host)
				: await pushByEngine(request, { host, target, onLine: (line) => step.detail(line) });
		} catch (error) {
			signal.throwIfAborted();
			throw new Failure(`${target} could not be pushed: ${(error as Error).message}`, {
				hint: plain
					? `Does it answer? curl http://${host}/v2/`
					: `Does the registry know you? docker login ${host}. For one without TLS: --plain-http.`,
				cause: error,
			});
		}
	});
	return `${target}@${digest}`;
}

interface ByEngine {
	host: string;
	target: string;
	onLine: (line: string) => void;
}

async function pushByEngine({ store, reference, signal }: PushRequest, { host, target, onLine }: ByEngine): Promise<string> {
	let digest: string | undefined;
	const hear = (line: string) => {
		digest = digestIn(line) ?? digest;
		onLine(line);
	};
	await store.tag(reference, target);
	try {
		await store.push(target, { login: loginOf(host, logins()), onLine: hear, signal });
	} finally {
		await store.untag(target);
	}
	if (digest === undefined) throw new Error('the engine does not say which digest it has there');
	return digest;
}

/** Of the line with which engines end a push: "TAG: digest: sha256:... size: 1234". */
export function digestIn(line: string): string | undefined {
	return /\bdigest: (sha256:[0-9a-f]{64})\b/.exec(line)?.[1];
}

async function pushPlainly({ store, reference, to, temporary, signal }: PushRequest, host: string): Promise<string> {
	// A login for the same host over TLS is not sent in clear.
	const login = loginOf(host, logins(), false);
	const who = login && { authorization: `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}` };
	const colon = reference.lastIndexOf(':');
	const repository = [...to.split('/').slice(1), reference.slice(0, colon)].join('/');
	mkdirSync(temporary, { recursive: true });
	return await upload(
		{
			images: store,
			ask: (question) => askPlainly(host, { ...question, headers: { ...question.headers, ...who } }),
			folder: temporary,
			signal,
		},
		{ image: reference, repository, path: `/v2/${repository}/manifests/${reference.slice(colon + 1)}` },
	);
}

/** Files in which `docker login` and `podman login` put what they were given. */
function logins(): string[] {
	const { DOCKER_CONFIG, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR } = process.env;
	const files = [
		join(DOCKER_CONFIG || join(homedir(), '.docker'), 'config.json'),
		REGISTRY_AUTH_FILE,
		XDG_RUNTIME_DIR && join(XDG_RUNTIME_DIR, 'containers/auth.json'),
	];
	return files.flatMap((file) => {
		try {
			return file ? [readFileSync(file, 'utf8')] : [];
		} catch {
			// Nobody has logged in so.
			return [];
		}
	});
}

/**
 * @param texts of files with logins; one that is spoilt says nothing, and nothing of it is shown
 * @param secure those count that were given for https alone
 * @returns undefined: none is known for that registry
 */
export function loginOf(host: string, texts: readonly string[], secure = true): { username: string; password: string } | undefined {
	for (const text of texts) {
		const auths = authsIn(text);
		const auth = auths[host]?.auth ?? (secure ? auths[`https://${host}`]?.auth : undefined);
		if (!auth) continue;
		const [username = '', ...password] = Buffer.from(auth, 'base64').toString('utf8').split(':');
		return { username, password: password.join(':') };
	}
	return undefined;
}

function authsIn(text: string): Record<string, { auth?: string } | undefined> {
	try {
		return (JSON.parse(text) as { auths?: Record<string, { auth?: string }> }).auths ?? {};
	} catch {
		return {};
	}
}
