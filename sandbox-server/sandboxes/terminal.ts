/** One shell of a sandbox: the server's own stream that looks for commands, its drivers, and one stream for all who look at it. */
import type { Agent, AgentRefused, ShellEnd, Stream } from '../agent/agent.ts';
import { FanOut, sourceCredit } from './fan-out.ts';
import type { OutputTimes } from './output-times.ts';
import { type Recording, record } from './recording.ts';
import type { MarkReader } from './sandbox-deps.ts';
import { type Driver, DriverView, type Size, unlessGone, View, type Viewed, type ViewerSink, type Watcher } from './viewers.ts';

/** Credit of the server's own stream, bytes: it consumes at once. */
const watchCredit = 256 * 1024;
/** What it has consumed is given back by pieces of so many bytes: not a message for each of a shell's small writes. */
const watchPiece = watchCredit / 4;

/** Of a command, this much is told to those who may run it in theirs, characters. */
const longestCommand = 1000;
/** Controls but line ends and tabs, signs that turn the direction of writing, and signs of no width: what is read is not what is run. */
const unseen = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/u;

/** A terminal as those have it who may look at it and nothing else. */
export interface Watchable {
	/** Columns and rows as they are now. */
	readonly size: Size;
	/** Shows it from the beginning of what the agent has kept. */
	watch(how: { credit: number; sink: ViewerSink }): Watcher;
}

/** … and, with its learner's leave, type there: without a size of their own, and without pacing anybody. */
export interface Lent extends Watchable {
	type(bytes: Uint8Array): void;
}

/** A terminal as a room is shown it, from the prompt on at which that began. */
export interface Shown extends Watchable {
	/** The terminal is no more, or `close` has been called. */
	readonly over: boolean;
	/** Ends it, for all who look. Idempotent. */
	close(): void;
}

export interface TerminalOptions {
	agent: Agent;
	term: number;
	/** Where the server's stream goes on: after the last recorded command. */
	watchFrom: 'start' | bigint;
	/** A new reader; another one when output was lost in between. */
	reader: () => MarkReader;
	/** Somebody types. */
	used: (bytes: Uint8Array) => void;
	/** There is output: a shell's first is its prompt. */
	prompted: () => void;
	/** The server cannot read along: commands are not noticed. */
	unwatched: (error: AgentRefused) => void;
	/** When output comes is noted there; undefined: nobody asks. */
	times?: OutputTimes | undefined;
}

export class Terminal implements Lent, Viewed {
	readonly term: number;
	readonly #agent: Agent;
	/** The one used last is at the end: it paces the shell and gives it its size. */
	readonly #drivers: DriverView[] = [];
	/** Of those who look. */
	readonly #sources = new Set<View>();
	#looked: FanOut | undefined;
	/** To rooms. */
	readonly #shown = new Set<FanOut>();
	readonly #watch: Stream;
	#reader: MarkReader;
	/** Consumed and not given back to the agent yet, bytes. */
	#consumed = 0;
	/** How far the server's own stream has got: no viewer needs to wait for more once the shell has ended. */
	#seen = 0n;
	#killed = false;
	readonly used: (bytes: Uint8Array) => void;
	/** When its output came; undefined: that is not noted. */
	readonly times: OutputTimes | undefined;

	constructor({ agent, term, watchFrom, reader, used, prompted, unwatched, times }: TerminalOptions) {
		this.term = term;
		this.times = times;
		this.used = used;
		this.#agent = agent;
		this.#reader = reader();
		this.#watch = agent.attach(
			{ term, from: watchFrom, credit: watchCredit, pacing: true },
			{
				output: (bytes, offset) => {
					const end = offset + BigInt(bytes.length);
					if (this.#seen === 0n) prompted();
					this.#seen = end;
					times?.came(end);
					this.#consumed += bytes.length;
					if (this.#consumed >= watchPiece) {
						this.#watch.credit(this.#consumed);
						this.#consumed = 0;
					}
					this.#reader.push(bytes, end);
				},
				gap: () => {
					this.#reader = reader();
				},
				preamble: () => undefined,
				resized: () => undefined,
				live: () => times?.live(),
				refused: unwatched,
			},
		);
	}

	/** The shell runs. */
	get alive(): boolean {
		return this.#agent.terminals.get(this.term)?.alive ?? false;
	}

	/** How the shell ended; undefined while it runs, or when that is not known. */
	get over(): ShellEnd | undefined {
		return this.#agent.terminals.get(this.term)?.end;
	}

