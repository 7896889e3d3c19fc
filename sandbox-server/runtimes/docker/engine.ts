/** Docker Engine (20.10 or later), or Podman behind its compatible socket. */
import type Docker from 'dockerode';
import { clientOf, statusOf, within } from '../../images/docker/client.ts';
import { DockerImages } from '../../images/docker/docker-images.ts';
import type { ImageStore } from '../../images/image-store.ts';
import { ContainerRuntime } from '../container-runtime.ts';
import { buildRole, instanceLabel, roleLabel } from '../containers.ts';
import type { Engine, RuntimeFolders } from '../engine.ts';
import type { Runtime, RuntimeInfo } from '../runtime.ts';
import { DockerContainers } from './containers.ts';
import { describe, translated } from './describe.ts';
import type { EngineTraits } from './options.ts';
import { nameFiles } from './state-files.ts';

/** How long a question may take when the caller sets no deadline of its own, in ms. */
const patience = 60_000;

/** How long an engine that has answered may take to say what it is, in ms. */
const descriptionPatience = 20_000;

export interface DockerEngineOptions {
	/** unix:///path, tcp://host:port or http(s)://host:port. */
	url: string;
	/** Folder for files that the engine reads; must be on the engine's machine. */
	stateDir: string;
	/** As in EngineAddress of find-engine.ts. */
	instance?: string | undefined;
	/** For its first answer. */
	signal?: AbortSignal | undefined;
}

export class DockerEngine implements Engine {
	readonly #docker: Docker;
	readonly #options: DockerEngineOptions;
	readonly traits: EngineTraits;
	readonly images: ImageStore;
	readonly containers: DockerContainers;

	private constructor(docker: Docker, traits: EngineTraits, options: DockerEngineOptions) {
		this.#docker = docker;
		this.#options = options;
		this.traits = traits;
		const { stateDir, instance } = options;
		const buildLabels = { [roleLabel]: buildRole, ...(instance !== undefined && { [instanceLabel]: instance }) };
		this.images = new DockerImages(docker, buildLabels, traits.kind);
		this.containers = new DockerContainers(docker, traits, { stateDir, buildLabels });
	}

	/** Asks the engine what it is. @throws RuntimeAway when it does not answer */
	static async connect(options: DockerEngineOptions): Promise<DockerEngine> {
		const docker = clientOf(options.url);
		await within(docker.ping(), options.signal ?? AbortSignal.timeout(patience)).catch((error: unknown) => {
			throw translated(error);
		});
		// One that answers is there: Podman starts programs and counts its images to say what it is, and needs seconds for that on a busy machine.
		const { kind, cgroup } = await describe(docker, AbortSignal.timeout(descriptionPatience));
		return new DockerEngine(docker, { kind, cgroup, names: await nameFiles(options.stateDir) }, options);
	}

	/** For what only this folder does. */
	get client(): Docker {
		return this.#docker;
	}

	get url(): string {
		return this.#options.url;
	}

	get kind(): string {
		return this.traits.kind;
	}

	get builder(): Engine {
		return this;
	}

	get local(): boolean {
		return this.url.startsWith('unix:');
	}

	async info(signal?: AbortSignal): Promise<RuntimeInfo> {
		return await this.containers.info(signal);
	}

	runtime(folders: RuntimeFolders): Runtime {
		return new ContainerRuntime({ ...folders, containers: this.containers });
	}

	/** It starts from the image as it is. */
	async makeReady(): Promise<void> {}

	withApparmor(apparmor: string): DockerEngine {
		return new DockerEngine(this.#docker, { ...this.traits, apparmor }, this.#options);
	}

	async pid(name: string): Promise<number | undefined> {
		try {
			const { State } = await within(this.#docker.getContainer(name).inspect(), AbortSignal.timeout(patience));
			return State.Running ? State.Pid : undefined;
		} catch (error) {
			if (statusOf(error) === 404) return undefined;
			throw translated(error);
		}
	}

	async using(folder: string): Promise<string[]> {
		try {
			const all = await within(this.#docker.listContainers({ all: true }), AbortSignal.timeout(patience));
			const theirs = all.filter(({ Mounts }) => Mounts.some(({ Source }) => `${Source ?? ''}/`.startsWith(`${folder}/`)));
			return theirs.map(({ Names, Id }) => Names[0]?.slice(1) ?? Id);
		} catch (error) {
			throw translated(error);
		}
	}

	async idle(): Promise<boolean> {
		try {
			return (await within(this.#docker.listContainers(), AbortSignal.timeout(patience))).length === 0;
		} catch (error) {
			throw translated(error);
		}
	}
}
