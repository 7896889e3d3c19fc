/** What live connections need from the rest. */
import type { SandboxReport, StepReport } from '../../src/shared/api.ts';
import type { Language } from '../../src/shared/language.ts';
import type { Clock } from '../sandboxes/clock.ts';
import type { Log, SandboxEvents } from '../sandboxes/deps.ts';
import type { Size, Terminal } from '../sandboxes/terminal.ts';
import type { LearnerRow } from '../store/store.ts';

/** The part of the sandbox manager that pages see. */
export interface LiveSandboxes {
	report(learner: LearnerRow, course: string, language: Language): SandboxReport;
	/** @throws PublicError queue-full */
	start(learner: LearnerRow, course: string, from?: string): void;
	/** A page is open until the returned function is called. */
	enter(learner: LearnerRow, course: string, from?: string): () => void;
	/** @throws PublicError no-sandbox, sandbox-busy, terminal-failed */
	terminal(
		learner: LearnerRow,
		request: { course: string; lesson: string; number: string; size: Size; language: Language },
	): Promise<{ terminal: Terminal; fresh: boolean }>;
	subscribe(listener: Partial<SandboxEvents>): () => void;
}

/** The part of the checks that pages see. */
export interface LiveSteps {
	/** Every step of the lesson, in order. */
	reports(learner: LearnerRow, course: string, lesson: string | undefined, language: Language): StepReport[];
	/** The learner works on this step, or looks at it: its checks come first. Unknown steps are to be ignored. */
	focus(learner: LearnerRow, course: string, lesson: string, step: string): void;
	/** Calls `listener` whenever a step stands differently; `report` gives it in a language. Returns a function that ends this. */
	subscribe(listener: (learner: LearnerRow, course: string, report: (language: Language) => StepReport) => void): () => void;
}

export interface LiveDeps {
	sandboxes: LiveSandboxes;
	steps: LiveSteps;
	clock: Clock;
	log: Log;
	/** Told of the bytes of every message, and of refusals by their code. */
	meter?: { traffic(direction: 'in' | 'out', bytes: number): void; error(code: string): void } | undefined;
}
