/** Containers by Docker Engine (20.10 or later) or Podman's compatible socket. */
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { reason, statusOf, within } from '../../images/docker/client.ts';
import { type BuildLabels, readImageFiles } from '../../images/docker/image-file.ts';
import { type ContainerSpec, type Containers, instanceLabel } from '../containers.ts';
import { RuntimeAway, type RuntimeInfo, type SandboxRecord, StartFailed } from '../runtime.ts';
import type { SeccompProfile } from '../seccomp.ts';
import { describe, translated } from './describe.ts';
import { deviations } from './deviations.ts';
import { watchEnds } from './events.ts';
import { containerOptions, type EngineTraits } from './options.ts';
import { canBeSeen, strangeFolder } from './own-folders.ts';
import { belongsTo, processesOf } from './processes.ts';
import { seccompSetting } from './state-files.ts';

/** How long a call may take when the caller sets no deadline of its own, in ms. */
const patience = 60_000;
/** How long clearing up after a failed start may take, in ms: apart from the caller's deadline, which may have passed. */
const clearingPatience = 30_000;

/** dockerd or containerd has just come back, and missed the end of the process that it had to kill: the next attempt finds it ended. */
const missedEnd = /did not receive an exit event|cannot remove - .*no such process/;

/** Marks a container that is there for a file of its image alone. */
const readingLabel = 'etabli.reading';

/** What this data folder's server has with the engine. */
export interface Marks {
	/** Folder for files that the engine reads; on the engine's machine. */
	stateDir: string;
	buildLabels: BuildLabels;
}

export class DockerContainers implements Containers {
	readonly #docker: Docker;
	readonly #traits: EngineTraits;
	readonly #marks: Marks;
	/** Containers that we are destroying: their ends are no news. */
	readonly #destroying = new Map<string, number>();
	/** Ends of containers that are only starting: news once the start has succeeded, no news when it fails. */
	readonly #starting = new Map<string, (() => void)[]>();
	/** Images, each with the OCI runtime, whose containers have been looked into: both decide on their folders. */
	readonly #seen = new Set<string>();
	#described: RuntimeInfo | undefined;
	/** Before the first reading of this process. */
	#cleared: Promise<void> | undefined;

	constructor(docker: Docker, traits: EngineTraits, marks: Marks) {
		this.#docker = docker;
		this.#traits = traits;
		this.#marks = marks;
	}

	async info(signal: AbortSignal = AbortSignal.timeout(patience)): Promise<RuntimeInfo> {
		// Podman starts programs of the distribution to say what it is, also for those who have given up: on a busy machine they would pile up.
		if (this.#traits.kind !== 'podman' || !this.#described) this.#described = await describe(this.#docker, signal);
		else
			await within(this.#docker.ping(), signal).catch((error: unknown) => {
				throw translated(error);
			});
		return this.#described;
	}

	async start(spec: ContainerSpec, signal: AbortSignal = AbortSignal.timeout(patience)): Promise<void> {
		if (signal.aborted) throw new StartFailed(`${spec.name}: given up before it began`, { cause: signal.reason });
		const seccomp = spec.seccomp && (await this.#seccomp(spec, spec.seccomp));
		const options = containerOptions(spec, this.#traits, seccomp);
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
			// Of a container that runs, Podman tells where symbolic links of the image have led its mounts, not what was asked.
			if (this.#traits.kind === 'podman') await look().then(() => within(container.start(), signal));
			// Both at once: until this returns nothing runs in it but our own program, and no learner can reach it.
			else await Promise.all([look(), within(container.start(), signal)]);
			await within(this.#lookInside(spec, container), signal);
		} catch (error) {
			this.#starting.delete(spec.name);
			await this.#clear(spec.name, created);
			throw startError(spec.name, error);
		}
		this.#starting.delete(spec.name);
		for (const report of early) report();
	}

	/** The first of its kind. @throws StartFailed when the container's user has no home of their own */
	async #lookInside({ name, image, ociRuntime, memoryFolders }: ContainerSpec, container: Docker.Container): Promise<void> {
		const kind = `${image} ${ociRuntime ?? ''}`;
		if (this.#seen.has(kind)) return;
		const { Id, State, HostConfig } = await container.inspect();
		// It has ended already: the next one tells.
		if (State.Pid === 0) return;
		// Podman does not say which is its own.
		const runtime = ociRuntime ?? (this.#traits.kind === 'podman' ? 'runc' : HostConfig.Runtime);
		// The engine may be on another machine.
		const visible = canBeSeen(runtime) && belongsTo(State.Pid, Id);
		const strange = visible ? strangeFolder(State.Pid, memoryFolders) : 'unseen';
		// What this server may not see, it may not see the next time either: no start is to take longer for it.
		if (strange !== undefined && strange !== 'unseen') throw new StartFailed(`${name}: ${strange}.`);
		this.#seen.add(kind);
	}

	async #seccomp({ name }: ContainerSpec, profile: SeccompProfile): Promise<string> {
		try {
			return await seccompSetting(this.#traits.kind, profile, this.#marks.stateDir);
		} catch (error) {
			throw new StartFailed(`${name}: ${reason(error)}`, { cause: error });
		}
	}

	async read(image: string, paths: readonly string[], signal: AbortSignal = AbortSignal.timeout(patience)): Promise<string[]> {
		const labels = { ...this.#marks.buildLabels, [readingLabel]: '1' };
		try {
			this.#cleared ??= this.#clearReadings(labels, signal);
			await this.#cleared;
			return await within(readImageFiles(this.#docker, { image, paths, labels }), signal);
		} catch (error) {
			this.#cleared = undefined;
			throw translated(error);
		}
	}

	/** Takes away what a server of this data folder that was killed in the middle of a reading has left. */
	async #clearReadings(labels: Record<string, string>, signal: AbortSignal): Promise<void> {
		// Nobody's in particular: another server may be reading just now.
		if (labels[instanceLabel] === undefined) return;
		for (const { name } of await this.list(labels, signal))
			await within(this.#docker.getContainer(name).remove({ force: true, v: true }), signal).catch((error: unknown) => {
				if (statusOf(error) !== 404) throw error;
			});
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

	async list(labels: Record<string, string>, signal: AbortSignal = AbortSignal.timeout(patience)): Promise<SandboxRecord[]> {
		try {
			const label = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
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

	async processes(name: string, signal: AbortSignal = AbortSignal.timeout(patience)): Promise<number[]> {
		try {
			const { Id } = await within(this.#docker.getContainer(name).inspect({ abortSignal: signal }), signal);
			return processesOf(Id);
		} catch (error) {
			if (statusOf(error) === 404) return [];
			throw translated(error);
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
			if (statusOf(error) === 500 && missedEnd.test(reason(error))) {
				await within(sleep(100), signal).catch((late: unknown) => Promise.reject(translated(late)));
				return await this.#remove(name, signal);
			}
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
	if (known instanceof RuntimeAway && !(error instanceof Error && ['AbortError', 'TimeoutError'].includes(error.name))) return known;
	return new StartFailed(`${name}: ${reason(error)}`, { cause: error });
}
