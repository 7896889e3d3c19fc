/** A runtime whose engine is still to come: does not answer until the real one is there, which it then is. */
import type { MountedFolders } from './mounted-folder.ts';
import { type Runtime, RuntimeAway, type RuntimeInfo, type SandboxRecord, type SandboxSpec } from './runtime.ts';
import type { Transport } from './transport.ts';

export class LateRuntime implements Runtime {
	readonly #folders: MountedFolders;
	#runtime: Runtime | undefined;

	/** @param folders those that the real one will have: sandboxes of the run before are reached meanwhile */
	constructor(folders: MountedFolders) {
		this.#folders = folders;
	}

	transport(name: string): Transport {
		return this.#runtime?.transport(name) ?? this.#folders.of(name);
	}

	async transports(): Promise<string[]> {
		return await this.#folders.names();
	}

	/** From now on this is the real one. */
	arrive(runtime: Runtime): void {
		this.#runtime = runtime;
	}

	/** @throws RuntimeAway while there is none */
	get #real(): Runtime {
		if (!this.#runtime) throw new RuntimeAway('it has not answered since this server started');
		return this.#runtime;
	}

	async info(signal?: AbortSignal): Promise<RuntimeInfo> {
		return await this.#real.info(signal);
	}

	async start(spec: SandboxSpec, signal?: AbortSignal): Promise<void> {
		await this.#real.start(spec, signal);
	}

	async status(name: string, signal?: AbortSignal): Promise<'running' | 'ended' | 'gone'> {
		return await this.#real.status(name, signal);
	}

	async list(label: { key: string; value: string }, signal?: AbortSignal): Promise<SandboxRecord[]> {
		return await this.#real.list(label, signal);
	}

	async destroy(name: string, signal?: AbortSignal): Promise<void> {
		await this.#real.destroy(name, signal);
	}

	async release(name: string, signal?: AbortSignal): Promise<boolean> {
		return await this.#real.release(name, signal);
	}

	async watch(onEnd: (name: string) => void, onBreak: (error: Error) => void): Promise<() => void> {
		return await this.#real.watch(onEnd, onBreak);
	}
}
