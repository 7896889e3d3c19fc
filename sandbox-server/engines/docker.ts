/** Sandboxes by Docker Engine (20.10 or later) or Podman's compatible socket. */
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { deviations } from './deviations.ts';
import { reason, statusOf, translated, within } from './docker-errors.ts';
import { watchEnds } from './docker-events.ts';
import { type Engine, EngineAway, type EngineInfo, type SandboxRecord, type SandboxSpec, StartFailed } from './engine.ts';
import { seccompProfile } from './seccomp.ts';
import { containerOptions, type EngineTraits, roleLabel, sandboxRole } from './spec.ts';

/** How long a call may take when the caller sets no deadline of its own, in ms. */
const patience = 60_000;
/** How long clearing up after a failed start may take, in ms: apart from the caller's deadline, which may have passed. */
const clearingPatience = 30_000;

export interface DockerEngineOptions {
	/** unix:///path, tcp://host:port or http(s)://host:port. */
	url: string;
	/** Folder for files that the engine reads; must be on the engine's machine. */
	stateDir: string;
	/** For finding out what the engine is. */
	signal?: AbortSignal | undefined;
	/** Name of a loaded AppArmor profile for the sandboxes; undefined where the kernel has no AppArmor. */
	apparmor?: string | undefined;
	/** Another main process than the holder: for tests of the container alone. */
	entrypoint?: string[] | undefined;
}

export class DockerEngine implements Engine {
	readonly #docker: Docker;
	readonly #traits: EngineTraits;
	readonly #seccomp: string;
	readonly #entrypoint: string[] | undefined;
	/** Sandboxes that we are destroying: their ends are no news. */
	readonly #destroying = new Map<string, number>();
	/** Ends of sandboxes that are only starting: news once the start has succeeded, no news when it fails. */
	readonly #starting = new Map<string, (() => void)[]>();
	readonly url: string;

	private constructor(docker: Docker, traits: EngineTraits, seccomp: string, options: DockerEngineOptions) {
		this.#docker = docker;
		this.#traits = traits;
		this.#seccomp = seccomp;
		this.#entrypoint = options.entrypoint;
		this.url = options.url;
	}

	/** Asks the engine what it is. @throws EngineAway when it does not answer */
	static async connect(options: DockerEngineOptions): Promise<DockerEngine> {
		const docker = new Docker(address(options.url));
		const signal = options.signal ?? AbortSignal.timeout(patience);
		const { kind, cgroup } = await describe(docker, signal);
		const profile = JSON.stringify(seccompProfile(process.arch));
		const seccomp = kind === 'podman' ? await profileFile(options.stateDir, profile) : profile;
		const names = kind === 'docker' ? await nameFiles(options.stateDir) : undefined;
		return new DockerEngine(docker, { kind, cgroup, apparmor: options.apparmor, names }, seccomp, options);
	}

	/** The engine's own client, for building images and running the registry. */
	get docker(): Docker {
		return this.#docker;
	}

	get traits(): EngineTraits {
		return this.#traits;
	}

