/**
 * Which check runs next, and what follows from what it says. Pure: what has happened so far comes in, nothing is run, stored or told
 * here.
 */
import type { Lesson, Step } from '../../src/shared/course/course.ts';
import { languages } from '../../src/shared/language.ts';
import type { StepState } from '../../src/shared/protocol/api.ts';
import { verdictTexts } from '../../src/shared/protocol/verdicts.ts';
import { isHeld, waitingText, waitsFor } from './order.ts';
import type { Sentences, Verdict } from './verdict.ts';

/** How a step stands that has been looked at. */
export interface StepStanding {
	state: StepState;
	message?: Sentences | undefined;
	hint?: number | undefined;
}

/** The checks that follow from one thing that the learner has done. */
export interface Round {
	lesson: Lesson;
	/** Number of the step in view, from 0; -1: none. */
	inView: number;
	/** Steps in which the learner has pressed something. */
	begun: ReadonlySet<string>;
	/** What had been passed when the round began. */
	before: ReadonlySet<string>;
	/** How the steps that have been judged in this round stand. */
	judged: ReadonlyMap<string, StepState>;
}

export interface NextCheck {
	step: Step;
	/** Its failure is not told: nobody has tried it yet. */
	untold: boolean;
}

/**
 * First the passed steps that have to hold, then from the first step not passed to the one in view, then on while checks pass. A broken
 * check does not stop the others. A step that nobody has tried is not failed: of those that were only read ahead, passed over, or not come
 * to yet (the reader is still at the step before, with its last commands), only success is told.
 * @param passed what is passed now
 * @param isKnown what a step lacks has been told before
 * @returns undefined when the round is over
 */
export function nextCheck(
	{ lesson, inView, begun, before, judged }: Round,
	passed: ReadonlySet<string>,
	isKnown: (step: string) => boolean,
): NextCheck | undefined {
	const held = lesson.steps.find((step) => isHeld(lesson, step, before) && !judged.has(step.id));
	if (held) return { step: held, untold: false };
	const first = lesson.steps.find(({ id, check }) => check !== undefined && !before.has(id))?.id;
	const moved = [...judged].some(([id, state]) => state === 'passed' && !before.has(id));
	for (const [index, step] of lesson.steps.entries()) {
		if (step.check === undefined || passed.has(step.id)) continue;
		const state = judged.get(step.id);
		if (state === 'passed' || state === 'error') continue;
		if (state !== undefined) {
			if (index >= inView) return undefined;
			continue;
		}
		if (index !== inView && waitsFor(lesson, step, passed).length > 0) continue;
		const isNext = step.id === first && (inView === -1 || index === inView) && !moved;
		return { step, untold: !isNext && !isKnown(step.id) && !(index === inView && begun.has(step.id)) };
	}
	return undefined;
}

/** The step cannot be passed yet, whatever its check would say; undefined: it can. */
export function waitingFor(lesson: Lesson, step: Step, passed: ReadonlySet<string>): StepStanding | undefined {
	if (passed.has(step.id)) return undefined;
	const waits = waitsFor(lesson, step, passed);
	return waits.length > 0 ? { state: 'failed', message: waitingText(waits) } : undefined;
}

/** What a check has said of a step, and what was known of the step before. */
export interface Judged {
	verdict: Verdict;
	/** It is passed in the store. */
	passed: boolean;
	/** It is passed, and falls back when it is no longer so. */
	held: boolean;
	/** It was reset while the check ran: that what was seen then was right says nothing any more. */
	stale: boolean;
	/** Its failure is not told. */
	untold: boolean;
}

/** What is known of a step after its check; `store`: what is to be stored of it. */
export function standingOf({ verdict, passed, held, stale, untold }: Judged): { standing: StepStanding; store?: 'passed' | 'dropped' } {
	const { detail: _, slow: __, ...standing } = verdict;
	if (verdict.state === 'passed') return stale ? { standing: { state: passed ? 'passed' : 'todo' } } : { standing, store: 'passed' };
	if (verdict.state === 'failed' && held) {
		const message = Object.fromEntries(
			languages.flatMap((language) => {
				const sentence = standing.message?.[language];
				return sentence === undefined ? [] : [[language, `${verdictTexts.fellBack[language]} ${sentence}`]];
			}),
		) as Sentences;
		return { standing: { ...standing, message }, store: 'dropped' };
	}
	if (passed) return { standing: { state: 'passed' } };
	return { standing: untold && verdict.state === 'failed' ? { state: 'todo' } : standing };
}
