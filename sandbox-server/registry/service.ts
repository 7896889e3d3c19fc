/** The registry itself: a container without network that listens on a unix socket in the data folder. */
import { chmod, chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ContainerService } from '../runtimes/container-service.ts';
import { type ContainerSpec, type Containers, instanceLabel, registryRole, roleLabel } from '../runtimes/containers.ts';
import { RuntimeAway } from '../runtimes/runtime.ts';
import type { Service } from '../runtimes/service.ts';
import { ask } from './client.ts';

export interface RegistryServiceOptions {
	containers: Containers;
	/** Reference of the image built from ./image. */
	image: string;
	/** Host folder for the registry's data and socket, of the server alone. */
	folder: string;
	/** Marks this server's registry in the engine. */
	instance: string;
	/** Told when the registry had to be started again, or could not be. */
	onFault?: (error: unknown) => void;
}

const MiB = 1024 * 1024;
/** How long it may take to answer after its start, in ms: the garbage collection comes first. */
const startPatience = 60_000;
/** How often it is asked whether it is well, in ms. */
const healthEvery = 15_000;

export class RegistryService {
	readonly #options: RegistryServiceOptions;
	readonly #service: Service;
	#timer: NodeJS.Timeout | undefined;
	#checking = false;
	/** Socket of the registry, for RegistryFront and seedRegistry. */
	readonly socket: string;
	/** Where it keeps its data. */
	readonly data: string;

	constructor(options: RegistryServiceOptions) {
		this.#options = options;
		this.data = join(options.folder, 'data');
		const sockets = join(options.folder, 'socket');
		this.socket = join(sockets, 'registry.sock');
		const { image, instance } = options;
		const owner = ownerOf(process.getuid?.() ?? 0);
		const name = `etabli-registry-${instance}`;
		this.#service = new ContainerService(options.containers, registryContainer({ name, image, instance, data: this.data, sockets, owner }));
	}

	/** Starts it, or takes over the one that runs; resolves when it answers. Idempotent. @throws with the engine's words */
	async start(_signal?: AbortSignal): Promise<void> {
		await this.#ensure();
		this.#timer ??= setInterval(() => void this.#look(), healthEvery).unref();
	}

	/** Does it answer? */
	async healthy(signal: AbortSignal = AbortSignal.timeout(5000)): Promise<boolean> {
		try {
			return (await ask(this.socket, { method: 'GET', path: '/v2/', signal })).status === 200;
		} catch {
			// Whatever the fault: it does not answer, which is the answer.
			return false;
		}
	}

	/** Stops looking after it; it goes on serving. */
	release(): void {
		clearInterval(this.#timer);
		this.#timer = undefined;
	}

	/** Ends and removes it; its data stay. Idempotent. */
	async stop(): Promise<void> {
		this.release();
		await this.#service.stop();
	}

	/** Somebody got no answer from it: it is looked at now, and not only when it is time. */
	missed(): void {
		if (this.#timer) void this.#look();
	}

	async #look(): Promise<void> {
		if (this.#checking) return;
		this.#checking = true;
		try {
			if (await this.healthy()) return;
			this.#options.onFault?.(new Error('the registry did not answer: it is started again'));
			await this.#ensure();
		} catch (error) {
			// The engine may be away: the next look tries again.
			this.#options.onFault?.(error);
		} finally {
			this.#checking = false;
		}
	}

	async #ensure(): Promise<void> {
		if ((await this.#service.runs()) && (await this.healthy())) return;
		const { folder } = this.#options;
		const user = process.getuid?.() ?? 0;
		await mkdir(folder, { recursive: true });
		// What is in it belongs to nobody, as other programs of this machine may: they do not get so far. The container has it from the engine.
		await chmod(folder, 0o700);
		for (const place of ['data', 'socket']) {
			await mkdir(join(folder, place), { recursive: true, mode: 0o700 });
			if (user === 0) await chown(join(folder, place), ownerOf(user).uid, ownerOf(user).gid);
		}
		try {
			await this.#service.start();
		} catch (error) {
			if (error instanceof RuntimeAway) throw error;
			throw new Error(`the registry could not start: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
		}
		const end = Date.now() + startPatience;
		while (!(await this.healthy())) {
			if (Date.now() > end || !(await this.#service.runs())) throw new Error('the registry started, but does not answer');
			await sleep(100);
		}
	}
}

/** A server that is root gives the registry to nobody: it needs no rights over anything else. */
function ownerOf(user: number): { uid: number; gid: number } {
	return user === 0 ? { uid: 65_534, gid: 65_534 } : { uid: user, gid: process.getgid?.() ?? user };
}

/** Its container: no network, no rights, and nothing to write to but its two folders. */
export function registryContainer(options: {
	name: string;
	image: string;
	instance: string;
	/** Folders of the machine. */
	data: string;
	sockets: string;
	owner: { uid: number; gid: number };
}): ContainerSpec {
	return {
		name: options.name,
		image: options.image,
		hostname: 'registry',
		command: ['/bin/sh', '/etc/etabli-registry/start'],
		owner: options.owner,
		workingFolder: '/',
		env: {},
		labels: { [roleLabel]: registryRole, [instanceLabel]: options.instance },
		mounts: [
			{ from: options.data, to: '/data', readOnly: false },
			{ from: options.sockets, to: '/sockets', readOnly: false },
		],
		memoryFolders: [],
		devices: [],
		seccomp: undefined,
		openProc: false,
		memory: 512 * MiB,
		// What learners have it work on is on nobody's account: it may not take the machine from their sandboxes.
		cpus: 1,
		processes: 256,
		resourceLimits: [
			{ name: 'nofile', soft: 4096, hard: 4096 },
			{ name: 'nproc', soft: 16_384, hard: 16_384 },
		],
		oomScoreAdj: 0,
		stopSeconds: 3,
	};
}
