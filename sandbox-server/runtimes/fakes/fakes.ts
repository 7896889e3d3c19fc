/** Runtimes without containers, for tests of what uses a runtime. The bad ones are named for how they are bad. */
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MountedFolders } from '../mounted-folder.ts';
import { type Runtime, RuntimeAway, type RuntimeInfo, type SandboxRecord, type SandboxSpec, StartFailed } from '../runtime.ts';
import type { Transport } from '../transport.ts';

interface Watcher {
	onEnd: (name: string) => void;
	onBreak: (error: Error) => void;
}

/** Keeps sandboxes as records in memory. Good in every respect; the fakes below each spoil one. */
export class MemoryRuntime implements Runtime {
	readonly records = new Map<string, SandboxRecord>();
	readonly specs = new Map<string, SandboxSpec>();
	/** Where transports are; made when the first is asked for. */
	folders = new MountedFolders(join(tmpdir(), `etabli-memory-${randomUUID()}`));
	readonly #watchers = new Set<Watcher>();
	/** Images that exist; undefined: every one. */
	images: Set<string> | undefined;

	transport(name: string): Transport {
		return this.folders.of(name);
	}

	async transports(): Promise<string[]> {
		return await this.folders.names();
	}

	async info(signal?: AbortSignal): Promise<RuntimeInfo> {
		given(signal);
		return {
			kind: 'memory',
			version: '1',
			ociRuntimes: ['none'],
			defaultOciRuntime: 'none',
			cgroup: 'v2',
			mapsUsers: false,
			memory: 8 * 2 ** 30,
			cpus: 4,
		};
	}

	async start(spec: SandboxSpec, signal?: AbortSignal): Promise<void> {
		if (signal?.aborted) throw new StartFailed(`${spec.name}: given up before it began`, { cause: signal.reason });
		if (this.records.has(spec.name)) throw new StartFailed(`${spec.name}: the name is taken`);
		if (this.images?.has(spec.image) === false) throw new StartFailed(`${spec.name}: no such image: ${spec.image}`);
		this.specs.set(spec.name, spec);
		this.records.set(spec.name, { name: spec.name, running: true, labels: { ...spec.labels }, created: Date.now() });
	}

	async status(name: string, signal?: AbortSignal): Promise<'running' | 'ended' | 'gone'> {
		given(signal);
		const record = this.records.get(name);
		if (!record) return 'gone';
		return record.running ? 'running' : 'ended';
	}

	async list({ key, value }: { key: string; value: string }, signal?: AbortSignal): Promise<SandboxRecord[]> {
		given(signal);
		return [...this.records.values()].filter(({ labels }) => labels[key] === value).map((record) => ({ ...record }));
	}

	async destroy(name: string, signal?: AbortSignal): Promise<void> {
		given(signal);
		this.records.delete(name);
		this.specs.delete(name);
	}

	async release(_name: string, signal?: AbortSignal): Promise<boolean> {
		given(signal);
		return false;
	}

	async watch(onEnd: (name: string) => void, onBreak: (error: Error) => void): Promise<() => void> {
		const watcher = { onEnd, onBreak };
		this.#watchers.add(watcher);
		return () => void this.#watchers.delete(watcher);
	}

