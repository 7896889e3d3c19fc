/**
 * Containers of one machine, in no engine's words: what a runtime for sandboxes, and the registry, stand on. Docker and Podman give them
 * (docker/), or an OCI runtime alone (oci/); each has one translator from ContainerSpec to its own words.
 */
import type { RuntimeInfo, SandboxRecord } from './runtime.ts';
import type { SeccompProfile } from './seccomp.ts';

/** A place in memory that the container may write to; it goes with the container. */
export interface MemoryFolder {
	at: string;
	bytes: number;
	/** Files, folders and links at most. */
	files: number;
	/** Octal, such as "1777". */
	mode: string;
	/** User and group. */
	owner: number;
	/** Programs in it can be run. */
	exec: boolean;
}

/** A file or folder of the machine. */
export interface HostMount {
	from: string;
	to: string;
	readOnly: boolean;
}

export interface ResourceLimit {
	name: 'nofile' | 'core' | 'msgqueue' | 'nproc';
	soft: number;
	hard: number;
}

/**
 * All that is to be said of one container. What is not said holds for every one: no capability, no new privileges, a root file system that
 * cannot be written to, namespaces of its own, a network with nothing but its loopback interface, no log, never started again by itself.
 */
export interface ContainerSpec {
	/** Unique, [a-z0-9-]. */
	name: string;
	/** Reference of an image that is there. */
	image: string;
	/** OCI runtime by the name that it has there; the default one if undefined. */
	ociRuntime?: string | undefined;
	hostname: string;
	/** The main process. */
	command: string[];
	/** User and group. */
	owner: { uid: number; gid: number };
	workingFolder: string;
	/** Besides the image's own. */
	env: Record<string, string>;
	labels: Record<string, string>;
	mounts: HostMount[];
	memoryFolders: MemoryFolder[];
	/** Device nodes of the machine that it may read and write, besides the usual harmless ones. */
	devices: string[];
	/** What its programs may ask of the kernel; undefined: the engine's own profile. */
	seccomp: SeccompProfile | undefined;
	/** /proc as the kernel has it: covered nowhere, so that a nested container may mount its own. Only ever for a main process that is not root. */
	openProc: boolean;
	/** Bytes, swap included. */
	memory: number;
	/** Processors; undefined: all of them. */
	cpus: number | undefined;
	processes: number;
	resourceLimits: ResourceLimit[];
	/** −1000 … 1000: who goes first when memory is short. */
	oomScoreAdj: number;
	/** Seconds between the request to end and the kill; 0: it is killed at once. */
	stopSeconds: number;
}

export interface Containers {
	/** @throws RuntimeAway */
	info(signal?: AbortSignal): Promise<RuntimeInfo>;
	/** As Runtime.start. @throws RuntimeAway, StartFailed */
	start(spec: ContainerSpec, signal?: AbortSignal): Promise<void>;
	/** @throws RuntimeAway */
	status(name: string, signal?: AbortSignal): Promise<'running' | 'ended' | 'gone'>;
	/** Those with all of these labels, ended ones included. @throws RuntimeAway */
	list(labels: Record<string, string>, signal?: AbortSignal): Promise<SandboxRecord[]>;
	/** As Runtime.destroy. @throws RuntimeAway */
	destroy(name: string, signal?: AbortSignal): Promise<void>;
	/** Texts of plain files of an image, by absolute paths, in their order; '' where there is none. @throws RuntimeAway, Error */
	read(image: string, paths: readonly string[], signal?: AbortSignal): Promise<string[]>;
	/** Its processes, by their numbers on this machine; none when it runs on another one, or is gone. @throws RuntimeAway */
	processes(name: string, signal?: AbortSignal): Promise<number[]>;
	/** As Runtime.watch, of containers with the role of a sandbox. @throws RuntimeAway */
	watch(onEnd: (name: string) => void, onBreak: (error: Error) => void): Promise<() => void>;
}

/** Says what a container of ours is for. */
export const roleLabel = 'etabli.role';
export const sandboxRole = 'sandbox';
export const registryRole = 'registry';
export const buildRole = 'build';
/** Says whose it is: which data folder's server has made it. */
export const instanceLabel = 'etabli.instance';
