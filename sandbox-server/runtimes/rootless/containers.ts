/**
 * Containers for somebody who is not root and has no engine: each is made by a program of ours (guest/agent/carry.c) in namespaces that the
 * kernel gives to everybody. Nothing of ours looks after one while it runs; what is known of it stands in its bundle, so another server of
 * this user, or the next one, finds it again. There are no control groups: memory and processors are not bounded.
 */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTime } from '../../platform/start-time.ts';
import { type ContainerSpec, type Containers, roleLabel, sandboxRole } from '../containers.ts';
import { Bundles, type Note, runs } from '../oci/bundles.ts';
import { cgroupVersion, kill } from '../oci/cgroups.ts';
import { EndWatch } from '../oci/ends.ts';
import { textIn, type UnpackedImage } from '../oci/unpacked-images.ts';
import { RuntimeAway, type RuntimeInfo, type SandboxRecord, StartFailed } from '../runtime.ts';
import { nameTexts } from '../sandbox-container.ts';
import { seccompProfile } from '../seccomp.ts';
import { filterBytes, filterCode } from './filter.ts';
import { ownProcesses, startersOf, withDescendants } from './processes.ts';
import { carrySteps, stepsText } from './steps.ts';

/** How long a call may take when the caller sets no deadline of its own, ms. */
const patience = 60_000;
/** Pauses in which an end is looked for, ms. */
const pause = 5;
/** What stands in the place of an OCI runtime's name. */
const selfName = 'etabli';
const stepsFile = 'steps';
const pidFile = 'pid';

export interface RootlessContainersOptions {
	/** Folder of what is known of containers, of this user alone, on this machine and not on a network. */
	root: string;
	images: { get(reference: string, signal: AbortSignal): Promise<UnpackedImage> };
	/** The agent, which makes containers and tells of ends. @throws Error when there is none yet */
	agent: () => string;
}

export class RootlessContainers implements Containers {
	readonly #options: RootlessContainersOptions;
	readonly #bundles: Bundles;
	readonly #watches = new Set<EndWatch>();
	/** Being destroyed by us. */
	readonly #destroying = new Map<string, Promise<void>>();
	/** Destroyed by us a moment ago: the kernel's word of their ends is no news. */
	readonly #destroyed = new Set<string>();

	constructor(options: RootlessContainersOptions) {
		this.#options = options;
		this.#bundles = new Bundles(join(options.root, 'bundles'));
	}

	async info(signal?: AbortSignal): Promise<RuntimeInfo> {
		answer(signal);
		return {
			kind: 'rootless',
			version: release(),
			ociRuntimes: [selfName],
			defaultOciRuntime: selfName,
			cgroup: cgroupVersion(),
			mapsUsers: true,
			unbounded: true,
			memory: totalmem(),
			cpus: availableParallelism(),
		};
	}

