/** What the HTTP app needs, as interfaces: tests drive it with stand-ins, app.ts puts the real parts in. */
import type { Readable } from 'node:stream';
import type { FastifyBaseLogger } from 'fastify';
import type { WebSocket } from 'ws';
import type { FileReport, SandboxReport, StepReport } from '../../src/shared/api.ts';
import type { Course } from '../../src/shared/course.ts';
import type { Language } from '../../src/shared/language.ts';
import type { LearnerRow, Store } from '../store/store.ts';
import type { LearnerValues } from '../values.ts';

/** The learners' sandboxes. `course` and `lesson` are slugs of things that exist: the caller has looked. */
export interface Benches {
	/** How the learner's sandbox of the course stands; never throws, never starts anything. */
	report(learner: LearnerRow, course: string, language: Language): SandboxReport;
	/** The sandbox lasts longer. @throws PublicError no-sandbox, sandbox-busy, no-extension */
	extend(learner: LearnerRow, course: string): void;
	/** Files and commands of the course as one .tar.gz. @throws PublicError sandbox-busy, home-not-kept */
	takeHome(learner: LearnerRow, course: string, language: Language): Promise<Readable>;
	/** Idempotent: claims one from the pool, starts one, or queues; `report` tells which. @throws PublicError queue-full */
	start(learner: LearnerRow, course: string, from?: string): void;
	/** Puts the sandbox away, its files kept for the next one; done when there is none. @throws PublicError engine-away */
	end(learner: LearnerRow, course: string): Promise<void>;
	/** A fresh sandbox in place of the present one, and of the files kept; progress stays. @throws PublicError engine-away */
	reset(learner: LearnerRow, course: string): Promise<void>;
	/** Ends the lesson's terminals, empties its folder and runs its setup again. @throws PublicError no-sandbox, sandbox-busy */
	resetLesson(learner: LearnerRow, course: string, lesson: string): Promise<void>;
}

/**
 * self, neighbour: what the check says at this moment, also of a step that was passed before, and nothing is kept; by the learner's own
 * values of the lesson's parameters, or by values of somebody else.
 */
export type CheckNow = false | 'self' | 'neighbour';

/** How steps stand. `step` is the id of a step that exists. */
export interface Steps {
	/** Runs the step's check now. @throws PublicError no-sandbox, sandbox-busy; a check that breaks is a report with state 'error' */
	check(learner: LearnerRow, course: string, lesson: string, step: string, language: Language, now?: CheckNow): Promise<StepReport>;
	/** Takes the step's work away in the sandbox and forgets its verdict. @throws PublicError no-sandbox, sandbox-busy */
	reset(learner: LearnerRow, course: string, lesson: string, step: string): Promise<StepReport>;
	/** A step to read has been read. @throws PublicError bad-request when the step has a check */
	done(learner: LearnerRow, course: string, lesson: string, step: string): StepReport;
	/** Judges an answer to a quiz of the lesson, keeps it, and judges the steps that ask for it. @throws PublicError not-found */
	answer(
		learner: LearnerRow,
		answer: { course: string; lesson: string; quiz: string; choices: readonly number[]; language: Language },
	): boolean;
	/** Every step of the lesson, in order, 'todo' included; of every lesson of the course when `lesson` is undefined. */
	reports(learner: LearnerRow, course: string, lesson: string | undefined, language: Language): StepReport[];
	/** Forgets verdicts of the lesson, or of the whole course, and tells open pages. */
	forget(learner: LearnerRow, course: string, lesson: string | undefined): void;
}

/** Texts in the lesson's working folder. @throws PublicError no-sandbox, sandbox-busy, too-many, and those that begin with "file-" */
export interface Files {
	look(learner: LearnerRow, course: string, lesson: string, path: string, language: Language): Promise<FileReport>;
	/** Puts a text in place, or with `null` takes the file away, if what is there is what `mark` stands for. */
	write(learner: LearnerRow, course: string, lesson: string, file: FileReport, language: Language): Promise<FileReport>;
}

/** Whose page a WebSocket belongs to: all of it from the ticket, none of it from the browser's say-so. */
export interface Visitor {
	learner: LearnerRow;
	course: string;
	lesson: string;
	language: Language;
	/** Where the learner comes from, as the queue knows addresses. */
	from?: string;
}

export interface LiveConnections {
	/** Takes over an upgraded, authorised socket. The caller has put maxPayload on it and counts connections per learner. */
	accept(socket: WebSocket, visitor: Visitor): void;
	/** Ends every connection with 1001 (the server goes away). Idempotent. */
	close(): Promise<void>;
}

/** Where the server is reached. */
export interface Addresses {
	/** Origin of --public-url, "https://etabli.example.org"; undefined without one: then the Host header of a known host counts. */
	publicOrigin: string | undefined;
	/** What it listens on. */
	host: string;
	/** Proxies whose word on the visitor's address counts: addresses or networks. Left out: nobody's, since whoever sends that header may have made it up. */
	proxies?: readonly string[];
}

export interface AppDeps {
	addresses: Addresses;
	/** Key of the cookies' signature, at least 32 bytes. */
	secret: Buffer;
	/** Folder of the built site; undefined: only the interfaces are served. */
	site: string | undefined;
	version: string;
	/** An engine is configured: `GET /api/session` says so. */
	live: boolean;
	courses: readonly Course[];
	store: Store;
	values: Pick<LearnerValues, 'of'>;
	benches: Benches;
	steps: Steps;
	files: Files;
	connections: LiveConnections;
	/** undefined: no log at all (tests). */
	logger: FastifyBaseLogger | undefined;
	/** Told of the code of every refusal. */
	onRefusal?: ((code: string) => void) | undefined;
	/** ms since 1970; tests move it. */
	now: () => number;
	/** What learners are asked for before they get anything but the lessons to read; undefined: nothing. */
	accessCode?: string | undefined;
	/** Requests a minute and address. Default 600, of which 60 start something. */
	requestsPerMinute?: number;
}
