/**
 * A container engine: the program that keeps images and runs containers, found at an address. Set-up, tools and tests know it by this;
 * the server itself only by the Runtime that it gives.
 */
import type { ImageStore } from '../images/image-store.ts';
import type { Containers } from './containers.ts';
import type { MountedFolders } from './mounted-folder.ts';
import type { Runtime, RuntimeInfo } from './runtime.ts';
import type { SandboxIds } from './sandbox-ids.ts';

/** What a runtime is made with. */
export interface RuntimeFolders {
	/** The sandboxes' transports. */
	folders: MountedFolders;
	/** Folder that is mounted at /opt/etabli. */
	guest: string;
	/** Gives each sandbox a number (uid) of its own; undefined: all share one. */
	ids?: SandboxIds | undefined;
	/** Another main process than the agent: for tests of the container alone. */
	command?: string[] | undefined;
	/** Told of faults that nobody waits for. */
	onFault?: ((error: unknown) => void) | undefined;
}

export interface Engine {
	/** Its address: what --engine takes. */
	readonly url: string;
	/** Such as "docker". */
	readonly kind: string;
	/** It runs on this machine: its kernel is ours. */
	readonly local: boolean;
	/** The one that builds its images: itself, or another one. */
	readonly builder: Engine;
	readonly images: ImageStore;
	/** Course → its image, where images are made elsewhere: nothing is built then, no registry is run, and no guest folder needed. */
	readonly givenImages?: Record<string, string> | undefined;
	/** There, the registry of the courses runs beside the server. */
	readonly registryBeside?: boolean;
	readonly containers: Containers;
	/** Sandboxes, where they are none of its containers. */
	readonly sandboxes?: Pick<Containers, 'list' | 'destroy' | 'processes'>;
	/** @throws RuntimeAway */
	info(signal?: AbortSignal): Promise<RuntimeInfo>;
	runtime(folders: RuntimeFolders): Runtime;
	/** Does what the first sandbox of this image would otherwise have to wait for. @throws Error when there is no such image, or no room */
	makeReady(image: string, signal?: AbortSignal): Promise<void>;
	/** The same, with a loaded AppArmor profile for sandboxes. */
	withApparmor(profile: string): Engine;
	/** The same, with the programs of the guest folder at hand, where containers are made by one of them. */
	withGuest?(guest: string): Engine;
	/** Number of a container's main process on its machine; undefined when it does not run. @throws RuntimeAway */
	pid(name: string): Promise<number | undefined>;
	/** Names of containers, whoever made them, that have `folder`, or something below it, mounted. @throws RuntimeAway */
	using(folder: string): Promise<string[]>;
	/** No container runs in it. @throws RuntimeAway */
	idle(): Promise<boolean>;
}
