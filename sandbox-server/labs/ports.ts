/** What the transport asks of the labs, as interfaces. `lesson` is the slug of a lesson that exists: the caller has looked. */
import type { Readable } from 'node:stream';
import type { Language } from '../../src/shared/language.ts';
import type { SandboxReport } from '../../src/shared/protocol/api.ts';
import type { ClusterView } from '../../src/shared/protocol/cluster-view.ts';
import type { Person } from '../auth/principal.ts';
import type { Lines } from '../sandboxes/lines.ts';
import type { TerminalRequest } from '../sandboxes/sandbox.ts';
import type { Lent, Shown, Terminal, Watchable } from '../sandboxes/terminal.ts';
import type { LearnerRow, Owned } from '../store/store.ts';
import type { LabEvents } from './events.ts';
import type { Lab } from './lab.ts';
import type { LabState } from './lab-state.ts';

/** What single requests ask. */
export interface Labs {
	/** The learner's lab of the course, to be passed along; nothing is started. */
	of(whose: Owned): Lab;
	/** How the learner's sandbox of the course stands; never throws, never starts anything. */
	report(lab: Lab, language: Language): SandboxReport;
	/** The sandbox lasts longer. @throws Refusal no-sandbox, sandbox-busy, no-extension */
	extend(lab: Lab): void;
	/** Files and commands of the course as one .tar.gz. @throws Refusal sandbox-busy, home-not-kept */
	takeHome(lab: Lab, language: Language): Promise<Readable>;
	/** Idempotent: claims one from the pool, starts one, or queues; `report` tells which. @throws Refusal queue-full */
	start(lab: Lab, from?: string): void;
	/**
	 * Puts the sandbox away, its files kept for the next one; done when there is none.
	 * @param ask not when something of them cannot be kept @throws Refusal engine-away, files-unkept
	 */
	end(lab: Lab, ask?: boolean): Promise<void>;
	/** A fresh sandbox in place of the present one, and of the files kept; progress stays. @throws Refusal engine-away, queue-full */
	reset(lab: Lab, from?: string): Promise<void>;
	/** Ends the lesson's terminals, empties its folder and runs its setup again. @throws Refusal no-sandbox, sandbox-busy */
	resetLesson(lab: Lab, lesson: string): Promise<void>;
	/** Connections to ports of the lab's sandbox. @throws Refusal no-sandbox, sandbox-busy */
	lines(lab: Lab): Lines;
}

/** What open pages ask of the labs. */
export interface LiveLabs {
	report(lab: Lab, language: Language): SandboxReport;
	/** @throws Refusal queue-full */
	start(lab: Lab, from?: string): void;
	/** A page is open until the returned function is called. */
	enter(lab: Lab, from?: string): () => void;
	/** @throws Refusal no-sandbox, sandbox-busy, terminal-failed, terminals-full */
	terminal(lab: Lab, request: { lesson: string } & Omit<TerminalRequest, 'lesson'>): Promise<{ terminal: Terminal; fresh: boolean }>;
	/** A terminal to look at; nothing is started, kept alive or changed by it. @throws Refusal no-sandbox, sandbox-busy, no-terminal */
	peekTerminal(lab: Lab, request: { lesson: string; number: string }): Watchable;
	/** The same, for somebody who may type there with the learner's leave. @throws as `peekTerminal` */
	lendTerminal(lab: Lab, request: { lesson: string; number: string }): Lent;
	/** The same, for a room to look at, until it is closed. @throws as `peekTerminal` */
	showTerminal(lab: Lab, request: { lesson: string; number: string }): Shown;
	/** How the learner's cluster was last seen; undefined: there is none, or that is not known. */
	cluster(lab: Lab): ClusterView | undefined;
	/** The learner has done something just now: typed, read on, asked for something. */
	active(lab: Lab): void;
	subscribe(listener: Partial<LabEvents>): () => void;
}

/** What a trainer sees of a lab. */
export interface Glance {
	state: LabState;
	/** Open pages. */
	pages: number;
}

/** What rooms ask of the labs. */
export interface GlancedLabs {
	glance(whose: Owned): Glance;
}

/** What erasing a person asks of the labs. */
export interface ErasedLabs {
	/** They have a sandbox, wait for one, or have a page of a lesson open. */
	isUsed(owner: LearnerRow): boolean;
	/** Ends all sandboxes that they have or wait for; nothing of them is kept. @throws Refusal engine-away */
	clear(owner: LearnerRow): Promise<void>;
	/** Nothing is known of their labs any more. */
	forget(owner: LearnerRow): void;
}

/** Whose page a WebSocket belongs to: all of it from the ticket, none of it from the browser's say-so. */
export interface Visitor {
	principal: Person;
	/** The principal's own. */
	lab: Lab;
	/** Slug. */
	lesson: string;
	language: Language;
	/** Where the learner comes from, as the queue knows addresses. */
	from?: string;
}
