/**
 * Containers for somebody who is not root and has no engine: each is made by a program of ours (guest/agent/carry.c) in namespaces that the
 * kernel gives to everybody. There are no control groups: memory and processors are not bounded.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTime } from '../../platform/start-time.ts';
import type { ContainerSpec } from '../containers.ts';
import { answer, BundledContainers, type UnpackedImageSource } from '../oci/bundled-containers.ts';
import type { Main, Note } from '../oci/bundles.ts';
import { cgroupVersion, kill } from '../oci/cgroups.ts';
import type { UnpackedImage } from '../oci/unpacked-images.ts';
import type { RuntimeInfo } from '../runtime.ts';
import { seccompProfile } from '../seccomp.ts';
import { filterBytes, filterCode } from './filter.ts';
import { ownProcesses, startersOf, withDescendants } from './processes.ts';
import { carrySteps, stepsText } from './steps.ts';

/** Pauses in which an end is looked for, ms. */
const pause = 5;
/** What stands in the place of an OCI runtime's name. */
const selfName = 'etabli';
const stepsFile = 'steps';
const pidFile = 'pid';

export interface RootlessContainersOptions {
	/** Folder of what is known of containers, of this user alone, on this machine and not on a network. */
	root: string;
	images: UnpackedImageSource;
	/** The agent, which makes containers and tells of ends. @throws Error when there is none yet */
	agent: () => string;
}

export class RootlessContainers extends BundledContainers {
	readonly #options: RootlessContainersOptions;

	constructor(options: RootlessContainersOptions) {
		super(options.root, options.images, [selfName]);
		this.#options = options;
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

	protected agent(): string {
		return this.#options.agent();
	}

	protected mounts(name: string, folder: string): boolean {
		return readFileSync(join(this.bundles.folder(name), stepsFile), 'utf8').includes(`\nbind\t${folder}/`);
	}

	protected async make(spec: ContainerSpec, image: UnpackedImage, _note: Note, signal: AbortSignal): Promise<Main> {
		const folder = this.bundles.folder(spec.name);
		const filter = join(folder, 'filter');
		writeFileSync(filter, filterBytes(filterCode(spec.seccomp ?? seccompProfile(process.arch), process.arch)), { mode: 0o600 });
		// What the machine lacks nobody here can give it; doctor and `up` have said so.
		const devices = spec.devices.filter((path) => existsSync(path));
		const steps = carrySteps(
			{ ...spec, devices },
			{
				rootFolder: image.folder,
				imageEnv: image.env,
				names: this.nameFiles(spec.name, spec.hostname),
				filter,
				pidFile: join(folder, pidFile),
				besides: countsAll() ? ownProcesses() : 0,
			},
		);
		writeFileSync(join(folder, stepsFile), stepsText(steps), { mode: 0o600 });
		await carry(this.#options.agent(), join(folder, stepsFile), signal);
		const main = this.#begun(spec.name);
		if (main === undefined) throw new Error('its main process ended at once');
		return main;
	}

	/** Its main process, as the program that made it has written it down; undefined when it is not there any more. */
	#begun(name: string): Main | undefined {
		try {
			const [pid = '', started = ''] = readFileSync(join(this.bundles.folder(name), pidFile), 'utf8')
				.trim()
				.split(' ');
			return startTime(Number(pid)) === started ? { pid: Number(pid), started } : undefined;
		} catch {
			// It never came so far.
			return undefined;
		}
	}

	/** Whatever state it is in. With the first process of its namespace the kernel ends all others. */
	protected async clear(name: string, signal: AbortSignal): Promise<void> {
		const folder = this.bundles.folder(name);
		const note = this.bundles.read(name);
		// A server that was killed in the middle of a start leaves the program that makes it at work.
		if (!note?.main) for (const pid of startersOf(join(folder, stepsFile))) kill(pid);
		const main = note?.main ?? this.#begun(name);
		while (main && startTime(main.pid) === main.started) {
			kill(main.pid);
			await sleep(pause);
			if (startTime(main.pid) === main.started) signal.throwIfAborted();
		}
		this.bundles.remove(name);
	}

	async processes(name: string, signal?: AbortSignal): Promise<number[]> {
		answer(signal);
		const main = this.pid(name);
		return main === undefined ? [] : withDescendants(main);
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
