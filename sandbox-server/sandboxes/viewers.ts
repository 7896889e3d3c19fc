/** Who shows a terminal: drivers type in it, give it its size and have a stream of their own from the agent; watchers look, and share one (fan-out.ts). */
import { type Agent, AgentGone, type ShellEnd, type Stream, type StreamSink } from '../agent/agent.ts';

/** What a viewer is told. */
export interface ViewerSink extends StreamSink {
	/** @param packed the same bytes as a packed frame has them (protocol §2), made once for all who look; undefined where that is of no use */
	output(bytes: Uint8Array, offset: bigint, packed?: () => Uint8Array | undefined): void;
	/** The shell ended, and all of its output has been delivered. */
	exited(end: ShellEnd): void;
	/** The terminal is no more, or the connection to the sandbox has ended; nothing follows. */
	gone(): void;
	/** A command has been started there: told of terminals that are shown to a room. */
	command?(started: StartedCommand): void;
}

/** As it is told to those who may run it in theirs. */
export interface StartedCommand {
	command: string;
	/** It is longer: this is its beginning. */
	cut?: true;
}

export interface Size {
	cols: number;
	rows: number;
}

/**
 * Somebody looks. There is no way to write, to give a size or to end the shell from here, nor does a watcher that reads slowly hold the shell
 * or anybody else back: what it has not taken when the agent needs the room is lost to it, and it is shown what is left from there on.
 */
export interface Watcher {
	/** So many bytes more may come. */
	credit(bytes: number): void;
	/** Stops viewing. Idempotent. */
	close(): void;
}

/** Somebody types. Of several, the one used last paces the shell and gives it its size. */
export interface Driver extends Watcher {
	input(bytes: Uint8Array): void;
	resize(size: Size): void;
	/** Ends the shell and its programs. */
	kill(): void;
}

/** What views need of their terminal. */
export interface Viewed {
	readonly term: number;
	/** The shell runs. */
	readonly alive: boolean;
	/** How far the output goes that viewers are to be shown before they are told of the shell's end. */
	readonly end: bigint;
	/** Somebody types. */
	used(bytes: Uint8Array): void;
	kill(): void;
}

export interface ViewOptions {
	terminal: Viewed;
	agent: Agent;
	sink: ViewerSink;
	/** It has been closed. */
	left: () => void;
}

/** One stream of a terminal from the agent. */
export class View implements Watcher {
	protected readonly options: ViewOptions;
	protected stream: Stream | undefined;
	protected closed = false;
	#at = 0n;
	#end: ShellEnd | undefined;

	constructor(options: ViewOptions) {
		this.options = options;
	}

	get sink(): ViewerSink {
		return this.options.sink;
	}

	/** Begins with what the agent has kept, or later. */
	attach(credit: number, { pacing = false, from = 'start' }: { pacing?: boolean; from?: 'start' | 'live' | bigint } = {}): void {
		const { terminal, agent, sink } = this.options;
		this.stream = agent.attach(
			{ term: terminal.term, from, credit, pacing },
			{
				output: (bytes, offset) => {
					this.#at = offset + BigInt(bytes.length);
					sink.output(bytes, offset);
					this.#tellEnd();
				},
				preamble: (bytes) => sink.preamble(bytes),
				resized: (cols, rows) => sink.resized(cols, rows),
				live: () => sink.live(),
				gap: () => sink.gap(),
				// It is no viewer any more: its size and its pace do not count.
				refused: (error) => {
					this.close();
					sink.refused(error);
				},
			},
		);
	}

	credit(bytes: number): void {
		if (!this.closed) this.stream?.credit(bytes);
	}

	/** The shell has ended: told once all of its output has been delivered. */
	ended(end: ShellEnd): void {
		this.#end = end;
		this.#tellEnd();
	}

	#tellEnd(): void {
		if (!this.#end || this.closed || this.#at < this.options.terminal.end) return;
		const end = this.#end;
		this.#end = undefined;
		this.options.sink.exited(end);
	}

	close(): void {
		if (this.closed) return;
		this.closed = true;
		this.stream?.detach();
		this.options.left();
	}

	gone(): void {
		if (this.closed) return;
		this.closed = true;
		this.options.sink.gone();
	}
}

/** A view that types as well. */
export class DriverView extends View implements Driver {
	size: Size;
	readonly #use: () => void;
	#pacing = false;

	/** @param use called before it does something: it is the one that counts now */
	constructor(options: ViewOptions, { size, use }: { size: Size; use: () => void }) {
		super(options);
		this.size = size;
		this.#use = use;
	}

	override attach(credit: number): void {
		super.attach(credit, { pacing: this.#pacing });
	}

	pace(pacing: boolean): void {
		if (this.#pacing === pacing || this.closed) return;
		this.#pacing = pacing;
		this.stream?.pace(pacing);
	}

	input(bytes: Uint8Array): void {
		const { terminal, agent } = this.options;
		if (this.closed || !terminal.alive) return;
		this.#use();
		terminal.used(bytes);
		unlessGone(() => agent.input(terminal.term, bytes));
	}

	resize(size: Size): void {
		if (this.closed) return;
		this.size = size;
		this.#use();
	}

	kill(): void {
		if (!this.closed) this.options.terminal.kill();
	}
}

/** Tells an agent something that needs no answer. When its connection has just ended that does not matter: `gone` is about to be called. */
export function unlessGone(call: () => void): void {
	try {
		call();
	} catch (error) {
		if (!(error instanceof AgentGone)) throw error;
	}
}
