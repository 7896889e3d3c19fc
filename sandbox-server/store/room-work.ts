/** What a room knows of its people's work: verdicts while it is held, and what they read. It goes with the person, and with the room. */
import { number, type Row, type Sqlite } from './sqlite.ts';

export type StepVerdict = 'todo' | 'passed' | 'failed' | 'error';

/** One person's work on one step. */
export interface RoomStepRow {
	learner: string;
	lesson: string;
	step: string;
	/** The last verdict; 'todo': it was taken back, which changes nothing else. */
	state: StepVerdict;
	/** First verdict, first "passed", last verdict, ms since 1970. */
	begun: number;
	passed: number | undefined;
	last: number;
	/** Different verdicts "not yet" before it was first passed. */
	tries: number;
}

/** A sentence that a check said to one person. */
export interface RoomSentenceRow {
	learner: string;
	lesson: string;
	step: string;
	fr: string;
	en: string;
	times: number;
}

/** A hint or a solution that somebody has opened. */
export interface RoomOpenedRow {
	learner: string;
	lesson: string;
	step: string;
	/** "hint 1", "solution" */
	what: string;
	/** For the first time, ms since 1970. */
	at: number;
}

/** A command that has ended. */
export interface RoomCommandRow {
	/** Rises with time; 0: of a sandbox that is gone. */
	id: number;
	learner: string;
	/** ms since 1970 */
	at: number;
	command: string;
	failed: boolean;
}

/** What a check has said of a step of somebody in the room. */
export interface VerdictRow {
	room: string;
	learner: string;
	lesson: string;
	step: string;
	state: StepVerdict;
	/** What the check said, when it said no. */
	sentence?: { fr: string; en: string };
	/** ms since 1970 */
	at: number;
}

export interface RoomWork {
	/** Nothing happens when the person has left the room. */
	noteVerdict(verdict: VerdictRow): void;
	/** Of one person, or of everybody. */
	steps(room: string, learner?: string): RoomStepRow[];
	step(room: string, learner: string, at: { lesson: string; step: string }): RoomStepRow | undefined;
	/** Of one person, or of everybody. */
	sentences(room: string, learner?: string): RoomSentenceRow[];
	/** Steps of the room's course that somebody has passed, in the room or before. */
	/** Once for each; nothing happens when the person has left the room. */
	noteOpened(room: string, opened: RoomOpenedRow): void;
	/** Of one person, or of everybody. */
	opened(room: string, learner?: string): RoomOpenedRow[];
	passed(room: string, learner: string): { lesson: string; step: string }[];
	isPassed(room: string, learner: string, at: { lesson: string; step: string }): boolean;
	/**
	 * Commands of its people, in its course and its time: those of sandboxes that are there, oldest first, after the one of that id. The first
	 * time, with 0, those of sandboxes that are gone come before them, with the id 0. When the newest sandbox goes, its ids are
	 * given again: a command of the seconds around that may be left out.
	 */
	commands(room: string, after: number): RoomCommandRow[];
}

/** Different sentences kept of one person at one step: a check may print what a learner wrote. */
const mostSentences = 20;

const passedBy = `from room join step on step.course = room.course where room.id = ? and step.learner = ? and step.state = 'passed'`;

/** Who is in the room, in which course, and since when their commands are the room's: its beginning, or when it was made if that was earlier. */
const ofRoom = `(select room_person.learner, room.course, min(room.starts, room.created) as since
	from room_person join room on room.id = room_person.room where room.id = ?1 and room_person.role = 'learner') as of_room`;

/** The tables `room_step`, `room_sentence` and `room_opened`. */
export class RoomWorkTables implements RoomWork {
	readonly #sql: Sqlite;

	constructor(sql: Sqlite) {
		this.#sql = sql;
	}

