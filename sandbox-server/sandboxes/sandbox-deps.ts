/** What the sandboxes are made of: the parts come in from app.ts, tests put stand-ins in their place. */
import type { Course } from '../../src/shared/course/course.ts';
import type { Agent } from '../agent/agent.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { Transport } from '../runtimes/transport.ts';
import type { LabName, Owned, Store } from '../store/store.ts';
import type { LearnerValues } from './learner-values.ts';
import type { Lines } from './lines.ts';
import type { EndedCommand } from './shell-integration/marks.ts';

/** Something that listens on a socket until it is closed. */
export interface Listening {
	close(): Promise<void> | void;
}

/** Finds commands in a terminal's output by the shell's marks. */
export interface MarkReader {
	/** `endOffset`: offset just after the last of the bytes. */
	push(bytes: Uint8Array, endOffset: bigint): void;
	/** How many of the shell's marks have come by. */
	readonly seen: number;
	/** Offset at which the last prompt begins; undefined before the first. */
	readonly prompt: bigint | undefined;
}

export interface SandboxSettings {
	/** Folder of this server's data, absolute. */
	data: string;
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
	/** Learners' files go from one sandbox to the next: `HomesOptions` has the units. */
	homes?: { limit: number; days: number; total?: number; passing?: number; free?: () => number } | undefined;
}

/** Why a lesson could not be prepared, as its author wants to know it. */
export interface SetupFault extends LabName {
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
	/** People who are to come about now, by the course's slug: a sandbox is made ahead for each. Left out: nobody knows of any. */
	expected?: ((course: string) => number) | undefined;
	runtime: Runtime;
	clock: Clock;
	log: Log;
	/** For authors: a lesson could not be prepared, with the script's words. */
	onSetupFailed?: ((failed: SetupFault) => void) | undefined;
	/** Told of each agent that comes by this way. */
	listenAgent: (transport: Transport, onAgent: (agent: Agent) => void) => Promise<Listening>;
	/** Makes connections into the sandbox possible; left out: there are none. */
	listenLines?: ((transport: Transport) => Promise<Lines>) | undefined;
	/** The registry as one sandbox has it; undefined: this server has no registry. */
	listenRegistry: ((transport: Transport, whose: Owned) => Promise<Listening>) | undefined;
	markReader: (onCommand: (command: EndedCommand) => void, keepPrinted: () => boolean, onStart: (command: string) => void) => MarkReader;
}