	/** Nobody has it on a page, and nothing runs in the foreground of its shell, as far as that writes marks. */
	get idle(): boolean {
		const looked = this.#drivers.length > 0 || this.#sources.size > 0;
		return !looked && (!this.alive || this.#reader.prompt !== undefined);
	}

	/** How far the output goes that viewers are to be shown before they are told of the shell's end. */
	get end(): bigint {
		// A shell that was ended on purpose takes its ring with it: nothing more comes.
		return this.#killed ? 0n : this.#seen;
	}

	/** Columns and rows as they are now. */
	get size(): Size {
		const info = this.#agent.terminals.get(this.term);
		return { cols: info?.cols ?? 80, rows: info?.rows ?? 24 };
	}

	/** How many of the shell's marks have come by; starts anew when output was lost. */
	get marks(): number {
		return this.#reader.seen;
	}

	/** How far the output has been seen here. */
	get seen(): bigint {
		return this.#seen;
	}

	/** All that the agent has kept of it; undefined when the connection ends meanwhile, or `signal` aborts. */
	record(signal: AbortSignal): Promise<Recording | undefined> {
		return record(this.#agent, this.term, signal);
	}

	/** Somebody types: shows it from the beginning of what the agent has kept; their size becomes the terminal's. */
	drive({ size, credit, sink }: { size: Size; credit: number; sink: ViewerSink }): Driver {
		const left = () => this.#left(driver);
		const driver: DriverView = new DriverView({ terminal: this, agent: this.#agent, sink, left }, { size, use: () => this.#use(driver) });
		this.#drivers.push(driver);
		// The new size first: the replay then ends with it.
		this.#use(driver);
		driver.attach(credit);
		this.#tellEnded(driver);
		return driver;
	}

	type(bytes: Uint8Array): void {
		if (!this.alive) return;
		this.used(bytes);
		unlessGone(() => this.#agent.input(this.term, bytes));
	}

	watch(how: { credit: number; sink: ViewerSink }): Watcher {
		this.#looked ??= this.#fanOut('start', () => {
			this.#looked = undefined;
		});
		const looked = this.#looked;
		return looked.watch(how, () => looked.idle && looked.close());
	}

	/**
	 * Shows it to a room, until it is closed: from the prompt on at which the shell stands, or, while a command runs, from now on. It may be a shell
	 * without marks, with hours of work in it.
	 */
	show(): Shown {
		let over = false;
		const fanOut: FanOut = this.#fanOut(this.#reader.prompt ?? 'live', () => {
			over = true;
			this.#shown.delete(fanOut);
		});
		this.#shown.add(fanOut);
		const size = () => this.size;
		return {
			watch: (how) => fanOut.watch(how),
			get size() {
				return size();
			},
			get over() {
				return over;
			},
			close: () => fanOut.gone(),
		};
	}

	/** A command has been started, or something has been printed that says so: those that look other than they are are not passed on. */
	started(command: string): void {
		if (unseen.test(command)) return;
		const cut = command.length > longestCommand;
		for (const fanOut of this.#shown) fanOut.command({ command: command.slice(0, longestCommand), ...(cut && { cut }) });
	}

	/** A stream of the output for whoever looks. @param closed told when it is of no use any more */
	#fanOut(from: 'start' | 'live' | bigint, closed: () => void): FanOut {
		const fanOut = new FanOut(closed);
		const source: View = new View({ terminal: this, agent: this.#agent, sink: fanOut, left: () => this.#sources.delete(source) });
		fanOut.from(source);
		this.#sources.add(source);
		source.attach(sourceCredit, { from });
		this.#tellEnded(source);
		return fanOut;
	}

	#tellEnded(view: View): void {
		const ended = this.#agent.terminals.get(this.term)?.end;
		if (ended) view.ended(ended);
	}

	/** The driver is the one being used: it paces, and its size counts. */
	#use(driver: DriverView): void {
		if (this.#drivers.at(-1) !== driver) {
			this.#drivers.splice(this.#drivers.indexOf(driver), 1);
			this.#drivers.push(driver);
		}
		for (const other of this.#drivers) other.pace(other === driver);
		this.#fit(driver);
	}

	#left(driver: DriverView): void {
		this.#drivers.splice(this.#drivers.indexOf(driver), 1);
		const next = this.#drivers.at(-1);
		if (!next) return;
		next.pace(true);
		this.#fit(next);
	}

	#fit({ size }: DriverView): void {
		const now = this.size;
		if (this.alive && (now.cols !== size.cols || now.rows !== size.rows))
			unlessGone(() => this.#agent.resize(this.term, size.cols, size.rows));
	}

	/** The agent says that the shell ended. */
	ended(end: ShellEnd): void {
		for (const view of this.#views()) view.ended(end);
	}

	/** Ends the shell and its programs. */
	kill(): void {
		this.#killed = true;
		unlessGone(() => this.#agent.close(this.term));
	}

	/** Lets go of the streams; the shell lives on. */
	detach(): void {
		this.#watch.detach();
		for (const driver of [...this.#drivers]) driver.close();
		// Nobody told them to look at the shell that takes its place.
		for (const source of [...this.#sources]) {
			source.close();
			source.sink.gone();
		}
	}

	/** The connection to the agent is gone, and the streams with it. */
	gone(): void {
		for (const view of this.#views()) view.gone();
		this.#drivers.splice(0);
		this.#sources.clear();
	}

	#views(): View[] {
		return [...this.#drivers, ...this.#sources];
	}
}
