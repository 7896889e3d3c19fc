/**
 * An agent without a sandbox, in the server's own process: a terminal that prints `replay` bytes and a prompt, then gives back what is
 * typed. So that hundreds of learners can be measured on a machine that has no room for their sandboxes.
 */
import { createHash } from 'node:crypto';
import type { Agent, AgentEvents, ScriptResult, ShellRequest, Stream, StreamSink, TerminalInfo } from '../../agent/agent.ts';

const pieceBytes = 32 * 1024;
/** Typed alone, it has the terminal print 1 MB/s, by pieces as a shell's, until `endFlood`. */
export const beginFlood = '\x06';
export const endFlood = '\x03';
const floodMs = 8;
/** A build’s log, again and again after a quarter of a megabyte: of such text an archive is a fifth. */
const floodText = Buffer.from(
	Array.from({ length: 4000 }, (_, line) => {
		const random = createHash('sha256').update(String(line)).digest('hex');
		return `[${String((line / 40) | 0).padStart(3)}%] Building C object src/modules/part_${line % 97}.c.o  ${random.slice(0, 12)}  ${line % 613} ms\r\n`;
	}).join(''),
);
const floodBytes = 1000;
const prompt = Buffer.from('\x1b]133;D;0\x07\x1b]133;A\x07$ \x1b]133;B\x07');

/** What every terminal has printed before: one for all of them, since a ring lives in a sandbox and not in the server. */
export function makeReplay(bytes: number): Uint8Array {
	const line = Buffer.from('\x1b[32mThe quick brown fox\x1b[0m jumps over the lazy dog, 0123456789, again and again.\r\n');
	return Buffer.concat([Buffer.alloc(Math.max(0, bytes - prompt.length), line), prompt]);
}

export class EchoAgent implements Agent {
	readonly boot = BigInt(Math.floor(Math.random() * 1e15));
	readonly terminals = new Map<number, TerminalInfo>();
	events: AgentEvents = { exited: () => undefined, vitals: () => undefined, gone: () => undefined };
	readonly #replay: Uint8Array;
	readonly #code: number;
	readonly #streams = new Map<EchoStream, number>();
	/** Pieces that have been printed. */
	#flooded = 0;
	readonly #floods = new Map<number, ReturnType<typeof setInterval>>();

	/** @param code with which every script ends, a check with 10 for "not yet" */
	constructor(replay: Uint8Array, code = 0) {
		this.#replay = replay;
		this.#code = code;
	}

	async open({ key, cols, rows }: Parameters<Agent['open']>[0]): Promise<number> {
		const term = this.terminals.size + 1;
		const end = BigInt(this.#replay.length);
		this.terminals.set(term, { term, key, alive: true, end: undefined, cols, rows, ringStart: 0n, ringEnd: end });
		return term;
	}

	give(term: number, { key, cols, rows }: ShellRequest): void {
		Object.assign(this.terminals.get(term) ?? {}, { key, cols, rows });
	}

	attach({ term, credit }: Parameters<Agent['attach']>[0], sink: StreamSink): Stream {
		const info = this.terminals.get(term);
		const start = (info?.ringEnd ?? 0n) - BigInt(this.#replay.length);
		const stream: EchoStream = new EchoStream({ sink, credit, start, replay: this.#replay, left: () => this.#streams.delete(stream) });
		this.#streams.set(stream, term);
		setImmediate(() => stream.flush());
		return stream;
	}

	input(term: number, bytes: Uint8Array): void {
		const text = bytes.length === 1 ? Buffer.from(bytes).toString() : '';
		if (text === endFlood || text === beginFlood) clearInterval(this.#floods.get(term));
		if (text === beginFlood)
			this.#floods.set(
				term,
				setInterval(() => this.#flood(term), floodMs),
			);
		if (text !== endFlood && text !== beginFlood) this.#print(term, bytes);
	}

	#flood(term: number): void {
		for (let count = 0; count < floodMs; count++) {
			const at = (this.#flooded++ * floodBytes) % (floodText.length - floodBytes);
			this.#print(term, floodText.subarray(at, at + floodBytes));
		}
	}

	#print(term: number, bytes: Uint8Array): void {
		const info = this.terminals.get(term);
		if (!info) return;
		info.ringEnd += BigInt(bytes.length);
		for (const [stream, of] of this.#streams) if (of === term) stream.push(bytes);
	}

	resize(term: number, cols: number, rows: number): void {
		const info = this.terminals.get(term);
		if (info) Object.assign(info, { cols, rows });
	}

	close(term: number): void {
		this.terminals.delete(term);
	}

	async run(): Promise<ScriptResult> {
		return { outcome: 'exited', code: this.#code, ms: 0, stdout: this.#code === 0 ? '' : 'not yet\n', stderr: '' };
	}

	vitalsEvery(): void {}

	shutdown(): void {
		for (const timer of this.#floods.values()) clearInterval(timer);
		this.events.gone();
	}
}

interface EchoStreamOptions {
	sink: StreamSink;
	credit: number;
	start: bigint;
	replay: Uint8Array;
	left: () => void;
}

class EchoStream implements Stream {
	readonly #options: EchoStreamOptions;
	readonly #waiting: Uint8Array[];
	#credit: number;
	#at: bigint;
	#live = false;
	#flushing = false;

	constructor(options: EchoStreamOptions) {
		this.#options = options;
		this.#credit = options.credit;
		this.#at = options.start;
		this.#waiting = [options.replay];
	}

	push(bytes: Uint8Array): void {
		this.#waiting.push(bytes);
		this.flush();
	}

	flush(): void {
		if (this.#flushing) return; // A sink that gives credit while it is told something: the loop below goes on with it.
		this.#flushing = true;
		for (let next = this.#waiting[0]; next && this.#credit > 0; next = this.#waiting[0]) {
			const piece = next.subarray(0, Math.min(this.#credit, pieceBytes));
			if (piece.length === next.length) this.#waiting.shift();
			else this.#waiting[0] = next.subarray(piece.length);
			this.#credit -= piece.length;
			const offset = this.#at;
			this.#at += BigInt(piece.length);
			this.#options.sink.output(piece, offset);
			if (!this.#live && this.#waiting.length === 0) {
				this.#live = true;
				this.#options.sink.live();
			}
		}
		this.#flushing = false;
	}

	credit(bytes: number): void {
		this.#credit += bytes;
		this.flush();
	}

	pace(): void {}

	detach(): void {
		this.#options.left();
	}
}