	async start(spec: ContainerSpec, signal: AbortSignal = AbortSignal.timeout(patience)): Promise<void> {
		const { name, ociRuntime = selfName } = spec;
		if (signal.aborted) throw new StartFailed(`${name}: given up before it began`, { cause: signal.reason });
		if (ociRuntime !== selfName) throw new StartFailed(`${name}: there is no OCI runtime ${ociRuntime}`);
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
		// Labels for whoever finds the note spoilt.
		this.#bundles.configure(name, { annotations: spec.labels });
		const image = await this.#options.images.get(spec.image, signal);
		const folder = this.#bundles.folder(name);
		const note: Note = { ...begun, image: image.id };
		this.#bundles.write(name, note);
		const filter = join(folder, 'filter');
		writeFileSync(filter, filterBytes(filterCode(spec.seccomp ?? seccompProfile(process.arch), process.arch)), { mode: 0o600 });
		// What the machine lacks nobody here can give it; doctor and `up` have said so.
		const devices = spec.devices.filter((path) => existsSync(path));
		const steps = carrySteps(
			{ ...spec, devices },
			{
				rootFolder: image.folder,
				imageEnv: image.env,
				names: nameFiles(folder, spec.hostname),
				filter,
				pidFile: join(folder, pidFile),
				besides: countsAll() ? ownProcesses() : 0,
			},
		);
		writeFileSync(join(folder, stepsFile), stepsText(steps), { mode: 0o600 });
		await carry(this.#options.agent(), join(folder, stepsFile), signal);
		const main = this.#begun(name);
		if (main === undefined) throw new Error('its main process ended at once');
		this.#bundles.write(name, { ...note, main });
		if (spec.labels[roleLabel] === sandboxRole) for (const watch of this.#watches) watch.add({ name, ...main });
	}

	/** Its main process, as the program that made it has written it down; undefined when it is not there any more. */
	#begun(name: string): { pid: number; started: string } | undefined {
		try {
			const [pid = '', started = ''] = readFileSync(join(this.#bundles.folder(name), pidFile), 'utf8')
				.trim()
				.split(' ');
			return startTime(Number(pid)) === started ? { pid: Number(pid), started } : undefined;
		} catch {
			// It never came so far.
			return undefined;
		}
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
		const all = this.#bundles.names().flatMap((name) => {
			const note = this.#bundles.read(name);
			return note ? { name, running: runs(note), labels: note.labels, created: note.created } : [];
		});
		return all.filter((record) => Object.entries(labels).every(([key, value]) => record.labels[key] === value));
	}

	/** Number of its main process; undefined when it does not run. */
	pid(name: string): number | undefined {
		const note = this.#bundles.exists(name) ? this.#bundles.read(name) : undefined;
		return runs(note) ? note?.main?.pid : undefined;
	}

	/** Names of those that have the folder, or something below it, mounted. */
	using(folder: string): string[] {
		return this.#bundles.names().filter((name) => {
			try {
				return readFileSync(join(this.#bundles.folder(name), stepsFile), 'utf8').includes(`\nbind\t${folder}/`);
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

	/** Whatever state it is in. With the first process of its namespace the kernel ends all others. */
	async #clear(name: string, signal: AbortSignal): Promise<void> {
		const folder = this.#bundles.folder(name);
		const note = this.#bundles.read(name);
		// A server that was killed in the middle of a start leaves the program that makes it at work.
		if (!note?.main) for (const pid of startersOf(join(folder, stepsFile))) kill(pid);
		const main = note?.main ?? this.#begun(name);
		while (main && startTime(main.pid) === main.started) {
			kill(main.pid);
			await sleep(pause);
			if (startTime(main.pid) === main.started) signal.throwIfAborted();
		}
		this.#bundles.remove(name);
	}

	async processes(name: string, signal: AbortSignal = AbortSignal.timeout(patience)): Promise<number[]> {
		answer(signal);
		const main = this.pid(name);
		return main === undefined ? [] : withDescendants(main);
	}

	async watch(onEnd: (name: string) => void, onBreak: (error: Error) => void): Promise<() => void> {
		const watch: EndWatch = new EndWatch(
			this.#options.agent(),
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

/** @throws Error with the program's own words; the signal's reason */
async function carry(agent: string, steps: string, signal: AbortSignal): Promise<void> {
	signal.throwIfAborted();
	const child = spawn(agent, ['--carry', steps], {
		stdio: ['ignore', 'ignore', 'pipe'],
		cwd: '/',
		// What it starts has a session of its own in any case; a Ctrl-C in this server's terminal is not for the program either.
		detached: true,
		signal,
		killSignal: 'SIGKILL',
	});
	let said = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-1000)));
	const status = await new Promise<number | string>((resolve, reject) => {
		child.once('error', (error) => reject(signal.aborted ? signal.reason : error));
		child.once('exit', (code, by) => resolve(code ?? by ?? 'unknown'));
	});
	if (status !== 0) throw new Error(said.trim() || `it ended with ${status}`);
}

/** Before Linux 5.14 the limit of processes counts all that a user has on the machine, not those of a user namespace. */
function countsAll(): boolean {
	const [major = 0, minor = 0] = release().split('.').map(Number);
	return major < 5 || (major === 5 && minor < 14);
}

/** There is nobody who could be away; a deadline that has passed has passed. @throws RuntimeAway */
function answer(signal: AbortSignal | undefined): void {
	if (signal?.aborted) throw new RuntimeAway('given up', { cause: signal.reason });
}

function nameFiles(folder: string, hostname: string): { hosts: string; resolv: string; hostname: string } {
	const files = { ...nameTexts, hostname: `${hostname}\n` };
	for (const [name, text] of Object.entries(files)) {
		writeFileSync(join(folder, name), text);
		chmodSync(join(folder, name), 0o644);
	}
	return { hosts: join(folder, 'hosts'), resolv: join(folder, 'resolv'), hostname: join(folder, 'hostname') };
}
