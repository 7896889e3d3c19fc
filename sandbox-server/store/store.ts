/** What the server remembers. Implemented over SQLite by sqlite-store.ts; synchronous, since SQLite is. Times are ms since 1970. */
import type { StepReport } from '../../src/shared/api.ts';
import type { Text } from '../../src/shared/language.ts';

export interface LearnerRow {
	/** Random, secret: stands in the signed cookie only. */
	id: string;
	/** Public name, "learner-7f3a9c": unique; in the registry and in logs. */
	name: string;
	created: number;
}

export interface SandboxRow {
	/** The engine's name of it. */
	name: string;
	course: string;
	/** undefined while in the pool; never changes once set. */
	learner: string | undefined;
	state: 'starting' | 'ready' | 'stopping';
	created: number;
	/** When it was claimed. */
	claimed: number | undefined;
	/** When somebody last looked at it. */
	seen: number;
	/** How often its learner has made it last longer; 0 if left out. */
	extended?: number;
}

/** A learner's files of one course, kept from one sandbox to the next. */
export interface HomeRow {
	learner: string;
	course: string;
	/** Path of the archive in the folder of homes. */
	file: string;
	saved: number;
	bytes: number;
	/** Lessons whose setup is in it. */
	lessons: string[];
	/** Paths that were too large to be kept, largest first. */
	leftOut: string[];
}

export interface CommandRow {
	/** Name of the sandbox. */
	sandbox: string;
	/** "lesson/terminal number". */
	terminal: string;
	/** When it ended. */
	at: number;
	command: string;
	/** undefined when it is not known. */
	exit: number | undefined;
	folder: string;
	ms: number;
	/** Offset in the terminal's output just after its mark: commands up to here are not recorded again after a restart. */
	offset: bigint;
	/** Beginning and end of what it printed; undefined when that was not kept, or is no longer. */
	printed?: string;
}

/** How many sandboxes are to be ready, `from` then on and `until` then, ms. */
export interface PoolOrderRow {
	ready: number;
	from: number;
	until: number | undefined;
}

export interface ReasonRow {
	/** It ended by itself. */
	lost: boolean;
	text: Text;
	at: number;
}

export interface Store {
	createLearner(): LearnerRow;
	learner(id: string): LearnerRow | undefined;
	/** Forgets learners made before that time who have neither progress nor a sandbox nor kept files; returns how many. */
	forgetVisitors(before: number): number;

	/** Adds or changes. @throws Error when it would take a sandbox from its learner, or give a learner a second one of the course */
	putSandbox(row: SandboxRow): void;
	sandboxes(): SandboxRow[];
	/**
	 * Atomically gives a ready, unclaimed sandbox of the course to the learner.
	 * Undefined when there is none. One learner has at most one sandbox per course (those 'stopping' apart): whoever holds one already
	 * is given that one again, whatever its state.
	 */
	claim(course: string, learner: string, now: number): SandboxRow | undefined;
	/** Its commands go on as past commands of its learner. */
	removeSandbox(name: string): void;

	/** Steps of a lesson that are not 'todo'. putStep never changes 'passed' to something else. */
	steps(learner: string, course: string, lesson?: string): StepReport[];
	/** Returns what is now stored; 'checking' is not stored (it would outlive a killed server), and comes back unless the step is passed. */
	putStep(learner: string, course: string, report: StepReport): StepReport;
	/** The newest answer to a quiz: right or not. Forgotten with the steps of its lesson. */
	putQuiz(answer: { learner: string; course: string; lesson: string; quiz: string; correct: boolean }): void;
	/** Ids of the quizzes whose newest answer is right. */
	quizzes(learner: string, course: string, lesson: string): string[];
	/** It is no longer passed; its commands go on counting. */
	dropStep(learner: string, course: string, lesson: string, step: string): void;
	/** Forgets; `step` undefined: the whole lesson; `lesson` undefined: the whole course. */
	forgetSteps(learner: string, course: string, lesson?: string, step?: string): void;
	/** When the step was last forgotten, by itself or with its lesson or course; 0: never. Commands from before count for nothing in its check. */
	forgottenAt(learner: string, course: string, lesson: string, step: string): number;

	/** Keeps the newest 5,000 of a sandbox, at most 4 MiB of them, and what the newest 200 printed. Nothing happens when the sandbox has been removed. */
	addCommand(row: CommandRow): void;
	/** Oldest first, at most `limit` newest. */
	commands(sandbox: string, limit: number): CommandRow[];
	/** Offset of the last recorded command of a terminal; 0 when there is none. */
	lastOffset(sandbox: string, terminal: string): bigint;
	/** To be called when a new shell takes the place of an old one under the same key: its offsets start again from 0. */
	forgetOffset(sandbox: string, terminal: string): void;
	/** Lessons whose setup has run in this sandbox. */
	setupDone(sandbox: string, lesson: string): boolean;
	markSetup(sandbox: string, lesson: string, done: boolean): void;
	/** All of them. */
	setups(sandbox: string): string[];

	/** In place of the one before, if there was one. */
	putHome(row: HomeRow): void;
	home(learner: string, course: string): HomeRow | undefined;
	homes(): HomeRow[];
	/** The home is forgotten, with the learner's past commands of the course. */
	removeHome(learner: string, course: string): void;
	/** The sandbox has its learner's kept files: lessons whose setup is in them are done, and commands from before `saved` are its own. */
	resumeHome(sandbox: string, home: HomeRow): void;
	/** Every command of the learner in the course that is still known, in whatever sandbox, oldest first. */
	history(learner: string, course: string): Omit<CommandRow, 'offset' | 'sandbox'>[];

	/** The operator's word on a course's pool, in place of the one before; undefined takes it back. */
	putPoolOrder(course: string, order: PoolOrderRow | undefined): void;
	poolOrders(): Map<string, PoolOrderRow>;
	/** Why the learner's sandbox is not there; undefined: there is nothing to be said any more. */
	putReason(learner: string, course: string, reason: ReasonRow | undefined): void;
	reason(learner: string, course: string): ReasonRow | undefined;
	/** Forgets reasons from before that time. */
	forgetReasons(before: number): void;

	close(): void;
}
