/** How much of the registry one learner may use, whatever number of sandboxes they come from. */
import type { Passage, Refusal } from './rules.ts';

export interface QuotaLimits {
	/** In the registry, per learner. */
	bytes: number;
	/** Requests at once. */
	concurrent: number;
	/** Uploads begun, and manifests put, in the life of this server: each leaves some small files. */
	writes: number;
}

export const defaultQuota: QuotaLimits = { bytes: 2 ** 30, concurrent: 16, writes: 2000 };

interface Usage {
	bytes: number;
	measured: boolean;
	now: number;
	writes: number;
}

export interface Entry {
	kind: 'enter';
	/** Counts bytes as they come; false when there is no more room. */
	count(bytes: number): boolean;
	leave(): void;
}

const refuse = (status: number, code: Refusal['code'], message: string): Refusal => ({ kind: 'refuse', status, code, message });

export class Quota {
	readonly #limits: QuotaLimits;
	readonly #usedBytes: ((learner: string) => Promise<number>) | undefined;
	readonly #usages = new Map<string, Usage>();

	constructor(limits: Partial<QuotaLimits>, usedBytes?: (learner: string) => Promise<number>) {
		this.#limits = { ...defaultQuota, ...limits };
		this.#usedBytes = usedBytes;
	}

	/** A place for one request, to be left again; or why there is none. `length`: bytes that it announces. */
	async enter(learner: string, write: Passage['write'], length: number): Promise<Entry | Refusal> {
		const usage = this.#usages.get(learner) ?? { bytes: 0, measured: false, now: 0, writes: 0 };
		this.#usages.set(learner, usage);
		if (usage.now >= this.#limits.concurrent) return refuse(429, 'TOOMANYREQUESTS', 'too many requests at once');
		if (write === 'begin' || write === 'manifest') {
			if (usage.writes >= this.#limits.writes) return refuse(429, 'TOOMANYREQUESTS', 'you have pushed very often: ask your trainer');
			usage.writes++;
		}
		usage.now++;
		let left = false;
		const leave = (): void => {
			if (!left) usage.now--;
			left = true;
		};
		if (write !== 'none') {
			try {
				const room = () => usage.bytes + length <= this.#limits.bytes;
				// What was counted includes pushes of what was there already: look before refusing.
				if (!usage.measured || !room()) await this.#measure(learner, usage);
				if (!room()) {
					leave();
					return refuse(413, 'DENIED', 'your room in the registry is full');
				}
			} catch (error) {
				leave();
				throw error;
			}
		}
		const count = (bytes: number): boolean => {
			usage.bytes += bytes;
			return usage.bytes <= this.#limits.bytes;
		};
		return { kind: 'enter', count, leave };
	}

	forget(learner: string): void {
		const usage = this.#usages.get(learner);
		// Requests under way keep counting on the object that they have.
		if (usage) Object.assign(usage, { bytes: 0, writes: 0, measured: false });
	}

	async #measure(learner: string, usage: Usage): Promise<void> {
		if (this.#usedBytes) usage.bytes = await this.#usedBytes(learner);
		usage.measured = true;
	}
}
