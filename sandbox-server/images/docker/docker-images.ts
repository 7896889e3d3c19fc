/** Images in Docker Engine or Podman, through the API: the same with or without their command lines. */
import { readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';
import { BuildFailed, type BuildOrder, type Following, type ImageInfo, type ImageStore, type OneRun, RunFailed } from '../image-store.ts';
import { shortName } from '../names.ts';
import { statusOf } from './client.ts';
import { type BuildLabels, firstFile } from './image-file.ts';

/** Lines of a build that are told when it fails. */
const tailLines = 12;
/** After the first word of a pull, its pauses may be so many times as long as the silence before it. */
const pauses = 4;

/** What both engines say of their progress. */
interface ProgressEvent {
	stream?: string;
	status?: string;
	progress?: string;
	error?: string;
}

/** dockerode's types lack it. */
type SavesImages = Docker & { getImages(options: { names: readonly string[]; abortSignal?: AbortSignal }): Promise<NodeJS.ReadableStream> };

export class DockerImages implements ImageStore {
	readonly #docker: Docker;
	readonly #buildLabels: BuildLabels;

	readonly onlyHostNetwork: boolean;

	/** @param kind Podman's compatible interface (4.3) heeds no `networkmode` */
	constructor(docker: Docker, buildLabels: BuildLabels, kind: 'docker' | 'podman' = 'docker') {
		this.#docker = docker;
		this.onlyHostNetwork = kind === 'podman';
		this.#buildLabels = buildLabels;
	}

	async inspect(reference: string): Promise<ImageInfo | undefined> {
		try {
			const { Id, Size, Config } = await this.#docker.getImage(reference).inspect();
			return { id: Id, bytes: Size, env: Config?.Env ?? [] };
		} catch (error) {
			if (statusOf(error) === 404) return undefined;
			throw error;
		}
	}

	async names(repository?: string): Promise<string[]> {
		const filters = repository === undefined ? {} : { filters: JSON.stringify({ reference: [repository] }) };
		const all = await this.#docker.listImages(filters);
		return all.sort((a, b) => b.Created - a.Created).flatMap(({ RepoTags }) => (RepoTags ?? []).map(shortName));
	}

	async build({ from, reference, args, network, onLine, signal }: BuildOrder): Promise<void> {
		const context = 'folder' in from ? { context: from.folder, src: readdirSync(from.folder) } : onlyDockerfile(from.dockerfile);
		const tail: string[] = [];
		const hear = (line: string): void => {
			onLine?.(line);
			tail.push(line);
			if (tail.length > tailLines) tail.shift();
		};
		try {
			const stream = await this.#docker.buildImage(context, {
				t: reference,
				buildargs: args,
				networkmode: network === 'host' ? 'host' : 'default',
				rm: true,
				forcerm: true,
				...(signal ? { abortSignal: signal } : {}),
			});
			await this.#follow(stream, { onLine: hear, signal });
		} catch (error) {
			signal?.throwIfAborted();
			throw new BuildFailed(tail.join('\n'), { cause: error });
		}
		// A build whose connection ended early looks finished: ask.
		if (!(await this.inspect(reference))) throw new BuildFailed('the engine stopped building before the end');
	}

	/** Reads a stream of progress to its end. @throws what it says went wrong */
	#follow(stream: NodeJS.ReadableStream, { onLine, signal }: Following): Promise<void> {
		return new Promise<void>((resolve, reject) => {
			signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
			this.#docker.modem.followProgress(
				stream,
				(error) => (error ? reject(error) : resolve()),
				(event: ProgressEvent) => {
					const text = event.error ?? event.stream ?? [event.status, event.progress].filter(Boolean).join(' ');
					for (const line of text.split('\n')) if (line.trim()) onLine?.(line);
					if (event.error) reject(new Error(event.error));
				},
			);
		});
	}

	async pull(reference: string, { silence, onLine, signal }: Following & { silence: number }): Promise<void> {
		const { name, tag } = split(reference);
		const silent = new AbortController();
		let timer = setTimeout(() => silent.abort(new Error(`no answer within ${silence / 1000} s`)), silence);
		const either = signal ? AbortSignal.any([signal, silent.signal]) : silent.signal;
		try {
			const stream = await this.#docker.createImage({ fromImage: name, tag, abortSignal: either });
			await this.#follow(stream, {
				onLine: (line) => {
					clearTimeout(timer);
					timer = setTimeout(() => silent.abort(new Error('it fell silent')), silence * pauses);
					onLine?.(line);
				},
				signal: either,
			});
		} finally {
			clearTimeout(timer);
		}
	}

	async push(
		reference: string,
		{ login, ...options }: Following & { login?: { username: string; password: string } | undefined },
	): Promise<void> {
		const { name, tag } = split(reference);
		const { signal } = options;
		const stream = await this.#docker.getImage(name).push({
			tag,
			// Without one the engine wants an empty one, not none.
			authconfig: { serveraddress: name.split('/')[0] ?? '', username: login?.username ?? '', password: login?.password ?? '' },
			...(signal && { abortSignal: signal }),
		});
		await this.#follow(stream, options);
	}

	async importRoot(archive: Readable, reference: string): Promise<void> {
		// Name and tag in one: before version 5, Podman reads no tag beside it.
		await this.#follow(await this.#docker.importImage(archive, { repo: reference }), {});
	}

	async exportRoot(reference: string, signal?: AbortSignal): Promise<Readable> {
		// Only a container can be exported. It is never started.
		const container = await this.#docker.createContainer({
			Image: reference,
			Cmd: ['none'],
			NetworkDisabled: true,
			Labels: this.#buildLabels,
		});
		const remove = async (): Promise<void> => {
			await container.remove({ force: true, v: true }).catch(() => undefined); // `down` removes what is left of builds.
		};
		try {
			signal?.throwIfAborted();
			const stream = Readable.from(await container.export({ abortSignal: signal }), { objectMode: false });
			stream.once('close', () => void remove());
			return stream;
		} catch (error) {
			await remove();
			throw error;
		}
	}

	async save(references: readonly string[], signal?: AbortSignal): Promise<Readable> {
		const saved = await (this.#docker as SavesImages).getImages({ names: references, ...(signal && { abortSignal: signal }) });
		return Readable.from(saved, { objectMode: false });
	}

	async load(archive: Readable, options: Following = {}): Promise<void> {
		const { signal } = options;
		await this.#follow(await this.#docker.loadImage(archive, { quiet: true, ...(signal && { abortSignal: signal }) }), options);
	}

	async tag(reference: string, as: string): Promise<void> {
		const { name, tag } = split(as);
		await this.#docker.getImage(reference).tag({ repo: name, tag });
	}

	async untag(reference: string): Promise<void> {
		try {
			await this.#docker.getImage(reference).remove();
		} catch (error) {
			// 409: a container still uses it. 404: somebody else was faster.
			if (statusOf(error) !== 409 && statusOf(error) !== 404) throw error;
		}
	}

	/** What goes in and comes out are archives, so that nothing of the machine is mounted. */
	async runOnce({ image, command, files, result, log }: OneRun): Promise<Buffer> {
		const container = await this.#docker.createContainer({ Image: image, Cmd: command, NetworkDisabled: true, Labels: this.#buildLabels });
		try {
			const archive = pack();
			for (const [path, content] of Object.entries(files)) archive.entry({ name: path.slice(1) }, Buffer.from(content));
			archive.finalize();
			await container.putArchive(Readable.from(archive), { path: '/' });
			await container.start();
			const { StatusCode } = (await container.wait()) as { StatusCode: number };
			const read = async (path: string) => {
				const content = await firstFile(await container.getArchive({ path }));
				if (!content) throw new Error('the archive has no file');
				return content;
			};
			if (StatusCode !== 0) throw new RunFailed((await read(log)).toString());
			return await read(result);
		} finally {
			await container.remove({ force: true, v: true });
		}
	}

	async folder(): Promise<string | undefined> {
		return ((await this.#docker.info()) as { DockerRootDir?: string }).DockerRootDir;
	}
}

function split(reference: string): { name: string; tag: string } {
	const colon = reference.lastIndexOf(':');
	return { name: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}

function onlyDockerfile(text: string): NodeJS.ReadableStream {
	const archive = pack();
	archive.entry({ name: 'Dockerfile' }, text);
	archive.finalize();
	return Readable.from(archive);
}
