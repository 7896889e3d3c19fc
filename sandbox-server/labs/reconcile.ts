/** Compares what the engine has, what the store knows and what this server holds; pure. The provisioner does what comes out. */
import type { SandboxRecord } from '../runtimes/runtime.ts';
import type { SandboxRow } from '../store/store.ts';

/** Names of sandboxes that the server holds, and of those that it is just starting or ending: these are not to be touched. */
export interface Hands {
	held: ReadonlySet<string>;
	busy: ReadonlySet<string>;
}

export interface Picture {
	/** Of this server, from the engine. */
	records: readonly SandboxRecord[];
	rows: readonly SandboxRow[];
	/** Names of those that have a transport. */
	transports: readonly string[];
	/** When the engine was asked. It takes its time: a sandbox may have become ready meanwhile, or have been ended. */
	before: Hands;
	/** Now. */
	after: Hands;
	/** A sandbox of the pool that is not as it would be made today (image, course). */
	outdated: (record: SandboxRecord) => boolean;
}

export interface Plan {
	/** Held, but gone from the engine or ended there. To be confirmed. */
	lost: string[];
	/** Nobody's: to be removed. */
	orphans: string[];
	/** Of the pool, and not as it should be: to be ended. */
	outdated: string[];
}

/** What has to be done so that engine, store and server agree. Only what was so before and is so after counts. */
export function reconciliation({ records, rows, transports, before, after, outdated }: Picture): Plan {
	const touched = (name: string) => before.busy.has(name) || after.busy.has(name);
	const held = (name: string) => before.held.has(name) || after.held.has(name);
	const running = new Set(records.filter((record) => record.running).map((record) => record.name));
	const everywhere = new Set([...records.map((record) => record.name), ...rows.map((row) => row.name), ...transports]);
	const pool = new Set(rows.filter((row) => row.learner === undefined && after.held.has(row.name)).map((row) => row.name));
	return {
		lost: [...before.held].filter((name) => after.held.has(name) && !running.has(name) && !touched(name)),
		orphans: [...everywhere].filter((name) => !held(name) && !touched(name)),
		outdated: records
			.filter((record) => pool.has(record.name) && running.has(record.name) && !touched(record.name) && outdated(record))
			.map(({ name }) => name),
	};
}