	noteVerdict(verdict: VerdictRow): void {
		this.#sql.transaction(() => {
			if (verdict.state === 'todo') return this.#takeBack(verdict);
			const isNew = !verdict.sentence || !this.#knows(verdict, verdict.sentence);
			if (this.#noteStep(verdict, isNew) && verdict.sentence) this.#noteSentence(verdict, verdict.sentence);
		});
	}

	/** It says that nothing is known any more: nobody has tried anything, so no time moves. */
	#takeBack({ room, learner, lesson, step }: VerdictRow): void {
		this.#sql.run(
			`update room_step set state = 'todo' where room = ? and learner = ? and lesson = ? and step = ?`,
			room,
			learner,
			lesson,
			step,
		);
	}

	#knows({ room, learner, lesson, step }: VerdictRow, { fr, en }: { fr: string; en: string }): boolean {
		const sql = 'select 1 from room_sentence where room = ? and learner = ? and lesson = ? and step = ? and fr = ? and en = ?';
		return this.#sql.get(sql, room, learner, lesson, step, fr, en) !== undefined;
	}

	/** @param isNew what the check says has not been said before: the same again, as after each command, is no other try */
	#noteStep({ room, learner, lesson, step, state, at }: VerdictRow, isNew: boolean): boolean {
		return (
			this.#sql.run(
				`insert into room_step (room, learner, lesson, step, state, begun, passed, last, tries)
				select room, learner, ?3, ?4, ?5, ?6, iif(?5 = 'passed', ?6, null), ?6, iif(?5 = 'failed' and ?7, 1, 0)
				from room_person where room = ?1 and learner = ?2
				on conflict do update set state = excluded.state, last = excluded.last,
					tries = tries + iif(passed is null, excluded.tries, 0), passed = coalesce(passed, excluded.passed)`,
				...[room, learner, lesson, step, state, at, Number(isNew)],
			) > 0
		);
	}

	#noteSentence({ room, learner, lesson, step }: VerdictRow, { fr, en }: { fr: string; en: string }): void {
		const key = [room, learner, lesson, step] as const;
		const where = 'room = ? and learner = ? and lesson = ? and step = ?';
		const more = this.#sql.run(`update room_sentence set times = times + 1 where ${where} and fr = ? and en = ?`, ...key, fr, en);
		if (more > 0) return;
		const known = Number(this.#sql.get(`select count(*) as count from room_sentence where ${where}`, ...key)?.['count'] ?? 0);
		if (known < mostSentences) this.#sql.run('insert into room_sentence values (?, ?, ?, ?, ?, ?, 1)', ...key, fr, en);
	}

	steps(room: string, learner?: string): RoomStepRow[] {
		const sql = 'select * from room_step where room = ?1 and (?2 is null or learner = ?2)';
		return this.#sql.all(sql, room, learner ?? null).map(stepRow);
	}

	step(room: string, learner: string, { lesson, step }: { lesson: string; step: string }): RoomStepRow | undefined {
		const row = this.#sql.get(
			'select * from room_step where room = ? and learner = ? and lesson = ? and step = ?',
			room,
			learner,
			lesson,
			step,
		);
		return row && stepRow(row);
	}

	sentences(room: string, learner?: string): RoomSentenceRow[] {
		const sql = 'select * from room_sentence where room = ?1 and (?2 is null or learner = ?2)';
		return this.#sql.all(sql, room, learner ?? null).map((row) => ({
			...keyOf(row),
			fr: String(row['fr']),
			en: String(row['en']),
			times: Number(row['times']),
		}));
	}

	noteOpened(room: string, { learner, lesson, step, what, at }: RoomOpenedRow): void {
		this.#sql.run(
			`insert into room_opened (room, learner, lesson, step, what, at) select room, learner, ?3, ?4, ?5, ?6 from room_person
			where room = ?1 and learner = ?2 on conflict do nothing`,
			...[room, learner, lesson, step, what, at],
		);
	}

	opened(room: string, learner?: string): RoomOpenedRow[] {
		const sql = 'select * from room_opened where room = ?1 and (?2 is null or learner = ?2) order by at';
		return this.#sql.all(sql, room, learner ?? null).map((row) => ({ ...keyOf(row), what: String(row['what']), at: Number(row['at']) }));
	}

	passed(room: string, learner: string): { lesson: string; step: string }[] {
		return this.#sql.all(`select step.learner, lesson, step ${passedBy}`, room, learner).map(keyOf);
	}

	isPassed(room: string, learner: string, { lesson, step }: { lesson: string; step: string }): boolean {
		return this.#sql.get(`select 1 ${passedBy} and step.lesson = ? and step.step = ?`, room, learner, lesson, step) !== undefined;
	}

	commands(room: string, after: number): RoomCommandRow[] {
		const past =
			after > 0
				? []
				: this.#sql.all(
						`select 0 as id, learner, at, command, exit from ${ofRoom} join past_command using (learner, course) where at >= since order by at`,
						room,
					);
		const present = this.#sql.all(
			`select command.id, learner, at, command, exit from command join sandbox on sandbox.name = command.sandbox
			join ${ofRoom} using (learner, course) where command.id > ?2 and at >= since order by command.id`,
			room,
			after,
		);
		return [...past, ...present].map((row) => ({
			id: Number(row['id']),
			learner: String(row['learner']),
			at: Number(row['at']),
			command: String(row['command']),
			failed: row['exit'] !== null && Number(row['exit']) !== 0,
		}));
	}
}

const keyOf = (row: Row) => ({ learner: String(row['learner']), lesson: String(row['lesson']), step: String(row['step']) });

function stepRow(row: Row): RoomStepRow {
	return {
		...keyOf(row),
		state: row['state'] as StepVerdict,
		begun: Number(row['begun']),
		passed: number(row['passed']),
		last: Number(row['last']),
		tries: Number(row['tries']),
	};
}
