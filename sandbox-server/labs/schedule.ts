/**
 * Who gets what next: from a snapshot of everything that counts to the actions that follow. Pure; scheduler.ts takes the snapshots and
 * carries the actions out. docs/decisions/0019-life-of-a-lab.md has the reasons.
 */

/** Whoever has waited for so long gets a new sandbox although others are on the way to their prompts, ms. */
export const longestHoldMs = 3000;
/** Who waits with no page open for so long has left, ms. */
export const leftMs = 120_000;
/** After the first start for a course's pool that failed; twice that after the next, and so on, ms. */
const firstPauseMs = 60_000;
const longestPauseMs = 8 * firstPauseMs;

/** A lab in the queue. */
export interface Waiting {
	lab: string;
	/** Slug. */
	course: string;
	/** When its learner asked, ms. */
	asked: number;
	/** When one of its pages was last open, ms. */
	seen: number;
	/** Not from the pool. */
	skipPool: boolean;
	/** An operation of its own is under way: not its turn, whatever its place. */
	busy: boolean;
}

/** What there is of a course's pool, and what there is to be. */
export interface Pool {
	/** Slug. */
	course: string;
	/** Names of the sandboxes that can be given, oldest first. */
	ready: readonly string[];
	wanted: number;
	/** No start for it before then, ms; 0: none has failed. */
	retryAt: number;
}

export interface Snapshot {
	/** ms. */
	now: number;
	/** The engine answers. */
	engine: boolean;
	/** Sandboxes that may exist. */
	capacity: number;
	/** Sandboxes that exist, or may exist, or are being made or ended. */
	size: number;
	/** Starts under way, and how many there may be. */
	starts: number;
	parallelStarts: number;
	/** In the order of their turn. */
	waiting: readonly Waiting[];
	/** In the order of the courses. */
	pools: readonly Pool[];
	/** Somebody who was given a sandbox of the pool is on the way to a prompt. */
	claiming: boolean;
	/** Nobody is, and nobody has been for a moment. */
	quiet: boolean;
	/** A start for a pool is under way: one at a time. */
	refilling: boolean;
	/** A sandbox of a pool is being ended to make room, or because it is not wanted any more: one at a time. */
	givingUp: boolean;
}

export type Action =
	/** The lab waits no longer: nobody is there. */
	| { do: 'callOff'; lab: string }
	/** The lab is given a sandbox of its course's pool. */
	| { do: 'claim'; lab: string }
	/** A sandbox is made for the lab. */
	| { do: 'start'; lab: string }
	/** A sandbox of a pool is ended. */
	| { do: 'giveUp'; sandbox: string }
	/** A sandbox is made for the course's pool. */
	| { do: 'refill'; course: string };

/** What is to be done now, in this order. The same snapshot gives the same actions. */
export function schedule(snapshot: Snapshot): Action[] {
	const left = snapshot.waiting.filter(({ busy, seen }) => !busy && snapshot.now - seen > leftMs);
	const waiting = snapshot.waiting.filter((one) => !left.includes(one));
	const pools = snapshot.pools.map((pool) => ({ ...pool, ready: [...pool.ready] }));
	const claimed = claims(waiting, pools);
	const claiming = snapshot.claiming || claimed.length > 0;
	const rest = waiting.filter((one) => !claimed.includes(one));
	const { started, lacksRoom } = starts(snapshot, rest, claiming);
	const spare = snapshot.engine && !snapshot.givingUp ? givenUp(pools, lacksRoom) : undefined;
	const refill = rest.length === started.length && !claiming ? refilled(snapshot, pools, started.length) : undefined;
	return [
		...left.map(({ lab }): Action => ({ do: 'callOff', lab })),
		...claimed.map(({ lab }): Action => ({ do: 'claim', lab })),
		...started.map(({ lab }): Action => ({ do: 'start', lab })),
		...(spare === undefined ? [] : [{ do: 'giveUp', sandbox: spare } as const]),
		...(refill === undefined ? [] : [{ do: 'refill', course: refill } as const]),
	];
}

type Stock = Pool & { ready: string[] };

/** Those who find a sandbox ready, in the order of their turn; takes it out of the stock. */
function claims(waiting: readonly Waiting[], pools: readonly Stock[]): Waiting[] {
	const stockOf = (slug: string) => pools.find(({ course }) => course === slug)?.ready;
	return waiting.filter(({ course, skipPool, busy }) => !skipPool && !busy && stockOf(course)?.shift() !== undefined);
}

/**
 * Those for whom a sandbox is made, as many as fit. Nobody overtakes: where the first has to wait, so do the others; for one whose turn is
 * still to come, room is left. `lacksRoom`: the next one could have theirs, if there were room.
 */
function starts(snapshot: Snapshot, waiting: readonly Waiting[], claiming: boolean): { started: Waiting[]; lacksRoom: boolean } {
	const { now, engine, capacity, size, parallelStarts } = snapshot;
	const started: Waiting[] = [];
	let room = capacity - size;
	for (const one of waiting) {
		if (one.busy) {
			room--;
			continue;
		}
		const held = claiming && now - one.asked < longestHoldMs;
		if (!engine || held || snapshot.starts + started.length >= parallelStarts) break;
		if (room <= 0) return { started, lacksRoom: true };
		started.push(one);
		room--;
	}
	return { started, lacksRoom: false };
}

/** A sandbox of a pool that goes: one too many of its course, or any when somebody waits for its room. */
function givenUp(pools: readonly Stock[], roomWanted: boolean): string | undefined {
	const surplus = pools.find(({ ready, wanted }) => ready.length > wanted);
	return (surplus ?? (roomWanted ? pools.find(({ ready }) => ready.length > 0) : undefined))?.ready.at(-1);
}

/** The first course whose pool is too small and whose starts have not just failed: another one's failures do not count. */
function refilled(snapshot: Snapshot, pools: readonly Stock[], started: number): string | undefined {
	const { now, engine, quiet, refilling, capacity, size, parallelStarts } = snapshot;
	if (!engine || !quiet || refilling || size + started >= capacity || snapshot.starts + started >= parallelStarts) return undefined;
	return pools.find(({ ready, wanted, retryAt }) => ready.length < wanted && retryAt <= now)?.course;
}

/** How long a course's pool is left alone after so many failed starts in a row, ms. */
export function pauseAfter(failures: number): number {
	return failures === 0 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1));
}
