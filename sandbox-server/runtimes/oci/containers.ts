/**
 * Containers by an OCI runtime's command line, with no daemon between: one call starts one, and nothing of ours looks after it while it
 * runs. What is known of it stands in its bundle, so another server of this machine, or the next one, finds it again.
 */
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, getPriority, setPriority, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTime } from '../../platform/start-time.ts';
import { type ContainerSpec, type Containers, roleLabel, sandboxRole } from '../containers.ts';
import { RuntimeAway, type RuntimeInfo, type SandboxRecord, StartFailed } from '../runtime.ts';
import { nameTexts } from '../sandbox-container.ts';
import { Bundles, type Note, runs } from './bundles.ts';
import { cgroupParent, cgroupVersion, clearGroups, kill, limitsSwap, processesInGroups } from './cgroups.ts';
import { runOci } from './command.ts';
import { ociConfig } from './config.ts';
import { EndWatch } from './ends.ts';
import { textIn, type UnpackedImages } from './unpacked-images.ts';

/** How long a call may take when the caller sets no deadline of its own, ms. */
const patience = 60_000;
/** Pauses in which an end is looked for, ms. */
const pause = 5;

export interface OciContainersOptions {
	/** Folder of what is known of containers, of this user alone; best one that does not outlive the machine's own run. */
	root: string;
	images: Pick<UnpackedImages, 'get'>;
	/** OCI runtimes by name, the default one first. */
	ociRuntimes: readonly string[];
	version: string;
	/** The agent, which tells of ends; for `watch`. */
	agent: string | undefined;
	apparmor: string | undefined;
}

export class OciContainers implements Containers {
	readonly #options: OciContainersOptions;
	readonly #bundles: Bundles;
	readonly #states: string;
	readonly #watches = new Set<EndWatch>();
	/** Being destroyed by us. */
	readonly #destroying = new Map<string, Promise<void>>();
	/** Destroyed by us a moment ago: the kernel's word of their ends is no news. */
	readonly #destroyed = new Set<string>();

