/** A pod that does not get on: when waiting is in vain, and the reason, out of its state and of the events that the cluster has of it. */
import { StartFailed } from '../runtime.ts';
import type { SandboxPod } from './sandbox-pod.ts';
import { eventText, hopelessText, unschedulableText, type Wanted } from './words.ts';

/** A pod may wait for a node so long, ms: another one may be on its way out. Whoever wants it has a place in the queue after that. */
const schedulingMs = 15_000;
/**
 * When a pod that has a node, and says nothing, is asked after, ms since it began to wait. The kubelet tries again by itself; what it still says the
 * last time will not change while somebody waits.
 */
const askMs = [5_000, 20_000];

export class Trouble {
	readonly #wanted: Wanted;
	readonly #events: () => Promise<{ reason: string; message: string }[]>;
	readonly #timers = new Set<NodeJS.Timeout>();
	#again = () => {};
	#unscheduled = false;
	#hopeless: string | undefined;
	#asking = false;
	/** What it waits for, as far as it is known; a sentence. */
	last: string | undefined;

	constructor(wanted: Wanted, events: () => Promise<{ reason: string; message: string }[]>) {
		this.#wanted = wanted;
		this.#events = events;
	}

	/** Where to call when something has become known besides. */
	readonly told = (again: () => void): void => {
		this.#again = again;
	};

	/** @throws StartFailed when waiting is in vain */
	look({ state, node }: SandboxPod): void {
		const text = this.#hopeless ?? hopelessText(state, this.#wanted);
		if (text !== undefined) throw new StartFailed(text);
		if (state.kind === 'waiting' && state.reason === 'Unschedulable') {
			this.last = unschedulableText(state.text, this.#wanted);
			if (this.#unscheduled) return;
			this.#unscheduled = true;
			this.#after(schedulingMs, () => {
				this.#hopeless = this.#unscheduled ? this.last : undefined;
			});
			return;
		}
		this.#unscheduled = false;
		if (node === undefined || this.#asking) return;
		this.#asking = true;
		this.last = undefined;
		for (const ms of askMs) this.#after(ms, () => this.#ask(ms === askMs.at(-1)));
	}

	async #ask(isLast: boolean): Promise<void> {
		const events = await this.#events().catch(() => []); // The deadline stays, and says what is known.
		for (const { reason, message } of events) {
			const text = eventText(reason, message);
			if (text === undefined) continue;
			this.last = text;
			if (isLast) this.#hopeless = text;
		}
	}

	#after(ms: number, action: () => void | Promise<void>): void {
		const timer = setTimeout(() => {
			this.#timers.delete(timer);
			void Promise.resolve(action()).then(() => this.#again());
		}, ms);
		this.#timers.add(timer);
	}

	close(): void {
		for (const timer of this.#timers) clearTimeout(timer);
		this.#timers.clear();
		this.#again = () => {};
	}
}