	async info(signal: AbortSignal = AbortSignal.timeout(patience)): Promise<EngineInfo> {
		return await describe(this.#docker, signal);
	}

	async start(spec: SandboxSpec, signal: AbortSignal = AbortSignal.timeout(patience)): Promise<void> {
		if (signal.aborted) throw new StartFailed(`${spec.name}: given up before it began`, { cause: signal.reason });
		const options = containerOptions(spec, this.#traits, this.#seccomp, this.#entrypoint);
		const early: (() => void)[] = [];
		this.#starting.set(spec.name, early);
		// Not tied to the signal: an engine may make the container although nobody listens any more, and then its id must not be lost.
		const created = this.#docker.createContainer(options);
		try {
			const container = await within(created, signal);
			const look = async () => {
				const wrong = deviations(options, await within(container.inspect(), signal));
				if (wrong.length > 0) throw new StartFailed(`${spec.name}: the engine did not make what was asked: ${wrong.join('; ')}`);
			};
			// Both at once: until this returns nothing runs in it but our own program, and no learner can reach it.
			await Promise.all([look(), within(container.start(), signal)]);
		} catch (error) {
			this.#starting.delete(spec.name);
			await this.#clear(spec.name, created);
			throw startError(spec.name, error);
		}
		this.#starting.delete(spec.name);
		for (const report of early) report();
	}

	async status(name: string, signal: AbortSignal = AbortSignal.timeout(patience)): Promise<'running' | 'ended' | 'gone'> {
		try {
			const { State } = await within(this.#docker.getContainer(name).inspect({ abortSignal: signal }), signal);
			return State.Running ? 'running' : 'ended';
		} catch (error) {
			if (statusOf(error) === 404) return 'gone';
			throw translated(error);
		}
	}

	async list(
		{ key, value }: { key: string; value: string },
		signal: AbortSignal = AbortSignal.timeout(patience),
	): Promise<SandboxRecord[]> {
		try {
			const label = [`${key}=${value}`, `${roleLabel}=${sandboxRole}`];
			const found = await within(this.#docker.listContainers({ all: true, filters: { label }, abortSignal: signal }), signal);
			return found.map(({ Names, State, Labels, Created }) => ({
				name: (Names[0] ?? '').replace(/^\//, ''),
				running: State === 'running',
				labels: Labels,
				created: Created * 1000,
			}));
		} catch (error) {
			throw translated(error);
		}
	}

	async destroy(name: string, signal: AbortSignal = AbortSignal.timeout(patience)): Promise<void> {
		const done = this.#mark(name);
		try {
			await this.#remove(name, signal);
		} finally {
			done();
		}
	}

	async watch(onEnd: (name: string) => void, onBreak: (error: Error) => void): Promise<() => void> {
		const ended = (name: string): void => {
			if (this.#destroying.has(name)) return;
			const early = this.#starting.get(name);
			if (early) early.push(() => onEnd(name));
			else onEnd(name);
		};
		return await watchEnds(this.#docker, ended, onBreak, AbortSignal.timeout(patience));
	}

	async #remove(name: string, signal: AbortSignal): Promise<void> {
		const container = this.#docker.getContainer(name);
		try {
			await within(container.remove({ force: true, v: true, abortSignal: signal }), signal);
		} catch (error) {
			// 404: gone already. 409: somebody else's removal is under way; it is done when the name is free.
			if (statusOf(error) === 404) return;
			// dockerd has just come back and missed the end of the process that it had to kill: the next attempt finds it ended.
			if (statusOf(error) === 500 && reason(error).includes('did not receive an exit event')) return await this.#remove(name, signal);
			if (statusOf(error) !== 409) throw translated(error);
			while ((await this.status(name, signal)) !== 'gone')
				await within(sleep(100), signal).catch((late: unknown) => Promise.reject(translated(late)));
		}
	}

	/** Leaves nothing of a start that failed, also when the engine finishes making the container only now. */
	async #clear(name: string, created: Promise<Docker.Container>): Promise<void> {
		const done = this.#mark(name);
		const removal = created.then(
			(container) => this.#remove(container.id, AbortSignal.timeout(clearingPatience)),
			// Nothing was made (wrong image, name taken, engine away): the caller is told that already.
			() => undefined,
		);
		// A removal that fails too is left to the caller's own reconciliation by `list`; the first error says more than the second.
		await within(removal, AbortSignal.timeout(clearingPatience)).catch(() => undefined);
		done();
	}

	/** Notes that `name` ends by our own doing; the function returned takes that back, a moment later: events come after answers. */
	#mark(name: string): () => void {
		this.#destroying.set(name, (this.#destroying.get(name) ?? 0) + 1);
		return () => {
			setTimeout(() => {
				const left = (this.#destroying.get(name) ?? 1) - 1;
				if (left > 0) this.#destroying.set(name, left);
				else this.#destroying.delete(name);
			}, 1000).unref();
		};
	}
}

function startError(name: string, error: unknown): Error {
	if (error instanceof StartFailed) return error;
	const known = translated(error);
	// A deadline that has passed is a failed start; only silence of a connection is an engine that is away.
	if (known instanceof EngineAway && !(error instanceof Error && ['AbortError', 'TimeoutError'].includes(error.name))) return known;
	return new StartFailed(`${name}: ${reason(error)}`, { cause: error });
}

/** Connection options from an address; never from the environment, which the client would otherwise mix in. */
function address(url: string): Docker.DockerOptions {
	const none = { host: undefined, port: undefined, protocol: undefined, socketPath: undefined };
	if (url.startsWith('unix://')) return { ...none, protocol: 'http', socketPath: url.slice('unix://'.length) };
	const { hostname, port, protocol } = new URL(url);
	return { ...none, host: hostname, port: port || 2375, protocol: protocol === 'https:' ? 'https' : 'http' };
}

async function describe(docker: Docker, signal: AbortSignal): Promise<EngineInfo & EngineTraits> {
	try {
		const [info, version] = await Promise.all([within(docker.info(), signal), within(docker.version(), signal)]);
		const podman = version.Components?.some(({ Name }) => Name.startsWith('Podman')) ?? false;
		return {
			kind: podman ? 'podman' : 'docker',
			version: version.Version,
			runtimes: Object.keys(info.Runtimes ?? {}),
			defaultRuntime: info.DefaultRuntime,
			cgroup: info.CgroupVersion === '2' ? 'v2' : 'v1',
			memory: info.MemTotal,
			cpus: info.NCPU,
		};
	} catch (error) {
		throw translated(error);
	}
}

/** Podman's API takes a path, not the profile itself. The name carries the content's hash: sandboxes of two versions do not meet. */
async function profileFile(stateDir: string, profile: string): Promise<string> {
	return await stateFile(stateDir, `seccomp-${createHash('sha256').update(profile).digest('hex').slice(0, 12)}.json`, profile);
}

/** What a sandbox knows of names: itself, and nobody to ask. */
async function nameFiles(stateDir: string): Promise<NonNullable<EngineTraits['names']>> {
	return {
		hosts: await stateFile(stateDir, 'sandbox-hosts', '127.0.0.1\tlocalhost\n'),
		resolv: await stateFile(stateDir, 'sandbox-resolv.conf', 'nameserver 127.0.0.1\n'),
	};
}

/**
 * Written only when it is not there as it should be: a disk that has filled up since is no reason to do without the engine.
 * @returns its path, absolute: what the engine is told
 */
async function stateFile(stateDir: string, name: string, text: string): Promise<string> {
	const path = resolve(stateDir, name);
	if (await isThere(path, text)) return path;
	await mkdir(stateDir, { recursive: true });
	const draft = `${path}.${process.pid}`;
	await writeFile(draft, text);
	// Sandboxes read it as another user, whatever the server's umask.
	await chmod(draft, 0o644);
	await rename(draft, path);
	return path;
}

async function isThere(path: string, text: string): Promise<boolean> {
	try {
		return (await readFile(path, 'utf8')) === text && ((await stat(path)).mode & 0o777) === 0o644;
	} catch {
		// What cannot be read is written anew; if that fails, it says why.
		return false;
	}
}
