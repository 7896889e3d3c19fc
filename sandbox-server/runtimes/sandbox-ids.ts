/**
 * A number (uid and gid) for each sandbox. What the kernel counts per user is then each learner's own. One list for all servers of this
 * machine says which are taken: it is gone after a restart of the machine, as the sandboxes are.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type IdRange, type IdSituation, parseIdRange, stateFolder, whySharedId } from './id-range.ts';

/** How long another server may have the list for itself, ms. */
const patience = 5000;

export class SandboxIds {
	readonly #list: DatabaseSync;
	readonly #range: IdRange;
	readonly #used: () => Set<number>;
	/** Of processes that are not in the list, when this server started. */
	readonly #strange: Set<number>;

	/**
	 * @param folder where the list is
	 * @param used numbers of all users that have processes now
	 * @throws Error of the system when the list cannot be kept there
	 */
	constructor(range: IdRange, folder: string = stateFolder, used: () => Set<number> = usersAtWork) {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		this.#range = range;
		this.#used = used;
		this.#strange = used();
		this.#list = new DatabaseSync(join(folder, 'uids.sqlite'), { timeout: patience });
		try {
			// Nothing of it is needed after a fall of the machine.
			this.#list.exec('pragma synchronous = off; create table if not exists id (number integer primary key, folder text not null)');
		} catch (error) {
			this.#list.close();
			throw error;
		}
	}

	/**
	 * One that no sandbox has. It is taken as long as the sandbox's transport is there, which goes last of all of it, and as long as a process
	 * has it; fresh ones go first.
	 * @param folder of the transport, absolute
	 * @throws Error when all are taken
	 */
	take(folder: string): number {
		this.#list.exec('begin immediate');
		try {
			const number = this.#fresh() ?? this.#free();
			if (number === undefined)
				throw new Error(`every number from ${this.#range.first} to ${this.#range.last} is taken: give more with --uids`);
			this.#list.prepare('insert or replace into id (number, folder) values (?, ?)').run(number, folder);
			this.#list.exec('commit');
			return number;
		} catch (error) {
			this.#list.exec('rollback');
			throw error;
		}
	}

	/** One that nobody has had since the machine started. */
	#fresh(): number | undefined {
		const { first, last } = this.#range;
		const row = this.#list.prepare('select max(number) as top from id where number between ? and ?').get(first, last);
		let number = Number(row?.['top'] ?? first - 1) + 1;
		while (this.#strange.has(number)) number++;
		return number <= last ? number : undefined;
	}

	/** One whose sandbox is gone for sure. */
	#free(): number | undefined {
		const { first, last } = this.#range;
		const used = this.#used();
		const rows = this.#list.prepare('select number, folder from id where number between ? and ?').iterate(first, last);
		for (const { number, folder } of rows) if (!used.has(Number(number)) && !existsSync(String(folder))) return Number(number);
		return undefined;
	}

	close(): void {
		this.#list.close();
	}
}

/** Numbers of all users that have processes on this machine. */
export function usersAtWork(): Set<number> {
	const used = new Set<number>();
	for (const name of readdirSync('/proc')) {
		if (!/^\d+$/.test(name)) continue;
		try {
			const [, numbers = ''] = /^Uid:\s+(.*)$/m.exec(readFileSync(`/proc/${name}/status`, 'utf8')) ?? [];
			for (const number of numbers.split('\t')) used.add(Number(number));
		} catch {
			// It has just ended.
		}
	}
	return used;
}

/** @param uids as --uids @returns the numbers, or why there are none, as a part of a sentence */
export function openSandboxIds(uids: string, engine: Omit<IdSituation, 'range'>): { ids?: SandboxIds; why?: string } {
	const range = parseIdRange(uids);
	if (!range) return { why: `${uids} is no range of numbers` };
	const why = whySharedId({ range, ...engine });
	return why === undefined ? openList(range, stateFolder) : { why };
}

/** As `openSandboxIds`, with the list in this folder: it may be read-only, and the list damaged or held by somebody. */
export function openList(range: IdRange, folder: string): { ids?: SandboxIds; why?: string } {
	try {
		return { ids: new SandboxIds(range, folder) };
	} catch (error) {
		return {
			why: `the list of the numbers that are taken cannot be kept in ${folder}: ${error instanceof Error ? error.message : String(error)}`,
		};
	}
}
