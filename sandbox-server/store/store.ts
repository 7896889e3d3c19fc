/** What the server remembers. Implemented over SQLite by sqlite-store.ts; synchronous, since SQLite is. Times are ms since 1970. */

import type { Course } from '../../src/shared/course/course.ts';
import type { Text } from '../../src/shared/language.ts';
import type { StepReport } from '../../src/shared/protocol/api.ts';
import type { Certificates } from './certificates.ts';
import type { ErasingRows } from './erasing.ts';
import type { LtiRows } from './lti.ts';
import type { OwnWork } from './own-work.ts';
import type { LearnerRow, People } from './people.ts';
import type { CardRows } from './room-cards.ts';
import type { HandRows } from './room-hands.ts';
import type { LookEvents } from './room-looks.ts';
import type { PaceRows } from './room-pace.ts';
import type { RoomWork } from './room-work.ts';
import type { Rooms } from './rooms.ts';

export type { LearnerRow } from './people.ts';

/** Who, and in which course: a lab is such a pair, and a sandbox once it has been given. */
export interface Owned {
	readonly owner: LearnerRow;
	readonly course: Course;
}

/** By which rows of a learner's lab are found: the learner's id, the course's slug. */
export interface LabKey {
	readonly learner: string;
	readonly course: string;
}

/** The key of somebody's lab in the store: it holds the learner's secret id. */
export const keyOf = ({ owner, course }: Owned): LabKey => ({ learner: owner.id, course: course.slug });

/** How people and logs name a learner's lab: the learner's public name, the course's slug. */
export interface LabName {
	readonly learner: string;
	readonly course: string;
}

/** The name of somebody's lab, for logs and people. */
export const nameOf = ({ owner, course }: Owned): LabName => ({ learner: owner.name, course: course.slug });

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
	/** Learners, sessions, accounts, roles. */
	readonly people: People;
	/** How long learners have worked, and how often they tried. */
	readonly ownWork: OwnWork;
	/** Of finished courses. */
	readonly certificates: Certificates;
	readonly lti: LtiRows;
	/** All that is known of one person. */
	readonly erasing: ErasingRows;
	/** Rooms, who is in them, links. */
	readonly rooms: Rooms;
	/** What rooms know of their people's work. */
	readonly roomWork: RoomWork;
	/** Who asks for help in rooms. */
	readonly hands: HandRows;
	/** Who looked at whose terminal. */
	readonly looks: LookEvents;
	/** How trainers lead their rooms through their time. */
	readonly paces: PaceRows;
	/** Minute cards, and their answers without anybody. */
	readonly cards: CardRows;
	/** All that `work` does is stored, or nothing. Not within another. */
	transaction<T>(work: () => T): T;
	learner(id: string): LearnerRow | undefined;

	/** Adds or changes. @throws Error when it would take a sandbox from its learner, or give a learner a second one of the course */
	putSandbox(row: SandboxRow): void;
	sandboxes(): SandboxRow[];
	/**
	 * Atomically gives a ready, unclaimed sandbox of the course to the learner.
	 * Undefined when there is none. One learner has at most one sandbox per course (those 'stopping' apart): whoever holds one already
	 * is given that one again, whatever its state.
	 */
	claim(lab: LabKey, now: number): SandboxRow | undefined;
	/** Its commands go on as past commands of its learner. */
	removeSandbox(name: string): void;

	/** Steps of a lesson that are not 'todo'. putStep never changes 'passed' to something else. */
	steps(lab: LabKey, lesson?: string): StepReport[];
	/** Returns what is now stored; 'checking' is not stored (it would outlive a killed server), and comes back unless the step is passed. */
	putStep(lab: LabKey, report: StepReport): StepReport;
	/** The newest answer to a quiz: right or not. Forgotten with the steps of its lesson. */
	putQuiz(lab: LabKey, answer: { lesson: string; quiz: string; correct: boolean }): void;
	/** Ids of the quizzes whose newest answer is right. */
	quizzes(lab: LabKey, lesson: string): string[];
	/** It is no longer passed; its commands go on counting. */
	dropStep(lab: LabKey, lesson: string, step: string): void;
	/** Forgets; `step` undefined: the whole lesson, with its quizzes, tries and time; `lesson` undefined: the whole course. */
	forgetSteps(lab: LabKey, lesson?: string, step?: string): void;
	/** When the step was last forgotten, by itself or with its lesson or course; 0: never. Commands from before count for nothing in its check. */
	forgottenAt(lab: LabKey, lesson: string, step: string): number;

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
	home(lab: LabKey): HomeRow | undefined;
	homes(): HomeRow[];
	/** The home is forgotten, with the learner's past commands of the course. */
	removeHome(lab: LabKey): void;
	/** The sandbox has its learner's kept files: lessons whose setup is in them are done, and commands from before `saved` are its own. */
	resumeHome(sandbox: string, home: HomeRow): void;
	/** Every command of the learner in the course that is still known, in whatever sandbox, oldest first. */
	history(lab: LabKey): Omit<CommandRow, 'offset' | 'sandbox'>[];
	/** The newest of those, as it was typed. */
	lastCommand(lab: LabKey): string | undefined;

	/** The operator's word on a course's pool, in place of the one before; undefined takes it back. */
	putPoolOrder(course: string, order: PoolOrderRow | undefined): void;
	poolOrders(): Map<string, PoolOrderRow>;
	/** Why the learner's sandbox is not there; undefined: there is nothing to be said any more. */
	putReason(lab: LabKey, reason: ReasonRow | undefined): void;
	reason(lab: LabKey): ReasonRow | undefined;
	/** Forgets reasons from before that time. */
	forgetReasons(before: number): void;

	close(): void;
}
