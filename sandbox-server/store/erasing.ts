/** All that the store has of one person, found by its schema: a table that is added is found too. */
import { nameKey } from '../platform/names.ts';
import type { Sqlite } from './sqlite.ts';

/** Rows of one table that are about a person. */
export interface Holding {
	table: string;
	rows: number;
}

export interface ErasingRows {
	/** In the order of the tables' names; none with no rows. */
	holdings(learner: string): Holding[];
	/**
	 * Their rows in all tables, their name in what rooms know of others (who looked, who was on the way), on the lists of rooms that they are in, and links
	 * for them. Rooms that they led stay. Within a transaction of its own.
	 * @throws Error when they have a sandbox
	 */
	erase(learner: string): void;
	/** What was erased is in no free page of the file any more. Takes as long as it takes to write the file anew. */
	compact(): void;
}

interface ForeignKey {
	parent: string;
	from: string;
	to: string;
}

const trainers = 'etabli:trainers';
/** In place of the name of who is erased, where another person's record would otherwise have a hole. */
const nobody = '–';

export class ErasingTables implements ErasingRows {
	readonly #sql: Sqlite;

	constructor(sql: Sqlite) {
		this.#sql = sql;
	}

	holdings(learner: string): Holding[] {
		return this.#tables().flatMap((table) => {
			const which = this.#which(table);
			if (which === undefined) return [];
			const rows = Number(this.#sql.get(`select count(*) as n from "${table}" where ${which}`, learner)?.['n']);
			return rows > 0 ? [{ table, rows }] : [];
		});
	}

	erase(learner: string): void {
		// What is deleted is overwritten, not only given free.
		this.#sql.get('pragma secure_delete = on');
		try {
			this.#sql.transaction(() => {
				this.#eraseName(learner);
				this.#sql.run('delete from learner where id = ?', learner);
			});
		} finally {
			this.#sql.get('pragma secure_delete = off');
		}
	}

	compact(): void {
		this.#sql.run('vacuum');
		// Nor in the journal.
		this.#sql.get('pragma wal_checkpoint(truncate)');
	}

	#eraseName(learner: string): void {
		for (const { room, name, key, role } of this.#sql.all('select * from room_person where learner = ?', learner)) {
			const of = String(room);
			const names = JSON.parse(String(this.#sql.get('select names from room where id = ?', of)?.['names'])) as string[];
			const others = names.filter((one) => nameKey(one) !== key);
			if (others.length < names.length) this.#sql.run('update room set names = ? where id = ?', JSON.stringify(others), of);
			this.#sql.run('update hand set taken_by = null where room = ? and taken_by = ?', of, String(name));
			this.#sql.run('update look_event set by = ? where room = ? and by = ?', nobody, of, String(name));
			this.#sql.run("update room_pace set attention = null where room = ? and attention ->> 'by' = ?", of, String(name));
			// They may have made and kept them.
			if (role === 'trainer') this.#sql.run('delete from link where room = ?', of);
		}
		const account = this.#sql.get('select subject from account where learner = ? and issuer = ?', learner, trainers);
		if (!account) return;
		for (const { digest, name } of this.#sql.all('select digest, name from link where room is null'))
			if (nameKey(String(name)) === account['subject']) this.#sql.run('delete from link where digest = ?', String(digest));
	}

	#tables(): string[] {
		return this.#sql.all("select name from sqlite_master where type = 'table' order by name").map(({ name }) => String(name));
	}

	/** Condition of the rows that are about a person, with the learner's id as its parameter; undefined: that table has none. */
	#which(table: string, above: readonly string[] = []): string | undefined {
		if (table === 'learner') return 'id = ?1';
		if (above.includes(table)) return undefined;
		const keys = this.#foreignKeys(table);
		if (keys.some(({ from }) => from === 'learner')) return 'learner = ?1';
		for (const { parent, from, to } of keys) {
			const inParent = this.#which(parent, [...above, table]);
			if (inParent !== undefined) return `"${from}" in (select "${to}" from "${parent}" where ${inParent})`;
		}
		return undefined;
	}

	#foreignKeys(table: string): ForeignKey[] {
		return this.#sql
			.all('select "table" as parent, "from", "to" from pragma_foreign_key_list(?)', table)
			.map(({ parent, from, to }) => ({ parent: String(parent), from: String(from), to: String(to) }));
	}
}
