/** Containers by an OCI runtime's command line, with no daemon between: one call starts one. */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, getPriority, setPriority, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTime } from '../../platform/start-time.ts';
import type { ContainerSpec } from '../containers.ts';
import { RuntimeAway, type RuntimeInfo } from '../runtime.ts';
import { answer, BundledContainers, type UnpackedImageSource } from './bundled-containers.ts';
import type { Main, Note } from './bundles.ts';
import { cgroupParent, cgroupVersion, clearGroups, kill, limitsSwap, processesInGroups } from './cgroups.ts';
import { runOci } from './command.ts';
import { ociConfig } from './config.ts';
import type { UnpackedImage } from './unpacked-images.ts';

/** Pauses in which an end is looked for, ms. */
const pause = 5;

export interface OciContainersOptions {
	/** Folder of what is known of containers, of this user alone; best one that does not outlive the machine's own run. */
	root: string;
	images: UnpackedImageSource;
	/** OCI runtimes by name, the default one first. */
	ociRuntimes: readonly string[];
	version: string;
	/** The agent, which tells of ends; for `watch`. */
	agent: string | undefined;
	apparmor: string | undefined;
}

export class OciContainers extends BundledContainers {
	readonly #options: OciContainersOptions;
	readonly #states: string;

	constructor(options: OciContainersOptions) {
		super(options.root, options.images, options.ociRuntimes);
		this.#options = options;
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

	protected agent(): string {
		const { agent } = this.#options;
		if (agent === undefined) throw new RuntimeAway('there is no program yet that could watch over sandboxes');
		return agent;
	}

	protected mounts(name: string, folder: string): boolean {
		return readFileSync(join(this.bundles.folder(name), 'config.json'), 'utf8').includes(`"source":"${folder}/`);
	}

	protected async make(spec: ContainerSpec, image: UnpackedImage, { ociRuntime: program }: Note, signal: AbortSignal): Promise<Main> {
		const { name } = spec;
		const folder = this.bundles.folder(name);
		this.bundles.configure(
			name,
			ociConfig(spec, {
				cgroup: cgroupVersion(),
				limitsSwap: limitsSwap(),
				rootFolder: image.folder,
				imageEnv: image.env,
				cgroupPath: join(cgroupParent, name),
				names: this.nameFiles(name, spec.hostname),
				device,
				apparmor: this.#options.apparmor,
			}),
		);
		const pidFile = join(folder, 'pid');
		const args = ['run', '--detach', '--bundle', folder, '--pid-file', pidFile, name];
		await runOci({ program, root: this.#states, args, log: join(folder, 'log'), signal });
		const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
		// 1 is the machine's own first process, which nobody has just started.
		if (!Number.isSafeInteger(pid) || pid < 2) throw new Error(`${program} does not say which process it has started`);
		const started = startTime(pid);
		if (started === undefined) throw new Error('its main process ended at once');
		resetPriority(pid);
		return { pid, started };
	}

	/** Whatever state it is in: running, half started, or of a runtime that is not here any more. */
	protected async clear(name: string, signal: AbortSignal): Promise<void> {
		const note = this.bundles.read(name);
		const main = note?.main;
		// A server that was killed in the middle of a start leaves the runtime at work.
		if (!main) for (const pid of startersOf(this.bundles.folder(name))) kill(pid);
		if (main && startTime(main.pid) === main.started) {
			kill(main.pid);
			while (startTime(main.pid) === main.started) {
				signal.throwIfAborted();
				await sleep(pause);
			}
		}
		await clearGroups(name, signal);
		const log = join(this.bundles.folder(name), 'log');
		const program = note?.ociRuntime ?? this.#options.ociRuntimes[0] ?? 'runc';
		// By now nothing of it runs; the runtime forgets its state. One that never knew it, or is not here any more, has nothing to forget.
		await runOci({ program, root: this.#states, args: ['delete', '--force', name], log, signal }).catch(() => signal.throwIfAborted());
		await clearGroups(name, signal);
		this.bundles.remove(name);
	}

	async processes(name: string, signal?: AbortSignal): Promise<number[]> {
		answer(signal);
		return processesInGroups(name);
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

/** @throws Error when it is no device of characters */
function device(path: string): { major: number; minor: number } {
	const found = lstatSync(path);
	if (!found.isCharacterDevice()) throw new Error(`${path} is no device`);
	// As the kernel packs them into st_rdev.
	return { major: (found.rdev >> 8) & 0xfff, minor: (found.rdev & 0xff) | ((found.rdev >> 12) & 0xfff00) };
}
