/** The newest output of a terminal, with what happened between its bytes, in one piece of memory. Positions count from its beginning and never go back. */
import type { ShellEnd } from '../agent/agent.ts';
import type { Size } from './viewers.ts';

/** Something between two bytes. */
export type RingEvent = { at: number } & ({ size: Size } | { preamble: Uint8Array } | { exited: ShellEnd });

const lineFeed = 0x0a;
const escape = 0x1b;
/** A line or a sequence is mostly over after so many bytes. */
const mostSought = 4096;

/** What is let go, in order. */
export type Evicted = { bytes: Uint8Array } | RingEvent;

export class OutputRing {
	readonly #memory: Buffer;
	/** More events than this are not kept. */
	readonly #mostEvents: number;
	#events: RingEvent[] = [];
	/** Number of the first event. */
	firstEvent = 0;
	/** Positions of the first byte that is there, and after the last. */
	start = 0;
	end = 0;

	/** @param size bytes */
	constructor(size: number, mostEvents = 256) {
		this.#memory = Buffer.allocUnsafeSlow(size);
		this.#mostEvents = mostEvents;
	}

	get size(): number {
		return this.#memory.length;
	}

	/** The event of that number; undefined after the last. */
	event(number: number): RingEvent | undefined {
		return this.#events[number - this.firstEvent];
	}

	/** As many bytes as lie in one piece of memory, from a position that is there up to another; they are the ring's. */
	read(from: number, until: number): Uint8Array {
		const at = from % this.size;
		return this.#memory.subarray(at, Math.min(this.size, at + until - from));
	}

	/** @param bytes no more than the ring's size, after `makeRoom` */
	push(bytes: Uint8Array): void {
		const at = this.end % this.size;
		const first = bytes.subarray(0, this.size - at);
		this.#memory.set(first, at);
		this.#memory.set(bytes.subarray(first.length), 0);
		this.end += bytes.length;
	}

	/** Something happens now. @returns what gives way to it, oldest first */
	note(event: { size: Size } | { preamble: Uint8Array } | { exited: ShellEnd }): Evicted[] {
		this.#events.push({ at: this.end, ...event });
		return this.#events.length > this.#mostEvents ? this.#dropUntil(this.#events[0]?.at ?? this.start) : [];
	}

	/** Makes room for so many bytes more. @returns copies of what is not there any more, oldest first */
	makeRoom(bytes: number): Evicted[] {
		const over = this.end - this.start + bytes - this.size;
		// Not a piece of work for each small output.
		return over > 0 ? this.#dropUntil(this.#between(Math.min(this.end, this.start + Math.max(over, this.size / 8)))) : [];
	}

	/** Nothing of it is there any more. */
	clear(): void {
		this.start = this.end;
		this.firstEvent += this.#events.length;
		this.#events = [];
	}

	/** The next position where no sequence and no letter is cut in two: after a line's end, or before an escape. */
	#between(position: number): number {
		let before: number | undefined;
		for (let at = position; at < Math.min(this.end, position + mostSought); at++) {
			const byte = this.#memory[at % this.size];
			if (byte === lineFeed) return at + 1;
			if (byte === escape) before ??= at;
		}
		return before ?? position;
	}

	#dropUntil(position: number): Evicted[] {
		const evicted: Evicted[] = [];
		const drop = (until: number) => {
			while (this.start < until) {
				const bytes = Uint8Array.from(this.read(this.start, until));
				evicted.push({ bytes });
				this.start += bytes.length;
			}
		};
		for (let next = this.#events[0]; next && next.at <= position; next = this.#events[0]) {
			drop(next.at);
			evicted.push(next);
			this.#events.shift();
			this.firstEvent++;
		}
		drop(position);
		return evicted;
	}
}
