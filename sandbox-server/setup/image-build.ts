/** Building one image through the engine's API: the same for Docker Engine and Podman, with or without their command lines. */
import { readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';
import { Failure } from './failure.ts';
import type { Step } from './progress.ts';
import { hashInputs } from './stamps.ts';

export interface BuildRequest {
	docker: Docker;
	/** Folder with a Dockerfile: the build's context. */
	folder?: string;
	/** Or the text of a Dockerfile that needs no context. */
	dockerfile?: string;
	tag: string;
	/** ARG → value. */
	args: Record<string, string>;
	step: Step;
	signal?: AbortSignal | undefined;
}

/** 12 hexadecimal digits: what a folder contains, together with some texts. */
export function imageFolderHash(folder: string | undefined, texts: readonly string[]): string {
	return hashInputs({ root: folder ?? '/', paths: folder === undefined ? [] : [folder], texts }).slice(0, 12);
}

export async function hasImage(docker: Docker, reference: string): Promise<boolean> {
	try {
		await docker.getImage(reference).inspect();
		return true;
	} catch (error) {
		if (statusOf(error) === 404) return false;
		throw error;
	}
}

/** HTTP status of an error of the engine's API. */
export function statusOf(error: unknown): number | undefined {
	return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

interface BuildEvent {
	stream?: string;
	status?: string;
	error?: string;
}

/**
 * Builds and tags. Build steps use the host's network: that is how they reach the machine's mirror wherever that is.
 * @throws Failure with the last lines of the build
 */
export async function buildImage(request: BuildRequest): Promise<void> {
	const { docker, step, signal } = request;
	const context =
		request.folder === undefined ? onlyDockerfile(request.dockerfile ?? '') : { context: request.folder, src: readdirSync(request.folder) };
	const tail: string[] = [];
	try {
		const stream = await docker.buildImage(context, {
			t: request.tag,
			buildargs: { ...proxies(), ...request.args },
			networkmode: 'host',
			rm: true,
			forcerm: true,
			...(signal ? { abortSignal: signal } : {}),
		});
		await new Promise<void>((resolve, reject) => {
			docker.modem.followProgress(
				stream,
				(error) => (error ? reject(error) : resolve()),
				(event: BuildEvent) => {
					for (const line of (event.error ?? event.stream ?? event.status ?? '').split('\n')) {
						if (!line.trim()) continue;
						step.detail(line);
						tail.push(line);
						if (tail.length > 12) tail.shift();
					}
				},
			);
			signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
		});
	} catch (error) {
		signal?.throwIfAborted();
		throw new Failure(
			`The image ${request.tag} could not be built${request.folder ? ` from ${request.folder}` : ''}:\n${tail.map((line) => `    ${line}`).join('\n')}`,
			{
				hint: /temporary failure|could not resolve|unable to fetch|no space left/i.test(tail.join('\n'))
					? 'Check the network, the mirror (--mirror URL) and the free disk space; then run this again: finished layers are kept.'
					: 'Mend the Dockerfile, then run this again: finished layers are kept.',
				cause: error,
			},
		);
	}
	// A build whose connection ended early looks finished: ask.
	if (!(await hasImage(docker, request.tag)))
		throw new Failure(`The engine stopped building ${request.tag} before the end.`, { hint: 'Run this again: finished layers are kept.' });
}

/** The operator's proxy settings, which builds need to reach the mirror. */
function proxies(): Record<string, string> {
	const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
	return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

function onlyDockerfile(text: string): NodeJS.ReadableStream {
	const archive = pack();
	archive.entry({ name: 'Dockerfile' }, text);
	archive.finalize();
	return Readable.from(archive);
}
