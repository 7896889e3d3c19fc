/**
 * The engine that is no daemon: this server starts containers itself, by an OCI runtime. Images come from an engine that builds them, and
 * which is not needed while sandboxes run.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageStore } from '../../images/image-store.ts';
import { ContainerRuntime } from '../container-runtime.ts';
import type { Engine, RuntimeFolders } from '../engine.ts';
import { type Runtime, RuntimeAway, type RuntimeInfo } from '../runtime.ts';
import { programEnv, programFolders } from './command.ts';
import { OciContainers } from './containers.ts';
import { UnpackedImages } from './unpacked-images.ts';

/** What --engine takes for it. */
export const ociUrl = 'oci';
/** Gone after a restart of the machine, as the containers are. */
const stateRoot = '/run/etabli';
/** Images are kept. */
export const imageRoot = '/var/lib/etabli/images';
/** By name; the first that is there is the default one. */
const programs = ['runc', 'crun', 'youki'];

export class OciEngine implements Engine {
	readonly url = ociUrl;
	readonly kind = 'oci';
	readonly local = true;
	/** The one that builds images. */
	readonly builder: Engine;
	readonly containers: OciContainers;
	readonly #images: UnpackedImages;
	readonly #ociRuntimes: readonly string[];
	readonly #version: string;
	readonly #apparmor: string | undefined;

	private constructor(builder: Engine, found: { ociRuntimes: readonly string[]; version: string }, apparmor?: string) {
		this.builder = builder;
		this.#apparmor = apparmor;
		this.#ociRuntimes = found.ociRuntimes;
		this.#version = found.version;
		this.#images = new UnpackedImages(imageRoot, builder.images);
		this.containers = this.#containers(undefined);
	}

	/** @throws RuntimeAway with a sentence, when this server may not, or there is no OCI runtime */
	static over(builder: Engine): OciEngine {
		const hindrance = whyNoOci(builder);
		if (hindrance !== undefined) throw new RuntimeAway(hindrance);
		const ociRuntimes = programs.filter(isThere);
		const said = spawnSync(ociRuntimes[0] ?? '', ['--version'], { encoding: 'utf8', timeout: 10_000, env: programEnv() });
		const version = /version:? (\S+)/.exec(said.stdout ?? '')?.[1];
		if (version === undefined) throw new RuntimeAway(`${ociRuntimes[0]} does not say its version: is it what it should be?`);
		return new OciEngine(builder, { ociRuntimes, version });
	}

	#containers(agent: string | undefined): OciContainers {
		return new OciContainers({
			root: stateRoot,
			images: this.#images,
			ociRuntimes: this.#ociRuntimes,
			version: this.#version,
			agent,
			apparmor: this.#apparmor,
		});
	}

	get images(): ImageStore {
		return this.builder.images;
	}

	async info(signal?: AbortSignal): Promise<RuntimeInfo> {
		return await this.containers.info(signal);
	}

	runtime(folders: RuntimeFolders): Runtime {
		const containers = this.#containers(join(folders.guest, 'agent'));
		// Not awaited: nothing depends on it, and the next start of a server does it again.
		this.#images.prune(containers.images()).catch(() => undefined);
		return new ContainerRuntime({ ...folders, containers });
	}

	withApparmor(profile: string): OciEngine {
		return new OciEngine(this.builder, { ociRuntimes: this.#ociRuntimes, version: this.#version }, profile);
	}

	async pid(name: string): Promise<number | undefined> {
		return this.containers.pid(name) ?? (await this.builder.pid(name));
	}

	async using(folder: string): Promise<string[]> {
		return this.containers.using(folder);
	}

	async idle(): Promise<boolean> {
		return await this.builder.idle();
	}
}

/** Containers that a server of this machine has started so, whether or not that could be done now. */
export function ociContainersLeft(): OciContainers | undefined {
	return process.getuid?.() === 0 && existsSync(join(stateRoot, 'bundles')) ? OciContainers.left(stateRoot) : undefined;
}

function isThere(program: string): boolean {
	return programFolders.some((folder) => existsSync(join(folder, program)));
}

/** Why containers cannot be started so on this machine; undefined: they can. */
function whyNoOci(builder: Engine): string | undefined {
	if (process.platform !== 'linux') return 'Starting sandboxes without an engine’s help needs Linux.';
	if (process.getuid?.() !== 0)
		return 'Starting sandboxes without an engine’s help needs root: run ./etabli up as root, or leave out --engine oci.';
	if (!builder.local)
		return 'Starting sandboxes without an engine’s help needs the images on this machine: the engine that builds them is elsewhere.';
	if (!programs.some(isThere)) return `There is no OCI runtime on this machine (${programs.join(', ')}). Type: apt-get install runc`;
	return undefined;
}
