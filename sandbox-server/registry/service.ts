/** The registry itself: a container without network that listens on a unix socket in the data folder. */
import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { reason, statusOf } from '../engines/docker-errors.ts';
import { roleLabel } from '../engines/spec.ts';
import { ask } from './client.ts';

export interface RegistryServiceOptions {
	docker: Docker;
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
	readonly #name: string;
	#timer: NodeJS.Timeout | undefined;
	#checking = false;
	/** Socket of the registry, for RegistryFront and seedRegistry. */
	readonly socket: string;
	/** Where it keeps its data. */
	readonly data: string;

	constructor(options: RegistryServiceOptions) {
		this.#options = options;
		this.#name = `etabli-registry-${options.instance}`;
		this.data = join(options.folder, 'data');
		this.socket = join(options.folder, 'socket', 'registry.sock');
	}

	/** Starts it, or takes over the one that runs; resolves when it answers. Idempotent. @throws with the engine's words */
	async start(): Promise<void> {
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
		const container = this.#options.docker.getContainer(this.#name);
		try {
			await container.stop({ t: 3 });
		} catch (error) {
			// 304: it had ended. 404: it is gone.
			if (![304, 404].includes(statusOf(error) ?? 0)) throw error;
		}
		await this.#remove();
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
		if ((await this.#runs()) && (await this.healthy())) return;
		const { docker, folder } = this.#options;
		await this.#remove();
		const user = process.getuid?.() ?? 0;
		// A server that is root gives the registry to nobody: it needs no rights over anything else.
		const owner = user === 0 ? { uid: 65_534, gid: 65_534 } : { uid: user, gid: process.getgid?.() ?? user };
		await mkdir(folder, { recursive: true, mode: 0o711 });
		for (const place of ['data', 'socket']) {
			await mkdir(join(folder, place), { recursive: true, mode: 0o700 });
			if (user === 0) await chown(join(folder, place), owner.uid, owner.gid);
		}
		try {
			const container = await docker.createContainer(this.#container(owner));
			await container.start();
		} catch (error) {
			await this.#remove();
			throw new Error(`the registry could not start: ${reason(error)}`, { cause: error });
		}
		const end = Date.now() + startPatience;
		while (!(await this.healthy())) {
			if (Date.now() > end || !(await this.#runs())) throw new Error('the registry started, but does not answer');
			await sleep(100);
		}
	}

	/** Runs, and from the image that is wanted. */
	async #runs(): Promise<boolean> {
		try {
			const { State, Config } = await this.#options.docker.getContainer(this.#name).inspect();
			return State.Running && Config.Image === this.#options.image;
		} catch (error) {
			if (statusOf(error) === 404) return false;
			throw error;
		}
	}

	async #remove(): Promise<void> {
		try {
			await this.#options.docker.getContainer(this.#name).remove({ force: true, v: true });
		} catch (error) {
			if (statusOf(error) !== 404) throw error;
		}
	}

	#container({ uid, gid }: { uid: number; gid: number }): Docker.ContainerCreateOptions {
		return {
			name: this.#name,
			Image: this.#options.image,
			User: `${uid}:${gid}`,
			Labels: { [roleLabel]: 'registry', 'etabli.instance': this.#options.instance },
			NetworkDisabled: true,
			StopTimeout: 3,
			HostConfig: {
				NetworkMode: 'none',
				CapDrop: ['ALL'],
				SecurityOpt: ['no-new-privileges'],
				ReadonlyRootfs: true,
				Binds: [`${this.data}:/data`, `${join(this.#options.folder, 'socket')}:/sockets`],
				LogConfig: { Type: 'none', Config: {} },
				Memory: 512 * MiB,
				MemorySwap: 512 * MiB,
				PidsLimit: 256,
				Ulimits: [
					{ Name: 'nofile', Soft: 4096, Hard: 4096 },
					{ Name: 'nproc', Soft: 16_384, Hard: 16_384 },
				],
				RestartPolicy: { Name: 'no' },
			},
		};
	}
}
