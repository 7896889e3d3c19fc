/**
 * A runtime makes sandboxes. tests/contract holds every implementation to what is written here.
 *
 * Life of a sandbox: `start` → running → (it ends by itself, or `destroy`) → gone.
 * Sandboxes survive a restart of the server; `list` finds them again. They need not survive a restart of the engine that runs them.
 */
import type { Limits } from '../../src/shared/course/course.ts';
import type { Transport } from './transport.ts';

/** What a sandbox is to be, in no engine's words. */
export interface SandboxSpec {
	/** Unique name, [a-z0-9-]; two sandboxes of one name cannot exist. */
	name: string;
	/** Reference of an image that is there. */
	image: string;
	/** OCI runtime (runc, crun, runsc, …) by the name that it has there; the default one if undefined. */
	ociRuntime: string | undefined;
	limits: Limits;
	/** root: shells and scripts are root of a user namespace of their own; the image holds the files of their system at `systemFolder`. */
	user?: 'learner' | 'root';
	/** Marks of ours, found again by `list`. */
	labels: Record<string, string>;
}

export interface RuntimeInfo {
	/** Such as "docker". */
	kind: string;
	version: string;
	/** OCI runtimes by name. */
	ociRuntimes: string[];
	defaultOciRuntime: string;
	cgroup: 'v1' | 'v2';
	/** Its containers' users have other numbers to the kernel (rootless, or one user namespace for all): no number can be asked for. */
	mapsUsers: boolean;
	/** Memory and processors of a sandbox have no limit. */
	unbounded?: boolean;
	/** Its machine's memory in bytes and number of processors. */
	memory: number;
	cpus: number;
}

export interface SandboxRecord {
	name: string;
	running: boolean;
	labels: Record<string, string>;
	/** ms since 1970. */
	created: number;
}

export interface Runtime {
	/** By what a sandbox and this server meet; made with the first word, before `start`, or found again. Does not ask the engine. */
	transport(name: string): Transport;

	/** Names of all sandboxes that have a transport. Does not ask the engine. @throws Error of the system */
	transports(): Promise<string[]>;

	/** @throws RuntimeAway when it does not answer within `signal`. */
	info(signal?: AbortSignal): Promise<RuntimeInfo>;

	/**
	 * Creates and starts; resolves when the sandbox's main process runs, which finds its transport there. The deadline is the caller's: when `signal` aborts, or anything
	 * fails, nothing is left behind.
	 * @throws RuntimeAway, StartFailed (with the engine's own words as detail)
	 */
	start(spec: SandboxSpec, signal?: AbortSignal): Promise<void>;

	/** 'gone' also when it never existed. @throws RuntimeAway */
	status(name: string, signal?: AbortSignal): Promise<'running' | 'ended' | 'gone'>;

	/** All sandboxes that carry the label `key=value`, ended ones included. @throws RuntimeAway */
	list(label: { key: string; value: string }, signal?: AbortSignal): Promise<SandboxRecord[]>;

	/** Ends and removes it with everything it wrote; its transport stays. Idempotent: already gone is done. @throws RuntimeAway */
	destroy(name: string, signal?: AbortSignal): Promise<void>;

	/**
	 * Cuts what keeps its killed processes from ending: requests to file systems of theirs that nobody answers.
	 * @returns whether anything was cut, so that `destroy` is worth another try @throws RuntimeAway
	 */
	release(name: string, signal?: AbortSignal): Promise<boolean>;

	/**
	 * Calls `onEnd(name)` when a sandbox ends by itself or is killed from outside; `onBreak` once when the watch is lost (then call again).
	 * Names of other servers' sandboxes may be among them. Returns a function that stops watching.
	 */
	watch(onEnd: (name: string) => void, onBreak: (error: Error) => void): Promise<() => void>;

	/** Lets go of whatever it keeps open; the sandboxes live on. Where it is not there, there is nothing to let go of. */
	close?(): Promise<void>;
}

/** The engine does not answer. */
export class RuntimeAway extends Error {
	override readonly name = 'RuntimeAway';
}

/** The engine answers, but could not start this sandbox. */
export class StartFailed extends Error {
	override readonly name = 'StartFailed';
}
