/**
 * Sandboxes that are to go: container, transport and row are removed, again and again until they are gone. One that the engine cannot end
 * costs its own place and nothing else: whoever waits for that is told so, and the operator hears of it.
 */
import { DeadlinePassed, withDeadline } from '../platform/deadline.ts';
import { type Runtime, RuntimeAway } from '../runtimes/runtime.ts';
import type { SandboxDeps } from '../sandboxes/sandbox-deps.ts';
import { ask } from './ask.ts';
import type { StuckSandbox } from './events.ts';

/** In which an engine that answers says who it is, ms. */
const infoMs = 5000;

/** The engine answers, but does not end this sandbox. */
export class CannotEnd extends Error {
	override readonly name = 'CannotEnd';
}

export class Removal {
	readonly #deps: Pick<SandboxDeps, 'runtime' | 'store' | 'clock' | 'log'>;
	readonly #onStuck: (sandbox: StuckSandbox, gone: boolean) => void;
	/** To be removed. */
	readonly #remains = new Set<string>();
	/** Those of them that the engine could not end. */
	readonly #stuck = new Map<string, StuckSandbox>();

	/** @param onStuck told once that a sandbox cannot be ended, and once that it is gone */
	constructor(deps: SandboxDeps, onStuck: (sandbox: StuckSandbox, gone: boolean) => void) {
		this.#deps = deps;
		this.#onStuck = onStuck;
	}

	/** What still takes room. */
	get names(): Iterable<string> {
		return this.#remains;
	}

	/** Sandboxes that cannot be ended. */
	get stuck(): number {
		return this.#stuck.size;
	}

	/** It is to go as soon as the engine can be asked. */
	add(name: string): void {
		this.#remains.add(name);
	}

	/** Whether it has been tried in vain. */
	isStuck(name: string): boolean {
		return this.#stuck.has(name);
	}

	/** Ends the container. @throws RuntimeAway; CannotEnd: then it is to be removed, and it is told */
	async destroy(name: string): Promise<void> {
		try {
			await this.#end(name);
		} catch (error) {
			if (error instanceof RuntimeAway) throw error;
			this.#tellStuck(name, error);
			throw new CannotEnd(`${name} cannot be ended`, { cause: error });
		}
		this.#remains.delete(name);
		const was = this.#stuck.get(name);
		if (!was) return;
		this.#stuck.delete(name);
		this.#deps.log.warn({ sandbox: name }, 'the sandbox that could not be ended is gone');
		this.#onStuck(was, true);
	}

	/** Container, transport, row. What cannot be removed now stays on the list. @returns how that went */
	async remove(name: string): Promise<'gone' | 'away' | 'stuck'> {
		this.#remains.add(name);
		try {
			await this.destroy(name);
		} catch (error) {
			if (error instanceof CannotEnd) return 'stuck';
			this.#deps.log.warn({ sandbox: name, err: error }, 'the sandbox could not be removed yet');
			return 'away';
		}
		await this.erase(name);
		return 'gone';
	}

	/** What is left of one whose container is gone. Never rejects: what stays is found again by its folder, or by its row. */
	async erase(name: string): Promise<void> {
		try {
			await this.#deps.runtime.transport(name).remove();
			this.#deps.store.removeSandbox(name);
		} catch (error) {
			this.#deps.log.warn({ sandbox: name, err: error }, 'what is left of a sandbox stays for now');
		}
	}

	/** @throws RuntimeAway; what an engine that answers says when it does not end it, also once its processes have been released */
	async #end(name: string): Promise<void> {
		const { runtime, clock, log } = this.#deps;
		const end = () => ask(clock, (signal) => runtime.destroy(name, signal));
		try {
			await end();
		} catch (error) {
			if (!(await this.#answers(runtime))) throw error instanceof RuntimeAway ? error : new RuntimeAway(String(error), { cause: error });
			const released = await ask(clock, (signal) => runtime.release(name, signal)).catch(() => false);
			if (released)
				log.warn(
					{ sandbox: name },
					'file systems of the sandbox (FUSE) that answered nothing were cut off, since they kept it from ending',
				);
			// One that died while it was asked, and is back, has not said that it cannot.
			else if (!wasCutOff(error)) throw new Error(`the engine did not end ${name}`, { cause: error });
			await end().catch(async (again: unknown) => {
				if (await this.#answers(runtime)) throw new Error(`the engine did not end ${name}`, { cause: again });
				throw again instanceof RuntimeAway ? again : new RuntimeAway(String(again), { cause: again });
			});
		}
	}

	#tellStuck(name: string, error: unknown): void {
		this.#remains.add(name);
		if (this.#stuck.has(name)) return;
		const row = this.#deps.store.sandboxes().find((one) => one.name === name);
		const learner = row?.learner === undefined ? undefined : this.#deps.store.learner(row.learner)?.name;
		const sandbox = { name, learner, course: row?.course ?? '' };
		this.#stuck.set(name, sandbox);
		this.#deps.log.error(
			{ sandbox: name, learner, err: error },
			'the sandbox cannot be ended; it is tried again, and keeps its place until then',
		);
		this.#onStuck(sandbox, false);
	}

	/** An engine that is away ends nothing; that is no fault of the sandbox's. */
	async #answers(runtime: Runtime): Promise<boolean> {
		try {
			await withDeadline({ clock: this.#deps.clock, ms: infoMs }, (signal) => runtime.info(signal));
			return true;
		} catch {
			return false; // Whoever asked is told that the engine is away.
		}
	}
}

/** The engine broke off in the middle, which says nothing of the sandbox; one that takes its time and never answers does. */
function wasCutOff(error: unknown): boolean {
	return error instanceof RuntimeAway && !(error.cause instanceof DeadlinePassed);
}
