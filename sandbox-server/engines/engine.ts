/**
 * An engine makes sandboxes. Six methods; tests/contract holds every implementation to what is written here.
 *
 * Life of a sandbox: `start` → running → (it ends by itself, or `destroy`) → gone.
 * Sandboxes survive a restart of the server; `list` finds them again. They need not survive a restart of the engine.
 */
import type { Limits } from '../../src/shared/course.ts';

/** What a sandbox is to be, in no engine's words. */
export interface SandboxSpec {
	/** Unique name, [a-z0-9-]; two sandboxes of one name cannot exist. */
	name: string;
	/** Image reference, present in the engine. */
	image: string;
	/** OCI runtime by the engine's name for it; its default if undefined. */
	runtime: string | undefined;
	limits: Limits;
	/** root: shells and scripts are root of a user namespace of their own; the image holds the files of their system at `systemFolder`. */
	user?: 'learner' | 'root';
	/** Host folder with the sandbox's sockets, mounted read-only at /run/etabli. */
	sockets: string;
	/** Host folder with the holder, shell settings and check helpers, mounted read-only at /opt/etabli. */
	guest: string;
	/** Marks of ours, found again by `list`. */
	labels: Record<string, string>;
}

export interface EngineInfo {
	/** "docker" or "podman". */
	kind: string;
	version: string;
	/** Runtimes by name. */
	runtimes: string[];
	defaultRuntime: string;
	cgroup: 'v1' | 'v2';
	/** The engine's memory in bytes and number of processors. */
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

export interface Engine {
	/** @throws EngineAway when the engine does not answer within `signal`. */
	info(signal?: AbortSignal): Promise<EngineInfo>;

	/**
	 * Creates and starts; resolves when the sandbox's main process runs. The deadline is the caller's: when `signal` aborts, or anything
	 * fails, nothing is left behind.
	 * @throws EngineAway, StartFailed (with the engine's own words as detail)
	 */
	start(spec: SandboxSpec, signal?: AbortSignal): Promise<void>;

	/** 'gone' also when it never existed. @throws EngineAway */
	status(name: string, signal?: AbortSignal): Promise<'running' | 'ended' | 'gone'>;

	/** All sandboxes that carry the label `key=value`, ended ones included. @throws EngineAway */
	list(label: { key: string; value: string }, signal?: AbortSignal): Promise<SandboxRecord[]>;

	/** Ends and removes it with everything it wrote. Idempotent: already gone is done. @throws EngineAway */
	destroy(name: string, signal?: AbortSignal): Promise<void>;

	/**
	 * Calls `onEnd(name)` when a sandbox ends by itself or is killed from outside; `onBreak` once when the watch is lost (then call again).
	 * Names of other servers' sandboxes in the same engine may be among them. Returns a function that stops watching.
	 */
	watch(onEnd: (name: string) => void, onBreak: (error: Error) => void): Promise<() => void>;
}

/** The engine does not answer. */
export class EngineAway extends Error {
	override readonly name = 'EngineAway';
}

/** The engine answers, but could not start this sandbox. */
export class StartFailed extends Error {
	override readonly name = 'StartFailed';
}
