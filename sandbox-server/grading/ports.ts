/** What the transport asks of the grading, as an interface. */
import type { Language } from '../../src/shared/language.ts';
import type { StepReport } from '../../src/shared/protocol/api.ts';
import type { Lab } from '../labs/lab.ts';

/**
 * self, neighbour: what the check says at this moment, also of a step that was passed before, and nothing is kept; by the learner's own
 * values of the lesson's parameters, or by values of somebody else.
 */
export type CheckNow = false | 'self' | 'neighbour';

/** How steps stand. `step` is the id of a step that exists. */
export interface Steps {
	/** Runs the step's check now. @throws Refusal no-sandbox, sandbox-busy; a check that breaks is a report with state 'error' */
	check(lab: Lab, lesson: string, step: string, language: Language, now?: CheckNow): Promise<StepReport>;
	/** Takes the step's work away in the sandbox and forgets its verdict. @throws Refusal no-sandbox, sandbox-busy */
	reset(lab: Lab, lesson: string, step: string): Promise<StepReport>;
	/** A step to read has been read. @throws Refusal bad-request when the step has a check */
	done(lab: Lab, lesson: string, step: string): StepReport;
	/** Judges an answer to a quiz of the lesson, keeps it, and judges the steps that ask for it. @throws Refusal not-found */
	answer(lab: Lab, answer: { lesson: string; quiz: string; choices: readonly number[]; language: Language }): boolean;
	/** Every step of the lesson, in order, 'todo' included; of every lesson of the course when `lesson` is undefined. */
	reports(lab: Lab, lesson: string | undefined, language: Language): StepReport[];
	/** Forgets verdicts of the lesson, or of the whole course, and tells open pages. */
	forget(lab: Lab, lesson: string | undefined): void;
}

/** Told whenever a step stands differently; `report` gives it in a language. */
export type StepListener = (lab: Lab, report: (language: Language) => StepReport) => void;

/** The part of the checks that open pages see. */
export interface LiveSteps {
	/** Every step of the lesson, in order. */
	reports(lab: Lab, lesson: string | undefined, language: Language): StepReport[];
	/** A page of this lesson is open, in this language, until the returned function is called. */
	enter(lab: Lab, lesson: string, language: Language): () => void;
	/** The learner looks at this step, or works on it: its checks come first. Unknown steps are ignored: the page may be older than the course. */
	focus(lab: Lab, lesson: string, at: { step: string; begun?: boolean | undefined }): void;
	/** Until the returned function is called. */
	subscribe(listener: StepListener): () => void;
}
