/** How much of the registry one learner may use, whatever number of sandboxes they come from. */
import type { Passage, Refusal } from './rules.ts';

export interface QuotaLimits {
	/** In the registry, per learner. */
	bytes: number;
	/** Requests at once. */
	concurrent: number;
	/** Uploads begun, and manifests put, in the life of this server: each leaves some small files. */
	writes: number;
	/** In the registry, of all learners together. */
	total: number;
	/** Of the disk, left free whoever has room: the progress of all learners is kept there too. */
	spare: number;
}

export const defaultQuota: QuotaLimits = { bytes: 2 ** 30, concurrent: 16, writes: 2000, total: Number.POSITIVE_INFINITY, spare: 2 ** 30 };

/** What a request that writes leaves on the disk besides its bytes: small files, of a block each. */
const blocks: Record<Passage['write'], number> = { none: 0, begin: 8, bytes: 2, manifest: 8 };
const blockBytes = 4096;
/** How long a look at the free room of the disk holds good, ms; meanwhile what comes is taken off it. */
const lookEvery = 1000;
/** A look at what all learners have goes through all their files: not more often, ms. */
const lookAtAllEvery = 10_000;

export interface QuotaSources {
	/** Bytes that a learner has on the disk. */
	used?: ((learner: string) => Promise<number>) | undefined;
	/** Bytes that all learners have on the disk. */
	usedByAll?: (() => Promise<number>) | undefined;
	/** Bytes that are free on the disk. */
	free?: (() => Promise<number>) | undefined;
}

interface Measured {
	bytes: number;
	/** When, ms of `performance.now`; undefined: never. */
	looked: number | undefined;
	/** A look at the disk that is under way: those who ask at once share it. */
	looking: Promise<void> | undefined;
}

interface Usage extends Measured {
	now: number;
	writes: number;
}

const unseen: Measured = { bytes: 0, looked: undefined, looking: undefined };

export interface Entry {
	kind: 'enter';
	/** Counts bytes as they come; @returns why no more may come, undefined while there is room */
	count(bytes: number): Refusal | undefined;
	leave(): void;
}

const refuse = (status: number, code: Refusal['code'], message: string): Refusal => ({ kind: 'refuse', status, code, message });
/** Whose room is full. */
const full = {
	own: refuse(413, 'DENIED', 'your room in the registry is full'),
	all: refuse(503, 'UNAVAILABLE', 'the room that all learners share in the registry is full: tell your trainer'),
	disk: refuse(503, 'UNAVAILABLE', 'the disk of the registry is full: tell your trainer'),
};

export class Quota {
	readonly #limits: QuotaLimits;
	readonly #sources: QuotaSources;
	readonly #usages = new Map<string, Usage>();
	readonly #all: Measured = { ...unseen };
	#free = Number.POSITIVE_INFINITY;
	#looked = Number.NEGATIVE_INFINITY;

	constructor(limits: Partial<QuotaLimits>, sources: QuotaSources = {}) {
		this.#limits = { ...defaultQuota, ...limits };
		this.#sources = sources;
	}

	/** A place for one request, to be left again; or why there is none. `length`: bytes that it announces. */
	async enter(learner: string, write: Passage['write'], length: number): Promise<Entry | Refusal> {
		const usage = this.#usages.get(learner) ?? { ...unseen, now: 0, writes: 0 };
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
				if (usage.looked === undefined || !room()) await look(usage, () => this.#sources.used?.(learner));
				if (!room()) {
					leave();
					return full.own;
				}
				if (!(await this.#hasRoomForAll(needed))) {
					leave();
					return full.all;
				}
				await this.#look();
				if (this.#free - needed < this.#limits.spare) {
					leave();
					return full.disk;
				}
				usage.bytes += blocks[write] * blockBytes;
				this.#all.bytes += blocks[write] * blockBytes;
				this.#free -= blocks[write] * blockBytes;
			} catch (error) {
				leave();
				throw error;
			}
		}
		const count: Entry['count'] = (bytes) => {
			usage.bytes += bytes;
			this.#all.bytes += bytes;
			this.#free -= bytes;
			if (usage.bytes > this.#limits.bytes) return full.own;
			if (this.#all.bytes > this.#limits.total) return full.all;
			return this.#free < this.#limits.spare ? full.disk : undefined;
		};
		return { kind: 'enter', count, leave };
	}

	forget(learner: string): void {
		const usage = this.#usages.get(learner);
		// Requests under way keep counting on the object that they have.
		if (usage) Object.assign(usage, { ...unseen, writes: 0 });
		this.#all.looked = undefined;
	}

	/** What all learners have, as far as it is known, and may have. */
	get room(): { bytes: number; most: number } {
		return { bytes: this.#all.bytes, most: this.#limits.total };
	}

	/** Looks at what all learners have. */
	async measure(): Promise<void> {
		await look(this.#all, this.#sources.usedByAll);
	}

	/** Looks anew before it says no. */
	async #hasRoomForAll(needed: number): Promise<boolean> {
		const room = () => this.#all.bytes + needed <= this.#limits.total;
		const { looked } = this.#all;
		if (looked === undefined || (!room() && performance.now() - looked >= lookAtAllEvery)) await this.measure();
		return room();
	}

	/** At the disk, now and then. */
	async #look(): Promise<void> {
		const now = performance.now();
		if (!this.#sources.free || now - this.#looked < lookEvery) return;
		this.#looked = now;
		this.#free = await this.#sources.free();
	}
}

async function look(at: Measured, source: (() => Promise<number> | undefined) | undefined): Promise<void> {
	const measure = async () => {
		const bytes = await source?.();
		if (bytes !== undefined) at.bytes = bytes;
		at.looked = performance.now();
	};
	at.looking ??= measure().finally(() => {
		at.looking = undefined;
	});
	await at.looking;
}
