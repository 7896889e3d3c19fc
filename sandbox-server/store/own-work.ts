/** What learners have done by themselves, in rooms or not: how long they worked on lessons, how often they tried steps. It goes with the learner. */
import { createHash } from 'node:crypto';
import { number, type Row, type Sqlite } from './sqlite.ts';
import type { LabKey } from './store.ts';

/** One learner's work on a lesson. */
export interface WorkTimeRow {
	course: string;
	lesson: string;
	/** How long, ms. */
	ms: number;
	/** The last sign of work, ms since 1970. */
	last: number;
}

/** One learner's work on a step. */
export interface WorkStepRow {
	course: string;
	lesson: string;
	step: string;
	/** Different verdicts "not yet" before it was first passed. */
	tries: number;
	/** When it was first passed, ms since 1970. */
	passed: number | undefined;
}

/** What a check has said of a step. */
export interface OwnVerdict {
	lesson: string;
	step: string;
	state: 'passed' | 'failed';
	/** The sentence, when it said no. */
	said?: string | undefined;
	/** ms since 1970 */
	at: number;
}

export interface OwnWork {
	/** When there was last a sign of the learner's work, in whatever course, ms since 1970. */
	lastSign(learner: string): number | undefined;
	/** `ms` more on that lesson; the last sign is at `at`. */
	addTime(lab: LabKey, work: { lesson: string; ms: number; at: number }): void;
	noteVerdict(lab: LabKey, verdict: OwnVerdict): void;
	/** Of all courses. */
	times(learner: string): WorkTimeRow[];
	/** Of all courses. */
	steps(learner: string): WorkStepRow[];
	/** Steps of all courses that are passed now. */
	passed(learner: string): { course: string; lesson: string; step: string }[];
}

/** The tables `work_time` and `work_step`. */
export class OwnWorkTables implements OwnWork {
	readonly #sql: Sqlite;

	constructor(sql: Sqlite) {
		this.#sql = sql;
	}

	lastSign(learner: string): number | undefined {
		return number(this.#sql.get('select max(last) as last from work_time where learner = ?', learner)?.['last']);
	}

	addTime({ learner, course }: LabKey, { lesson, ms, at }: { lesson: string; ms: number; at: number }): void {
		this.#sql.run(
			`insert into work_time (learner, course, lesson, ms, last) values (?, ?, ?, ?, ?)
			on conflict do update set ms = ms + excluded.ms, last = excluded.last`,
			...[learner, course, lesson, Math.round(ms), at],
		);
	}

	noteVerdict({ learner, course }: LabKey, { lesson, step, state, said = '', at }: OwnVerdict): void {
		const failed = state === 'failed';
		// A check may say what a learner wrote: only whether it says the same again is to be known.
		const digest = createHash('sha256').update(said).digest('base64url').slice(0, 16);
		this.#sql.run(
			`insert into work_step (learner, course, lesson, step, tries, said, passed) values (?, ?, ?, ?, ?, ?, ?)
			on conflict do update set tries = tries + iif(passed is null and excluded.said is not null and excluded.said is not said, 1, 0),
				said = coalesce(excluded.said, said), passed = coalesce(passed, excluded.passed)`,
			...[learner, course, lesson, step, Number(failed), failed ? digest : null, failed ? null : at],
		);
	}

	times(learner: string): WorkTimeRow[] {
		return this.#sql
			.all('select course, lesson, ms, last from work_time where learner = ?', learner)
			.map((row) => ({ ...lessonOf(row), ms: Number(row['ms']), last: Number(row['last']) }));
	}

	steps(learner: string): WorkStepRow[] {
		return this.#sql
			.all('select course, lesson, step, tries, passed from work_step where learner = ?', learner)
			.map((row) => ({ ...lessonOf(row), step: String(row['step']), tries: Number(row['tries']), passed: number(row['passed']) }));
	}

	passed(learner: string): { course: string; lesson: string; step: string }[] {
		const sql = `select course, lesson, step from step where learner = ? and state = 'passed'`;
		return this.#sql.all(sql, learner).map((row) => ({ ...lessonOf(row), step: String(row['step']) }));
	}
}

const lessonOf = (row: Row) => ({ course: String(row['course']), lesson: String(row['lesson']) });
