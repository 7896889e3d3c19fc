/** Who looked at whose terminal, and when: for the person who was looked at. It goes with the person, and with the room. */
import type { LookEventKind } from '../../src/shared/protocol/rooms.ts';
import type { Sqlite } from './sqlite.ts';

export interface LookEventRow {
	room: string;
	/** Whose terminal it is. */
	learner: string;
	/** Names one visit: from the question to the end. */
	look: string;
	/** ms since 1970 */
	at: number;
	/** Name of who looks. */
	by: string;
	what: LookEventKind;
}

/** Of one person in one room; the oldest are forgotten. */
const mostEvents = 500;

export interface LookEvents {
	/** Nothing happens when the person has left the room. The newest 500 of a person in a room are kept. */
	add(event: LookEventRow): void;
	/** Oldest first. */
	of(room: string, learner: string): LookEventRow[];
	/** Visits that a server which was killed has not written an end of end at `now`. */
	endOpen(now: number): void;
}

export class LookTable implements LookEvents {
	readonly #sql: Sqlite;

	constructor(sql: Sqlite) {
		this.#sql = sql;
	}

	add({ room, learner, look, at, by, what }: LookEventRow): void {
		this.#sql.run(
			`insert into look_event (room, learner, look, at, by, what)
			select room, learner, ?3, ?4, ?5, ?6 from room_person where room = ?1 and learner = ?2`,
			room,
			learner,
			look,
			at,
			by,
			what,
		);
		this.#sql.run(
			`delete from look_event where room = ?1 and learner = ?2 and id <=
			(select id from look_event where room = ?1 and learner = ?2 order by id desc limit 1 offset ${mostEvents})`,
			room,
			learner,
		);
	}

	of(room: string, learner: string): LookEventRow[] {
		return this.#sql.all('select * from look_event where room = ? and learner = ? order by id', room, learner).map((row) => ({
			room: String(row['room']),
			learner: String(row['learner']),
			look: String(row['look']),
			at: Number(row['at']),
			by: String(row['by']),
			what: row['what'] as LookEventKind,
		}));
	}

	endOpen(now: number): void {
		this.#sql.run(
			`insert into look_event (room, learner, look, at, by, what)
			select room, learner, look, ?, by, iif(sum(what not in ('asked', 'asked-for-all')) = 0, 'withdrawn', 'ended') from look_event
			group by look having sum(what in ('ended', 'refused', 'withdrawn')) = 0`,
			now,
		);
	}
}
