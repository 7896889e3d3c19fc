/** What the server may ask of a sandbox's agent (docs/protocol.md §1). Implemented over the agent's socket by connection.ts. */

export interface TerminalInfo {
	term: number;
	/** The server's own name for it, such as "first-container/1". */
	key: string;
	alive: boolean;
	/** How the shell ended; undefined while it lives. */
	end: ShellEnd | undefined;
	cols: number;
	rows: number;
	ringStart: bigint;
	ringEnd: bigint;
}

export interface ShellEnd {
	kind: 'exit' | 'signal';
	code: number;
}

/** What a stream's reader is told, in order. */
export interface StreamSink {
	/** The bytes are the sink's only until it returns: it copies what it keeps. */
	output(bytes: Uint8Array, offset: bigint): void;
	/** Modes of the ring's start; not part of the offsets, costs no credit. */
	preamble(bytes: Uint8Array): void;
	resized(cols: number, rows: number): void;
	/** The replay is over. */
	live(): void;
	/** Output was lost: reset the screen; a replay follows (resized, preamble, output). `live` is called when it has been sent. */
	gap(): void;
	/** The agent cannot have this stream, such as one too many: nothing comes, ever. */
	refused(error: AgentRefused): void;
}

export interface Stream {
	/** Lets `bytes` more be sent. */
	credit(bytes: number): void;
	pace(pacing: boolean): void;
	detach(): void;
}

export interface ShellRequest {
	/** The server's own name for the terminal. */
	key: string;
	cols: number;
	rows: number;
	cwd: string;
	/** Added to what the shell has. */
	env: Record<string, string>;
}

export interface ScriptRequest {
	/** For the log and the process list. */
	name: string;
	/** Text with a `#!` line. */
	script: string;
	cwd: string;
	/** The whole environment. */
	env: Record<string, string>;
	stdin?: Uint8Array;
	timeLimitMs: number;
	/** Of stdout and stderr together, bytes. The agent allows no more than 1 GiB. */
	outputLimit: number;
	/** What it leaves running goes on when it has ended with 0; otherwise everything of its process group ends with it. */
	stays?: boolean;
	/**
	 * Takes stdout as bytes, as they come, instead of `stdout` of the result; they are others as soon as it returns. A promise holds everything from this sandbox back until it has
	 * settled. What it throws, or rejects with, ends the script, and `run` rejects with it.
	 */
	onOutput?: (bytes: Uint8Array) => void | Promise<void>;
	/** Ends it: the result's outcome is 'cancelled'. */
	signal?: AbortSignal;
}

export interface ScriptResult {
	outcome: 'exited' | 'signal' | 'time-limit' | 'not-started' | 'output-limit' | 'cancelled';
	/** Exit code, signal number, or errno when it could not start. */
	code: number;
	ms: number;
	stdout: string;
	stderr: string;
}

export interface Vitals {
	memoryUsed: number;
	memoryLimit: number;
	oomKills: number;
	processes: number;
	processLimit: number;
	processLimitHits: number;
	mounts: { path: string; bytes: number; bytesFree: number; inodes: number; inodesFree: number }[];
}

export interface AgentEvents {
	exited(term: number, end: ShellEnd): void;
	vitals(vitals: Vitals): void;
	/** The connection is gone; every stream and run has ended. */
	gone(): void;
}

/** One connected agent. Every method throws AgentGone once the connection has ended. */
export interface Agent {
	/** Random per life of the agent: the same after a reconnection, another in a new sandbox. */
	readonly boot: bigint;
	/** As they are now, kept up to date by the connection. */
	readonly terminals: ReadonlyMap<number, TerminalInfo>;
	events: AgentEvents;
	/**
	 * Starts a shell; resolves with its terminal number when it runs. `waits`: it comes to its prompt when it is given (guest/bashrc).
	 * @throws AgentRefused (errno, text), AgentGone
	 */
	open(request: ShellRequest & { argv: string[]; waits?: boolean }): Promise<number>;
	/** A shell that waits gets its terminal's name and size, its folder, which is made, and what its environment lacks. */
	give(term: number, request: ShellRequest): void;
	/** `from`: 'start' (everything that the ring has), 'live', or an offset. `credit` in bytes. */
	attach(request: { term: number; from: 'start' | 'live' | bigint; credit: number; pacing: boolean }, sink: StreamSink): Stream;
	input(term: number, bytes: Uint8Array): void;
	resize(term: number, cols: number, rows: number): void;
	/** Ends the shell and frees its ring. */
	close(term: number): void;
	/** @throws AgentGone when the sandbox ends meanwhile */
	run(request: ScriptRequest): Promise<ScriptResult>;
	vitalsEvery(ms: number): void;
	shutdown(): void;
}

export class AgentGone extends Error {
	override readonly name = 'AgentGone';
}

export class AgentRefused extends Error {
	override readonly name = 'AgentRefused';
	readonly errno: number;
	constructor(errno: number, text: string) {
		super(text);
		this.errno = errno;
	}

	/** It has as many shells as it can have (EMFILE). */
	get full(): boolean {
		return this.errno === 24;
	}
}
