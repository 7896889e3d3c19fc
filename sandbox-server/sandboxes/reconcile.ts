/** Compares what the engine has, what the store knows and what this server holds; pure. The manager does what comes out. */
import type { SandboxRecord } from '../engines/engine.ts';
import type { SandboxRow } from '../store/store.ts';

export interface Picture {
	/** Of this server, from the engine. */
	records: SandboxRecord[];
	rows: SandboxRow[];
	/** Folder names under `<data>/sandboxes`. */
	folders: string[];
	/** Sandboxes that were held when `records` was asked for. */
	held: ReadonlySet<string>;
	/** Being started or ended at this moment: not to be touched. */
	busy: ReadonlySet<string>;
	/** A pool sandbox that is not as it would be made today (image, course). */
	outdated: (record: SandboxRecord) => boolean;
}

export interface Plan {
	/** Held, but gone from the engine or ended there. To be confirmed: it may have started meanwhile. */
	lost: string[];
	/** To be destroyed, and then forgotten with row and folder. */
	destroy: string[];
}

/** What has to be done so that engine, store and server agree. */
export function reconciliation({ records, rows, folders, held, busy, outdated }: Picture): Plan {
	const running = new Set(records.filter((record) => record.running).map((record) => record.name));
	const lost = [...held].filter((name) => !running.has(name) && !busy.has(name));
	const pool = new Set(rows.filter((row) => row.learner === undefined).map((row) => row.name));
	const old = records.filter((record) => pool.has(record.name) && outdated(record)).map((record) => record.name);
	const everywhere = [...records.map((record) => record.name), ...rows.map((row) => row.name), ...folders];
	const orphans = everywhere.filter((name) => !held.has(name));
	const destroy = [...new Set([...orphans, ...old])].filter((name) => !busy.has(name) && !lost.includes(name));
	return { lost, destroy };
}
