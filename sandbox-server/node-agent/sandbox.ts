/** A sandbox of this node, or one that a server expects here: its doors and files, and its folder as soon as its pod is there. */
import { closeSync, constants, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import { join } from 'node:path';
import type { Clock } from '../platform/clock.ts';
import { Door } from './door.ts';

export const doorNames = ['agent', 'registry', 'preview'] as const;
export type DoorName = (typeof doorNames)[number];

/** An installation of Établi, or a sandbox: part of a path. */
export const plainName = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Which pod it is, in the kubelet's own words. */
export interface PodIdentity {
	/** Installation that it belongs to. */
	instance: string;
	/** Of the sandbox and of the pod. */
	name: string;
	namespace: string;
	uid: string;
}

/**
 * Connections at a time, more than a server takes at each door; together with a stream's window and buffers (some 250 KB) they bound what a learner
 * who never reads costs the node: some 30 MB.
 */
const mostConnections: Record<DoorName, number> = { agent: 8, registry: 80, preview: 48 };

/** What a pod can see in its folder, bounded. */
export const mostFiles = 32;
export const mostFileBytes = 64 * 1024;
/** Of a file in that folder; none that could be taken for a socket or a draft. */
export const fileName = /^(?!.*\.(?:sock|new)$)[a-z0-9][a-z0-9._-]{0,63}$/;

/** More files than a sandbox may have. */
export class TooManyFiles extends Error {
	override readonly name = 'TooManyFiles';
}

export class Sandbox {
	readonly #doors: Record<DoorName, Door>;
	/** Files for a pod that is not there yet. */
	readonly #early = new Map<string, Buffer>();
	readonly #files = new Set<string>();
	#folder: { path: string; fd: number } | undefined;
	#pod: PodIdentity | undefined;

	constructor(clock: Clock, onFault: (error: unknown) => void) {
		const door = (name: DoorName): Door => new Door({ file: `${name}.sock`, most: mostConnections[name] }, clock, onFault);
		this.#doors = { agent: door('agent'), registry: door('registry'), preview: door('preview') };
	}

	/** undefined: its pod is not here. */
	get pod(): PodIdentity | undefined {
		return this.#pod;
	}

	/** Somebody waits for it. */
	get isAwaited(): boolean {
		return doorNames.some((name) => this.#doors[name].parked > 0);
	}

	/** Connections that there are. */
	get connections(): number {
		return doorNames.reduce((sum, name) => sum + this.#doors[name].connections, 0);
	}

	/**
	 * Its pod has come, with this folder: made, with the files that were put so far, and doors that listen.
	 * @param files names of those that are there already, from before a restart
	 * @throws Error of the system
	 */
	appear(pod: PodIdentity, path: string, files: readonly string[] = []): void {
		mkdirSync(path, { recursive: true, mode: 0o755 });
		for (const file of files) this.#files.add(file);
		for (const [file, text] of this.#early) write(join(path, file), text);
		this.#early.clear();
		// A socket's path may have 107 bytes, and is shorter by a descriptor.
		const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
		this.#folder = { path, fd };
		this.#pod = pod;
		for (const name of doorNames) this.#doors[name].appear(`/proc/self/fd/${fd}`);
	}

	/** @throws TooManyFiles; Error of the system */
	put(file: string, text: Buffer): void {
		if (!this.#files.has(file) && this.#files.size >= mostFiles) throw new TooManyFiles(`a sandbox has at most ${mostFiles} files`);
		this.#files.add(file);
		if (this.#folder) write(join(this.#folder.path, file), text);
		else this.#early.set(file, text);
	}

	/** Idempotent. */
	withdraw(file: string): void {
		this.#files.delete(file);
		this.#early.delete(file);
		if (this.#folder) rmSync(join(this.#folder.path, file), { force: true });
	}

	park(door: DoorName, stream: ServerHttp2Stream): void {
		this.#doors[door].park(stream);
	}

	/** Cuts the connections that other servers still have. */
	claim(session: Http2Session | undefined): void {
		for (const name of doorNames) this.#doors[name].claim(session);
	}

	/**
	 * Nobody can reach it any more, and it finds its folder gone, upon which its agent ends (guest/agent/connection.c). Idempotent.
	 * @param status what parked streams are answered
	 */
	end(status: number, sentence: string): void {
		const path = this.#folder?.path;
		this.leave(status, sentence);
		if (path !== undefined) rmSync(path, { recursive: true, force: true });
	}

	/** Nobody can reach it through this program any more; its folder stays for the next one. Idempotent. */
	leave(status: number, sentence: string): void {
		for (const name of doorNames) this.#doors[name].end(status, sentence);
		if (this.#folder) closeSync(this.#folder.fd);
		this.#folder = undefined;
	}
}

/** All of it, or what was there before. */
function write(path: string, text: Buffer): void {
	writeFileSync(`${path}.new`, text, { mode: 0o644 });
	renameSync(`${path}.new`, path);
}
