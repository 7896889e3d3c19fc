/** What is known of learners in lessons while the server runs: who looks, at what, and what is not right yet. */
import type { Lesson } from '../../src/shared/course/course.ts';
import { defaultLanguage, type Language } from '../../src/shared/language.ts';
import type { Lab } from '../labs/lab.ts';
import type { StepStanding } from './grader.ts';

/** One learner in one lesson, while there is something to remember. */
export interface Attempt {
	readonly lab: Lab;
	readonly lesson: Lesson;
	/** Of the page that was opened or asked last: checks speak it first. */
	language: Language;
	/** How many pages are open, by language. */
	readonly pages: Map<Language, number>;
	/** Id of the step in view. */
	focus: string | undefined;
	/** Steps in which the learner has pressed something: they are not only read. */
	readonly begun: Set<string>;
	/** What is not right yet, by step. */
	readonly standings: Map<string, StepStanding>;
	/** Checks run. */
	running: boolean;
	/** A command ended while checks were running: they run once more. */
	again: boolean;
	/** A check ran out of time in the present round. */
	slow: boolean;
	/** The last round broke off: the sandbox did not answer. */
	cutOff: boolean;
	/** Calls off the round that is to follow such a one. */
	callOff: (() => void) | undefined;
	/** Its last page was closed, over the sandbox of this name: what was not right yet is shown again if that is still the one. */
	left: string | undefined;
}

/** Attempts that are remembered with no page open; the oldest go first. */
const maxLeft = 2000;

export class Attempts {
	readonly #all = new Map<string, Attempt>();

	find(lab: Lab, lesson: string): Attempt | undefined {
		return this.#all.get(keyOf(lab, lesson));
	}

	of(lab: Lab, lesson: Lesson): Attempt {
		const known = this.find(lab, lesson.slug);
		if (known) return known;
		const attempt: Attempt = {
			lab,
			lesson,
			language: defaultLanguage,
			pages: new Map(),
			focus: undefined,
			begun: new Set(),
			standings: new Map(),
			running: false,
			again: false,
			slow: false,
			cutOff: false,
			callOff: undefined,
			left: undefined,
		};
		this.#all.set(keyOf(lab, lesson.slug), attempt);
		return attempt;
	}

	/** Nothing that was to follow by itself comes any more. */
	callOff(): void {
		for (const { callOff } of this.#all.values()) callOff?.();
	}

	/** Those whose pages are open, or that have been asked for without a page. */
	present(): Attempt[] {
		return [...this.#all.values()].filter(({ left }) => left === undefined);
	}

	/**
	 * A page is open until the returned function is called: perhaps to be loaded again, so what is not right yet is kept.
	 * @param sandboxName of the lab's sandbox at that moment; undefined: it has none
	 */
	enter(attempt: Attempt, language: Language, sandboxName: () => string | undefined): () => void {
		const sandbox = sandboxName();
		if (attempt.left !== undefined && sandbox !== undefined && sandbox !== attempt.left) attempt.standings.clear();
		// That a check broke is of the moment in which it did: whoever comes back may find it working.
		for (const [step, { state }] of attempt.standings) if (state === 'error') attempt.standings.delete(step);
		attempt.left = undefined;
		attempt.language = language;
		attempt.pages.set(language, (attempt.pages.get(language) ?? 0) + 1);
		let gone = false;
		return () => {
			if (gone) return;
			gone = true;
			const rest = (attempt.pages.get(language) ?? 1) - 1;
			if (rest > 0) attempt.pages.set(language, rest);
			else attempt.pages.delete(language);
			if (attempt.pages.size === 0) this.#leave(attempt, sandboxName());
		};
	}

	#leave(attempt: Attempt, sandbox: string | undefined): void {
		const key = keyOf(attempt.lab, attempt.lesson.slug);
		attempt.callOff?.();
		this.#all.delete(key);
		if (attempt.standings.size === 0 || sandbox === undefined) return;
		attempt.left = sandbox;
		// Put in again: the order is that of leaving.
		this.#all.set(key, attempt);
		const left = [...this.#all].filter(([, one]) => one.left !== undefined);
		for (const [oldest] of left.slice(0, Math.max(0, left.length - maxLeft))) this.#all.delete(oldest);
	}
}

const keyOf = (lab: Lab, lesson: string) => `${lab.id}/${lesson}`;
