/** What the sandboxes are made of: the parts come in from app.ts, tests put stand-ins in their place. */
import type { Course } from '../../src/shared/course.ts';
import type { ErrorCode } from '../../src/shared/errors.ts';
import type { Engine } from '../engines/engine.ts';
import type { Holder } from '../holder/holder.ts';
import type { LearnerRow, Store } from '../store/store.ts';
import type { EndedCommand } from '../terminals/marks.ts';
import type { LearnerValues } from '../values.ts';
import type { Clock } from './clock.ts';

export interface Log {
	info(detail: object, message: string): void;
	warn(detail: object, message: string): void;
	error(detail: object, message: string): void;
}

/** Something that listens on a socket until it is closed. */
export interface Listening {
	close(): Promise<void> | void;
}

/** Finds commands in a terminal's output by the shell's marks. */
export interface MarkReader {
	/** `endOffset`: offset just after the last of the bytes. */
	push(bytes: Uint8Array, endOffset: bigint): void;
}

export interface SandboxSettings {
	/** Absolute; sandboxes have their folders in `<data>/sandboxes`. */
	data: string;
	/** Host folder that is mounted at /opt/etabli. */
	guest: string;
	/** Marks this server's sandboxes in the engine: two servers on one engine leave each other's alone. */
	instance: string;
	/** Of all courses together, those ready ahead included. */
	maxSandboxes: number;
	/** The learner's home in the sandbox. */
	home: string;
	/** Reference of a course's image in the engine; another one when its inputs have changed. */
	image: (course: Course) => string;
	/** Environment of setup scripts besides the learner's own values: PATH, the image's settings for Apptainer, … */
	scriptEnv: Record<string, string>;
	/** argv of a shell; by default one that reads guest/bashrc. */
	shell?: string[];
	/** Each sandbox has a shell before its learner comes. Only shells that read guest/bashrc can wait. */
	shellsAhead: boolean;
	/** Learners' files go from one sandbox to the next: bytes of one archive at most, and days until those that nobody comes back to are removed. */
	homes?: { limit: number; days: number } | undefined;
}

/** Why a lesson could not be prepared, as its author wants to know it. */
export interface SetupFault {
	/** Name of the learner. */
	learner: string;
	course: string;
	lesson: string;
	/** How the script ended, and what it printed. */
	text: string;
}

export interface SandboxDeps {
	settings: SandboxSettings;
	courses: readonly Course[];
	store: Store;
	/** What lessons' parameters are for each learner. */
	values: LearnerValues;
	engine: Engine;
	clock: Clock;
	log: Log;
	/** For authors: a lesson could not be prepared, with the script's words. */
	onSetupFailed?: ((failed: SetupFault) => void) | undefined;
	/** Both listen on sockets that every user may connect to: the learner's is another than the server's, and the folder keeps others out. */
	listenHolder: (path: string, onHolder: (holder: Holder) => void) => Promise<Listening>;
	/** The registry's socket of one sandbox; undefined: this server has no registry. */
	listenRegistry: ((path: string, who: { learner: string; course: Course }) => Promise<Listening>) | undefined;
	markReader: (onCommand: (command: EndedCommand) => void, keepPrinted: () => boolean) => MarkReader;
}

/** Why a learner's sandbox is gone. */
export type EndCause = 'asked' | 'afresh' | 'idle' | 'lifetime' | 'lost';

/** What happens to sandboxes; `subscribe` of the manager. Learner and course say whose pages are concerned. */
export interface SandboxEvents {
	/** `report` gives something else than before. */
	changed(learner: LearnerRow, course: string): void;
	/** The sandbox has run into a limit, or something else that its learner should know. */
	notice(learner: LearnerRow, course: string, code: ErrorCode, values: Record<string, string>): void;
	/** What a notice of that code told is over. */
	eased(learner: LearnerRow, course: string, code: ErrorCode): void;
	/** The learner has the sandbox that they had asked for, after so many ms; `pool`: it was ready ahead. */
	given(learner: LearnerRow, course: string, how: { pool: boolean; ms: number }): void;
	/** One of their terminals has shown its first output, so many ms after they had asked for the sandbox. */
	prompted(learner: LearnerRow, course: string, how: { pool: boolean; ms: number }): void;
	/** Their sandbox is gone. */
	ended(learner: LearnerRow, course: string, cause: EndCause): void;
	/** The engine does not answer any more, or answers again. */
	engine(answers: boolean): void;
	/** They do not want it any more. */
	calledOff(learner: LearnerRow, course: string): void;
	/** What the learner had asked for was not possible. */
	failed(learner: LearnerRow, course: string, code: ErrorCode): void;
	/** A command in one of the lesson's terminals ended and has been recorded. */
	commandEnded(learner: LearnerRow, course: string, lesson: string): void;
}
