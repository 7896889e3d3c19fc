/**
 * Scores for the grade books of platforms (Assignment and Grade Services 2.0): of a lesson, how many of its steps are passed. What is to be told
 * follows from progress and from what has been told, both in the store: nothing is lost by a restart, or while a platform is away.
 */
import { setImmediate } from 'node:timers/promises';
import type { Course } from '../../src/shared/course/course.ts';
import { type Clock, every } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Grade, GradeRow, LtiRows, PlatformRow } from '../store/lti.ts';
import type { OwnWork } from '../store/own-work.ts';
import { scoreScope } from './claims.ts';
import type { PlatformServices } from './services.ts';

const turnMs = 1000;
/** Between two tries: doubled each time, up to the most for a platform that takes no scores, and for one score that it refuses. */
const leastWaitMs = 2000;
const mostWaitMs = { platform: 30 * 60_000, score: 6 * 3600_000 };
/** A column that is not found for so long is gone; a proxy says the same while a platform is being looked after. */
const goneMs = 7 * 24 * 3600_000;

interface ScoreDeps {
	store: { lti: LtiRows; ownWork: OwnWork };
	courses: readonly Course[];
	services: Pick<PlatformServices, 'ask'>;
	clock: Clock;
	log: Log;
}

/** The platform takes scores, but not this one. */
class Refused extends Error {
	/** There is no such column (any more), or nothing can be written into it. */
	readonly noColumn: boolean;
	constructor(status: number) {
		super(`status ${status}`);
		this.noColumn = [404, 410, 422].includes(status);
	}
}

interface Wait {
	until: number;
	ms: number;
}

/** No name of a platform has a blank. */
const keyOf = ({ learner, course, lesson, column }: Grade): string => [learner, course, lesson, column].join(' ');

export class Scores {
	readonly #deps: ScoreDeps;
	/** Lines to look at; at the start, those of which more is passed than was told. */
	readonly #due = new Map<string, GradeRow>();
	/** What is left alone for a while: platforms, by name, and single lines. */
	readonly #waits = new Map<string, Wait>();

	constructor(deps: ScoreDeps) {
		this.#deps = deps;
		this.#look(deps.store.lti.unsettled());
	}

	/** Tells platforms what is to be told, until the returned function is called. */
	start(): () => void {
		const { clock, log } = this.#deps;
		return every({ clock, ms: turnMs, action: () => this.turn(), onFault: (error) => log.warn({ err: error }, 'scores for platforms') });
	}

	/** The learner has passed a step there, or has come from a platform. */
	touch(of: { learner: string; course: string; lesson: string }): void {
		const rows = this.#deps.store.lti.grades(of);
		this.#look(rows);
		for (const row of rows) {
			const wait = this.#waits.get(keyOf(row));
			if (wait) wait.until = 0;
		}
	}

	#look(rows: GradeRow[]): void {
		for (const row of rows) this.#due.set(keyOf(row), row);
	}

	/** Tells what is due, of each platform until it fails. */
	async turn(): Promise<void> {
		for (const [key, row] of [...this.#due]) {
			if (this.#waiting(row.platform) || this.#waiting(key)) continue;
			const done = await this.#settle(row);
			// Touched meanwhile: it is looked at again.
			if (done && this.#due.get(key) === row) this.#due.delete(key);
			// After a restart there are many, and most of them ask the store alone: people's requests go between.
			await setImmediate();
		}
	}

	#waiting(what: string): boolean {
		return (this.#waits.get(what)?.until ?? 0) > this.#deps.clock.now();
	}

	/** @returns whether there is nothing more to do about it */
	async #settle(row: GradeRow): Promise<boolean> {
		const { store, courses } = this.#deps;
		const platform = store.lti.platforms().find(({ name }) => name === row.platform);
		const lesson = courses.find(({ slug }) => slug === row.course)?.lessons.find(({ slug }) => slug === row.lesson);
		const stored = store.lti.grades(row).find(({ column }) => column === row.column);
		if (!platform || !lesson || !stored) return true;
		const passed = new Set(store.ownWork.passed(row.learner).map((one) => `${one.course}/${one.lesson}/${one.step}`));
		const count = lesson.steps.filter(({ id }) => passed.has(`${row.course}/${row.lesson}/${id}`)).length;
		// A step that was taken back takes no points back.
		if (count <= (stored.told ?? 0)) return true;
		try {
			await this.#send(platform, row, { count, of: lesson.steps.length });
			store.lti.tell(row, count);
			this.#waits.delete(row.platform);
			this.#waits.delete(keyOf(row));
			return true;
		} catch (error) {
			return this.#failed(stored, error);
		}
	}

	/** One score that is refused holds up no other. @returns whether the line is given up */
	#failed(row: GradeRow, error: unknown): boolean {
		const { store, clock, log } = this.#deps;
		const refused = error instanceof Refused;
		const key = refused ? keyOf(row) : row.platform;
		const about = { err: error, platform: row.platform, course: row.course, lesson: row.lesson };
		const before = this.#waits.get(key);
		// The moment is stored: a restart does not begin the days anew.
		const gone = refused && error.noColumn ? (row.gone ?? clock.now()) : undefined;
		if (refused && gone !== row.gone) store.lti.markGone(row, gone);
		if (gone !== undefined && clock.now() - gone >= goneMs) {
			log.warn(about, 'a platform does not take a score: its column is no longer there, or closed to us');
			store.lti.removeGrade(row);
			this.#waits.delete(key);
			return true;
		}
		const ms = Math.min(refused ? mostWaitMs.score : mostWaitMs.platform, 2 * (before?.ms ?? leastWaitMs / 2));
		this.#waits.set(key, { until: clock.now() + ms, ms });
		const text = refused ? 'a platform refuses a score' : 'a platform could not be told a score';
		log.warn({ ...about, ms }, `${text}: it will be tried again`);
		return false;
	}

	async #send(platform: PlatformRow, { column, subject }: GradeRow, { count, of }: { count: number; of: number }): Promise<void> {
		// The column's address may have a query (Moodle's has).
		const address = new URL(column);
		address.pathname = `${address.pathname.replace(/\/$/, '')}/scores`;
		const score = {
			userId: subject,
			scoreGiven: count,
			scoreMaximum: of,
			activityProgress: count === of ? 'Completed' : 'InProgress',
			gradingProgress: 'FullyGraded',
			timestamp: new Date(this.#deps.clock.now()).toISOString(),
		};
		const answer = await this.#deps.services.ask(platform, scoreScope, address, {
			method: 'POST',
			headers: { 'content-type': 'application/vnd.ims.lis.v1.score+json' },
			body: JSON.stringify(score),
		});
		await answer.body?.cancel();
		if (answer.ok) return;
		const ofAll = answer.status < 400 || answer.status >= 500 || [401, 429].includes(answer.status);
		if (!ofAll) throw new Refused(answer.status);
		throw new Error(`status ${answer.status}`);
	}
}
