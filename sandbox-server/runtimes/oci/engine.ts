/**
 * The engine that is no daemon: this server starts containers itself, by an OCI runtime. Images come from an engine that builds them, and
 * which is not needed while sandboxes run.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageStore } from '../../images/image-store.ts';
import { ContainerRuntime } from '../container-runtime.ts';
import type { Engine, RuntimeFolders } from '../engine.ts';
import { type Runtime, RuntimeAway, type RuntimeInfo } from '../runtime.ts';
import { hindranceOf, ociFacts, ociUrl } from './choice.ts';
import { OciContainers } from './containers.ts';
import { UnpackedImages } from './unpacked-images.ts';

/** Gone after a restart of the machine, as the containers are. */
export const stateRoot = '/run/etabli';
/** Images are kept. */
export const imageRoot = '/var/lib/etabli/images';

export class OciEngine implements Engine {
	readonly url = ociUrl;
	readonly kind = 'oci';
	readonly local = true;
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
		this.#images = new UnpackedImages(imageRoot, builder.images, builder.url);
		this.containers = this.#containers(undefined);
	}

	/** @throws RuntimeAway with a sentence, when this server may not, or there is no OCI runtime */
	static over(builder: Engine): OciEngine {
		const facts = ociFacts(builder.local);
		const hindrance = hindranceOf(facts);
		if (hindrance) throw new RuntimeAway(`${hindrance.text} ${hindrance.remedy}`);
		return new OciEngine(builder, { ociRuntimes: facts.runtimes, version: facts.version ?? '' });
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
		this.#images.prune(() => containers.images()).catch(() => undefined);
		return new ContainerRuntime({ ...folders, containers });
	}

	async makeReady(image: string, signal = new AbortController().signal): Promise<void> {
		await this.#images.get(image, signal);
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