	constructor(options: OciContainersOptions) {
		this.#options = options;
		this.#bundles = new Bundles(join(options.root, 'bundles'));
		this.#states = join(options.root, 'states');
		mkdirSync(this.#states, { recursive: true, mode: 0o700 });
	}

	/** Those that are known in the folder, to be looked at and ended: for that no image is needed, nor what builds them. */
	static left(root: string): OciContainers {
		const get = () => Promise.reject(new RuntimeAway('nothing is started here'));
		return new OciContainers({ root, images: { get }, ociRuntimes: [], version: '', agent: undefined, apparmor: undefined });
	}

	async info(signal?: AbortSignal): Promise<RuntimeInfo> {
		answer(signal);
		const { ociRuntimes, version } = this.#options;
		return {
			kind: 'oci',
			version,
			ociRuntimes: [...ociRuntimes],
			defaultOciRuntime: ociRuntimes[0] ?? '',
			cgroup: cgroupVersion(),
			mapsUsers: false,
			memory: totalmem(),
			cpus: availableParallelism(),
		};
	}

	async start(spec: ContainerSpec, signal: AbortSignal = AbortSignal.timeout(patience)): Promise<void> {
		const { name } = spec;
		if (signal.aborted) throw new StartFailed(`${name}: given up before it began`, { cause: signal.reason });
		const ociRuntime = spec.ociRuntime ?? this.#options.ociRuntimes[0];
		if (ociRuntime === undefined || !this.#options.ociRuntimes.includes(ociRuntime))
			throw new StartFailed(`${name}: there is no OCI runtime ${ociRuntime}`);
		const note: Note = { labels: spec.labels, created: Date.now(), ociRuntime };
		if (!this.#bundles.make(name, note)) throw new StartFailed(`${name}: the name is taken`);
		try {
			await this.#start(spec, note, signal);
		} catch (error) {
			// What cannot be cleared away now is found by `list`: it is an ended one.
			await this.#clear(name, AbortSignal.timeout(patience)).catch(() => undefined);
			throw new StartFailed(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
		}
	}

	async #start(spec: ContainerSpec, begun: Note, signal: AbortSignal): Promise<void> {
		const { name } = spec;
		const image = await this.#options.images.get(spec.image, signal);
		const folder = this.#bundles.folder(name);
		const note: Note = { ...begun, image: image.id };
		this.#bundles.write(name, note);
		this.#bundles.configure(
			name,
			ociConfig(spec, {
				cgroup: cgroupVersion(),
				limitsSwap: limitsSwap(),
				rootFolder: image.folder,
				imageEnv: image.env,
				cgroupPath: join(cgroupParent, name),
				names: nameFiles(folder, spec.hostname),
				device,
				apparmor: this.#options.apparmor,
			}),
		);
		const pidFile = join(folder, 'pid');
		const args = ['run', '--detach', '--bundle', folder, '--pid-file', pidFile, name];
		await runOci({ program: note.ociRuntime, root: this.#states, args, log: join(folder, 'log'), signal });
		const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
		// 1 is the machine's own first process, which nobody has just started.
		if (!Number.isSafeInteger(pid) || pid < 2) throw new Error(`${note.ociRuntime} does not say which process it has started`);
		const started = startTime(pid);
		if (started === undefined) throw new Error('its main process ended at once');
		resetPriority(pid);
		this.#bundles.write(name, { ...note, main: { pid, started } });
		if (spec.labels[roleLabel] === sandboxRole) for (const watch of this.#watches) watch.add({ name, pid, started });
	}

	async read(image: string, paths: readonly string[], signal: AbortSignal = AbortSignal.timeout(patience)): Promise<string[]> {
		const { folder } = await this.#options.images.get(image, signal);
		return paths.map((path) => textIn(folder, path));
	}

	async status(name: string, signal?: AbortSignal): Promise<'running' | 'ended' | 'gone'> {
		answer(signal);
		if (!this.#bundles.exists(name)) return 'gone';
		return runs(this.#bundles.read(name)) ? 'running' : 'ended';
	}

	async list(labels: Record<string, string>, signal?: AbortSignal): Promise<SandboxRecord[]> {
		answer(signal);
		return this.#all().filter((record) => Object.entries(labels).every(([key, value]) => record.labels[key] === value));
	}

	#all(): SandboxRecord[] {
		return this.#bundles.names().flatMap((name) => {
			const note = this.#bundles.read(name);
			return note ? { name, running: runs(note), labels: note.labels, created: note.created } : [];
		});
	}

	/** Number of its main process; undefined when it does not run. */
	pid(name: string): number | undefined {
		if (!this.#bundles.exists(name)) return undefined;
		const note = this.#bundles.read(name);
		return runs(note) ? note?.main?.pid : undefined;
	}

	/** Names of those that have the folder, or something below it, mounted. */
	using(folder: string): string[] {
		return this.#bundles.names().filter((name) => {
			try {
				return readFileSync(join(this.#bundles.folder(name), 'config.json'), 'utf8').includes(`"source":"${folder}/`);
			} catch {
				// A start that never came so far has nothing mounted.
				return false;
			}
		});
	}

	/** Ids of images that containers have. */
	images(): Set<string> {
		return new Set(this.#bundles.names().flatMap((name) => this.#bundles.read(name)?.image ?? []));
	}

	async destroy(name: string, signal: AbortSignal = AbortSignal.timeout(patience)): Promise<void> {
		answer(signal);
		const running = this.#destroying.get(name);
		if (running) return await running;
		if (!this.#bundles.exists(name)) return;
		const work = this.#clear(name, signal).finally(() => this.#destroying.delete(name));
		this.#destroying.set(name, work);
		try {
			await work;
			this.#destroyed.add(name);
			setTimeout(() => this.#destroyed.delete(name), 1000).unref();
		} catch (error) {
			throw new RuntimeAway(`${name} could not be ended: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
		}
	}

	/** Whatever state it is in: running, half started, or of a runtime that is not here any more. */
	async #clear(name: string, signal: AbortSignal): Promise<void> {
		const note = this.#bundles.read(name);
		const main = note?.main;
		// A server that was killed in the middle of a start leaves the runtime at work.
		if (!main) for (const pid of startersOf(this.#bundles.folder(name))) kill(pid);
		if (main && startTime(main.pid) === main.started) {
			kill(main.pid);
			while (startTime(main.pid) === main.started) {
				signal.throwIfAborted();
				await sleep(pause);
			}
		}
		await clearGroups(name, signal);
		const log = join(this.#bundles.folder(name), 'log');
		const program = note?.ociRuntime ?? this.#options.ociRuntimes[0] ?? 'runc';
		// By now nothing of it runs; the runtime forgets its state. One that never knew it, or is not here any more, has nothing to forget.
		await runOci({ program, root: this.#states, args: ['delete', '--force', name], log, signal }).catch(() => signal.throwIfAborted());
		await clearGroups(name, signal);
		this.#bundles.remove(name);
	}

	async processes(name: string, signal: AbortSignal = AbortSignal.timeout(patience)): Promise<number[]> {
		answer(signal);
		return processesInGroups(name);
	}

	async watch(onEnd: (name: string) => void, onBreak: (error: Error) => void): Promise<() => void> {
		const { agent } = this.#options;
		if (agent === undefined) throw new RuntimeAway('there is no program yet that could watch over sandboxes');
		const watch: EndWatch = new EndWatch(
			agent,
			(name) => {
				if (!this.#destroying.has(name) && !this.#destroyed.has(name)) onEnd(name);
			},
			(error) => {
				this.#watches.delete(watch);
				onBreak(error);
			},
		);
		this.#watches.add(watch);
		for (const name of this.#bundles.names()) {
			const note = this.#bundles.read(name);
			if (note?.main && note.labels[roleLabel] === sandboxRole && runs(note)) watch.add({ name, ...note.main });
		}
		return () => {
			this.#watches.delete(watch);
			watch.close();
		};
	}
}

/** The server may have been given a better or worse turn at the processor than others: that is its own. */
function resetPriority(pid: number): void {
	try {
		if (getPriority() !== 0) setPriority(pid, 0);
	} catch {
		// It has ended, which is seen; or this server may not, as root of a container without CAP_SYS_NICE: then all have the same turn.
	}
}

/** Processes that are just starting the container of this bundle. */
function startersOf(folder: string): number[] {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.filter((name) => {
			try {
				return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(`--bundle\0${folder}\0`);
			} catch {
				// It has ended since it was listed.
				return false;
			}
		})
		.map(Number);
}

/** There is nobody who could be away; a deadline that has passed has passed. @throws RuntimeAway */
function answer(signal: AbortSignal | undefined): void {
	if (signal?.aborted) throw new RuntimeAway('given up', { cause: signal.reason });
}

function nameFiles(folder: string, hostname: string): { hosts: string; resolv: string; hostname: string } {
	const files = { ...nameTexts, hostname: `${hostname}\n` };
	for (const [name, text] of Object.entries(files)) {
		writeFileSync(join(folder, name), text);
		// Its users are others than the server's, whatever its umask.
		chmodSync(join(folder, name), 0o644);
	}
	return { hosts: join(folder, 'hosts'), resolv: join(folder, 'resolv'), hostname: join(folder, 'hostname') };
}

/** @throws Error when it is no device of characters */
function device(path: string): { major: number; minor: number } {
	const found = lstatSync(path);
	if (!found.isCharacterDevice()) throw new Error(`${path} is no device`);
	// As the kernel packs them into st_rdev.
	return { major: (found.rdev >> 8) & 0xfff, minor: (found.rdev & 0xff) | ((found.rdev >> 12) & 0xfff00) };
}
