/** Raised hands, as the store keeps them: a server that was killed comes back with all of them up. */
import type { Row, Sqlite } from './sqlite.ts';

export interface HandRow {
	id: string;
	room: string;
	learner: string;
	lesson: string;
	step: string;
	/** What the learner wrote. */
	line: string | undefined;
	/** The last verdict on the step, and the last command, when it was raised. */
	verdict: string | undefined;
	command: string | undefined;
	/** ms since 1970 */
	since: number;
	/** Name of who is on the way. */
	takenBy: string | undefined;
	/** Who raised it had been told that it is leave to look, and has not taken that back. */
	looks: boolean;
}

export interface HandRows {
	/** In place of the learner's one before. Nothing happens when they have left the room. */
	put(hand: HandRow): void;
	/** Who has waited longest comes first. */
	of(room: string): HandRow[];
	/** @returns whether it was there */
	remove(room: string, id: string): boolean;
	/** Hands stay up, but are leave to look no more: those of the room, or of all. */
	endLeave(room?: string): void;
}

export class HandTable implements HandRows {
	readonly #sql: Sqlite;

	constructor(sql: Sqlite) {
		this.#sql = sql;
	}

	put({ id, room, learner, lesson, step, line, verdict, command, since, takenBy, looks }: HandRow): void {
		this.#sql.run(
			`insert or replace into hand (id, room, learner, lesson, step, line, verdict, command, since, taken_by, looks)
			select ?1, room, learner, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 from room_person where room = ?2 and learner = ?3`,
			id,
			room,
			learner,
			lesson,
			step,
			line ?? null,
			verdict ?? null,
			command ?? null,
			since,
			takenBy ?? null,
			Number(looks),
		);
	}

	of(room: string): HandRow[] {
		return this.#sql.all('select * from hand where room = ? order by since, id', room).map(handRow);
	}

	remove(room: string, id: string): boolean {
		return this.#sql.get('delete from hand where room = ? and id = ? returning id', room, id) !== undefined;
	}

	endLeave(room?: string): void {
		this.#sql.run('update hand set looks = 0 where room = coalesce(?, room)', room ?? null);
	}
}

function handRow(row: Row): HandRow {
	const text = (name: string) => (row[name] === null ? undefined : String(row[name]));
	return {
		id: String(row['id']),
		room: String(row['room']),
		learner: String(row['learner']),
		lesson: String(row['lesson']),
		step: String(row['step']),
		line: text('line'),
		verdict: text('verdict'),
		command: text('command'),
		since: Number(row['since']),
		takenBy: text('taken_by'),
		looks: Number(row['looks']) === 1,
	};
}
