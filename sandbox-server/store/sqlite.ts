/** A thin layer over node:sqlite: prepared statements by their text, and transactions. */
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';

export type Row = Record<string, SQLOutputValue>;

export class Sqlite {
	readonly #database: DatabaseSync;
	readonly #statements = new Map<string, StatementSync>();

	constructor(database: DatabaseSync) {
		this.#database = database;
	}

	/** Runs a statement; returns how many rows it changed. */
	run(sql: string, ...values: SQLInputValue[]): number {
		return Number(this.#prepare(sql).run(...values).changes);
	}

	get(sql: string, ...values: SQLInputValue[]): Row | undefined {
		return this.#prepare(sql).get(...values);
	}

	all(sql: string, ...values: SQLInputValue[]): Row[] {
		return this.#prepare(sql).all(...values);
	}

	/** "immediate": the right to write is taken before the first read, so that two servers never decide on the same row. */
	transaction<T>(work: () => T): T {
		this.#database.exec('begin immediate');
		try {
			const result = work();
			this.#database.exec('commit');
			return result;
		} catch (error) {
			// SQLite itself rolls back on some errors (disk full); a second rollback would hide the first error.
			if (this.#database.isTransaction) this.#database.exec('rollback');
			throw error;
		}
	}

	/** Idempotent. */
	close(): void {
		if (this.#database.isOpen) this.#database.close();
	}

	#prepare(sql: string): StatementSync {
		let statement = this.#statements.get(sql);
		if (!statement) {
			statement = this.#database.prepare(sql);
			this.#statements.set(sql, statement);
		}
		return statement;
	}
}

/** A column that may be null → a number, or undefined. */
export const number = (value: SQLOutputValue | undefined) => (value === null || value === undefined ? undefined : Number(value));