	/** The sandbox's main process ends by itself. */
	end(name: string): void {
		const record = this.records.get(name);
		if (!record?.running) return;
		record.running = false;
		for (const { onEnd } of [...this.#watchers]) onEnd(name);
	}

	/** The engine's events end. */
	breakWatches(): void {
		const watchers = [...this.#watchers];
		this.#watchers.clear();
		for (const { onBreak } of watchers) onBreak(new RuntimeAway('the engine’s events ended'));
	}
}

/** Takes its time to start: `ms`, unless given up before. */
export class SlowRuntime extends MemoryRuntime {
	readonly #ms: number;

	constructor(ms = 50) {
		super();
		this.#ms = ms;
	}

	override async start(spec: SandboxSpec, signal?: AbortSignal): Promise<void> {
		await sleep(this.#ms, undefined, { signal }).catch((cause: unknown) =>
			Promise.reject(new StartFailed(`${spec.name}: given up`, { cause })),
		);
		await super.start(spec, signal);
	}
}

/** Never finishes a start; only the caller's deadline ends it. */
export class NeverRuntime extends MemoryRuntime {
	override start(spec: SandboxSpec, signal?: AbortSignal): Promise<void> {
		return new Promise((_, reject) => {
			const giveUp = (): void => reject(new StartFailed(`${spec.name}: given up`, { cause: signal?.reason }));
			if (signal?.aborted) giveUp();
			signal?.addEventListener('abort', giveUp, { once: true });
		});
	}
}

/** Refuses every start, while `failing`. */
export class FailingRuntime extends MemoryRuntime {
	failing = true;

	override async start(spec: SandboxSpec, signal?: AbortSignal): Promise<void> {
		if (this.failing) throw new StartFailed(`${spec.name}: no space left on device`);
		await super.start(spec, signal);
	}
}

/** Looks as if it would start, then fails. */
export class SlowThenFailingRuntime extends SlowRuntime {
	override async start(spec: SandboxSpec, signal?: AbortSignal): Promise<void> {
		await super.start(spec, signal);
		await this.destroy(spec.name);
		throw new StartFailed(`${spec.name}: the main process could not start`);
	}
}

/** Its sandboxes end by themselves, `ms` after they started. */
export class VanishingRuntime extends MemoryRuntime {
	readonly #ms: number;

	constructor(ms = 20) {
		super();
		this.#ms = ms;
	}

	override async start(spec: SandboxSpec, signal?: AbortSignal): Promise<void> {
		await super.start(spec, signal);
		setTimeout(() => this.end(spec.name), this.#ms).unref();
	}
}

/** Does not end the sandboxes that it is told to keep: `destroy` of one hangs until it is given up, and the sandbox runs on. */
export class UndyingRuntime extends MemoryRuntime {
	readonly undying = new Set<string>();
	/** Those of them that end once they are released. */
	readonly held = new Set<string>();
	/** How often the end of one of them has been asked for in vain. */
	vain = 0;

	override async release(name: string): Promise<boolean> {
		return this.held.delete(name) && this.undying.delete(name);
	}

	override async destroy(name: string, signal?: AbortSignal): Promise<void> {
		if (!this.undying.has(name)) return await super.destroy(name, signal);
		this.vain++;
		await new Promise((_, reject) => {
			const giveUp = (): void => reject(new RuntimeAway(`${name}: given up`, { cause: signal?.reason }));
			if (signal?.aborted) giveUp();
			signal?.addEventListener('abort', giveUp, { once: true });
		});
	}
}

/** Does not answer, while `away`. */
export class AwayRuntime extends MemoryRuntime {
	#away = true;

	get away(): boolean {
		return this.#away;
	}

	set away(away: boolean) {
		this.#away = away;
		if (away) this.breakWatches();
	}

	override async info(signal?: AbortSignal): Promise<RuntimeInfo> {
		this.#answer();
		return await super.info(signal);
	}

	override async start(spec: SandboxSpec, signal?: AbortSignal): Promise<void> {
		this.#answer();
		await super.start(spec, signal);
	}

	override async status(name: string, signal?: AbortSignal): Promise<'running' | 'ended' | 'gone'> {
		this.#answer();
		return await super.status(name, signal);
	}

	override async list(label: { key: string; value: string }, signal?: AbortSignal): Promise<SandboxRecord[]> {
		this.#answer();
		return await super.list(label, signal);
	}

	override async destroy(name: string, signal?: AbortSignal): Promise<void> {
		this.#answer();
		await super.destroy(name, signal);
	}

	override async watch(onEnd: (name: string) => void, onBreak: (error: Error) => void): Promise<() => void> {
		this.#answer();
		return await super.watch(onEnd, onBreak);
	}

	#answer(): void {
		if (this.#away) throw new RuntimeAway('connect ECONNREFUSED');
	}
}

function given(signal: AbortSignal | undefined): void {
	if (signal?.aborted) throw new RuntimeAway('given up', { cause: signal.reason });
}
