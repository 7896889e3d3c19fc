/** An engine that is still to come: does not answer until the real one is there, which it then is. */
import { type Engine, EngineAway, type EngineInfo, type SandboxRecord, type SandboxSpec } from './engine.ts';

export class LateEngine implements Engine {
	#engine: Engine | undefined;

	/** From now on this is the engine. */
	arrive(engine: Engine): void {
		this.#engine = engine;
	}

	/** @throws EngineAway while there is none */
	get #real(): Engine {
		if (!this.#engine) throw new EngineAway('it has not answered since this server started');
		return this.#engine;
	}

	async info(signal?: AbortSignal): Promise<EngineInfo> {
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

	async watch(onEnd: (name: string) => void, onBreak: (error: Error) => void): Promise<() => void> {
		return await this.#real.watch(onEnd, onBreak);
	}
}
