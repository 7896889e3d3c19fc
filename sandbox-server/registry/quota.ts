/** How much of the registry one learner may use, whatever number of sandboxes they come from. */
import type { Passage, Refusal } from './rules.ts';

export interface QuotaLimits {
	/** In the registry, per learner. */
	bytes: number;
	/** Requests at once. */
	concurrent: number;
	/** Uploads begun, and manifests put, in the life of this server: each leaves some small files. */
	writes: number;
	/** Of the disk, left free whoever has room: the progress of all learners is kept there too. */
	spare: number;
}

export const defaultQuota: QuotaLimits = { bytes: 2 ** 30, concurrent: 16, writes: 2000, spare: 2 ** 30 };

/** What a request that writes leaves on the disk besides its bytes: small files, of a block each. */
const blocks: Record<Passage['write'], number> = { none: 0, begin: 8, bytes: 2, manifest: 8 };
const blockBytes = 4096;
/** How long a look at the free room of the disk holds good, ms; meanwhile what comes is taken off it. */
const lookEvery = 1000;

export interface QuotaSources {
	/** Bytes that a learner has on the disk. */
	used?: ((learner: string) => Promise<number>) | undefined;
	/** Bytes that are free on the disk. */
	free?: (() => Promise<number>) | undefined;
}

interface Usage {
	bytes: number;
	measured: boolean;
	/** A look at the disk that is under way: those who ask at once share it. */
	measuring: Promise<void> | undefined;
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
	readonly #sources: QuotaSources;
	readonly #usages = new Map<string, Usage>();
	#free = Number.POSITIVE_INFINITY;
	#looked = Number.NEGATIVE_INFINITY;

	constructor(limits: Partial<QuotaLimits>, sources: QuotaSources = {}) {
		this.#limits = { ...defaultQuota, ...limits };
		this.#sources = sources;
	}

	/** A place for one request, to be left again; or why there is none. `length`: bytes that it announces. */
	async enter(learner: string, write: Passage['write'], length: number): Promise<Entry | Refusal> {
		const usage = this.#usages.get(learner) ?? { bytes: 0, measured: false, measuring: undefined, now: 0, writes: 0 };
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
				const needed = length + blocks[write] * blockBytes;
				const room = () => usage.bytes + needed <= this.#limits.bytes;
				// What was counted includes pushes of what was there already: look before refusing.
				if (!usage.measured || !room()) await this.#measure(learner, usage);
				if (!room()) {
					leave();
					return refuse(413, 'DENIED', 'your room in the registry is full');
				}
				await this.#look();
				if (this.#free - needed < this.#limits.spare) {
					leave();
					return refuse(503, 'UNAVAILABLE', 'the disk of the registry is full: tell your trainer');
				}
				usage.bytes += blocks[write] * blockBytes;
				this.#free -= blocks[write] * blockBytes;
			} catch (error) {
				leave();
				throw error;
			}
		}
		const count = (bytes: number): boolean => {
			usage.bytes += bytes;
			this.#free -= bytes;
			return usage.bytes <= this.#limits.bytes && this.#free >= this.#limits.spare;
		};
		return { kind: 'enter', count, leave };
	}

	forget(learner: string): void {
		const usage = this.#usages.get(learner);
		// Requests under way keep counting on the object that they have.
		if (usage) Object.assign(usage, { bytes: 0, writes: 0, measured: false });
	}

	#measure(learner: string, usage: Usage): Promise<void> {
		const measure = async () => {
			if (this.#sources.used) usage.bytes = await this.#sources.used(learner);
			usage.measured = true;
		};
		usage.measuring ??= measure().finally(() => {
			usage.measuring = undefined;
		});
		return usage.measuring;
	}

	/** At the disk, now and then. */
	async #look(): Promise<void> {
		const now = performance.now();
		if (!this.#sources.free || now - this.#looked < lookEvery) return;
		this.#looked = now;
		this.#free = await this.#sources.free();
	}
}
