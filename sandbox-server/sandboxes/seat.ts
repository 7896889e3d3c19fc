/** One learner in one course: whether they have a sandbox, wait for one, or why there is none. */
import type { SandboxReport } from '../../src/shared/api.ts';
import type { Course } from '../../src/shared/course.ts';
import { errorText } from '../../src/shared/errors.ts';
import type { Language, Text } from '../../src/shared/language.ts';
import type { LearnerRow } from '../store/store.ts';
import type { Bench } from './bench.ts';

export type Phase = 'none' | 'queued' | 'starting' | 'live' | 'stopping' | 'lost';

interface Surroundings {
	away: boolean;
	queue?: { place: number; wait: number | undefined } | undefined;
	kept?: number | undefined;
}

export class Seat {
	readonly learner: LearnerRow;
	readonly course: Course;
	phase: Phase = 'none';
	/** While 'live' or 'stopping'. */
	bench: Bench | undefined;
	/** Why there is no sandbox, for the next page. */
	reason: Text | undefined;
	/** Ends a start that is under way. */
	abort: AbortController | undefined;
	/** Where they come from: an address, or a network of one customer; '' when it is not known. Only the queue's order goes by it. */
	from = '';
	/** Open pages. */
	viewers = 0;
	/** When the last page was open, ms. */
	seen: number;
	/** When the learner asked for the sandbox that is to come, ms. */
	asked: number | undefined;
	/** One that was ready ahead has turned out dead: theirs is to be made for them. */
	anew = false;
	/** When they had asked for the sandbox whose first prompt is still to come, ms. */
	promised: { asked: number; pool: boolean } | undefined;
	/** The last warning of the end, minutes before it. */
	warned: number | undefined;

	constructor(learner: LearnerRow, course: Course, now: number) {
		this.learner = learner;
		this.course = course;
		this.seen = now;
	}

	/** When its sandbox is put away at the latest, ms; undefined without one. */
	get lastEnd(): number | undefined {
		if (this.bench?.claimed === undefined) return undefined;
		const { lifetime, extend } = this.course.settings;
		return this.bench.claimed + (lifetime + this.bench.extended * extend.by) * 1000;
	}

	/** How often that can still be put off. */
	get extensions(): number {
		return Math.max(0, this.course.settings.extend.times - (this.bench?.extended ?? 0));
	}

	/**
	 * `queue`: place from 1 and estimated wait in seconds, while queued. `away`: the engine does not answer. `kept`: when the files that the
	 * next sandbox begins with were kept.
	 */
	report(language: Language, { away, queue, kept }: Surroundings): SandboxReport {
		const reason = this.reason?.[language];
		if (this.phase === 'live') {
			const ends = this.lastEnd;
			const extend = this.extensions > 0 ? this.course.settings.extend.by : undefined;
			return {
				state: this.bench?.ready ? 'ready' : 'starting',
				...(ends !== undefined && { ends }),
				...(ends !== undefined && extend !== undefined && { extend }),
			};
		}
		if (this.phase === 'stopping') return { state: 'stopping' };
		if (away) return { state: 'unavailable', reason: errorText('engine-away', language) };
		if (this.phase === 'queued' && queue)
			return { state: 'queued', place: queue.place, ...(queue.wait !== undefined && { wait: queue.wait }) };
		if (this.phase === 'queued' || this.phase === 'starting') return { state: 'starting' };
		return { state: this.phase, ...(reason !== undefined && { reason }), ...(kept !== undefined && { kept }) };
	}
}
