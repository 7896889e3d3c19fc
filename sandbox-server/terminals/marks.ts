/**
 * Reads a shell's marks (OSC 133 and 633, written by guest/bashrc) in a terminal's output and tells of each command that has ended.
 * A learner can print marks as well: what comes out here sets checks going and is a record, never a proof.
 */
import { Printed } from './printed.ts';

export interface EndedCommand {
	command: string;
	/** undefined when the shell did not say. */
	exit: number | undefined;
	/** Where it was started. */
	folder: string;
	/** From its start mark to its end mark as they came by: 0 in a replay. */
	ms: number;
	/** Offset in the output just after the end mark. */
	offset: bigint;
	/** Beginning and end of what it printed, when that is kept. */
	printed?: string;
}

export interface MarkOptions {
	/** A clock in ms. */
	now?: () => number;
	/** Asked as each command starts: is what it prints to be kept? */
	keepPrinted?: () => boolean;
}

/** A mark longer than this is not one of ours: commands are cut at 4000 characters, escapes make them at most four times as long. */
const maxMark = 20_000;
/** What is kept of a forged one, in characters: the shell's own are no longer. */
const maxCommand = 4000;
const maxFolder = 1000;
const escape = 0x1b;
const bell = 0x07;

export class MarkReader {
	readonly #onCommand: (command: EndedCommand) => void;
	readonly #now: () => number;
	/** The beginning of a mark whose end has not come by yet. */
	#rest: Buffer = Buffer.alloc(0);
	#command: string | undefined;
	#folder = '';
	#started: number | undefined;
	readonly #keepPrinted: () => boolean;
	/** Of the command that runs. */
	#printed: Printed | undefined;

	constructor(onCommand: (command: EndedCommand) => void, { now = () => performance.now(), keepPrinted = () => false }: MarkOptions = {}) {
		this.#onCommand = onCommand;
		this.#now = now;
		this.#keepPrinted = keepPrinted;
	}

	/** @param endOffset offset in the terminal's output just after `bytes` */
	push(bytes: Uint8Array, endOffset: bigint): void {
		const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
		this.#rest = Buffer.alloc(0);
		/** Where output begins that the present command has not been given yet. */
		let unread = 0;
		let at = data.indexOf(escape);
		while (at !== -1) {
			if (at + 1 >= data.length) {
				this.#printed?.push(data.subarray(unread, at));
				return this.#keep(data.subarray(at));
			}
			if (data[at + 1] !== 0x5d) {
				at = data.indexOf(escape, at + 1);
				continue;
			}
			const end = markEnd(data, at + 2);
			if (end === undefined) {
				this.#printed?.push(data.subarray(unread, at));
				return this.#keep(data.subarray(at));
			}
			this.#printed?.push(data.subarray(unread, at));
			unread = end.next;
			if (end.closed) this.#mark(data.toString('utf8', at + 2, end.at), endOffset - BigInt(data.length - end.next));
			at = data.indexOf(escape, end.next);
		}
		this.#printed?.push(data.subarray(unread));
	}

	#keep(rest: Buffer): void {
		// A copy: the chunk belongs to the caller. Too long is no mark of ours, and must not be collected without bound.
		if (rest.length <= maxMark) this.#rest = Buffer.from(rest);
	}

	#mark(text: string, offset: bigint): void {
		if (text.startsWith('633;E;')) this.#command = unescape(text.slice(6)).slice(0, maxCommand);
		else if (text.startsWith('633;P;Cwd=')) this.#folder = unescape(text.slice(10)).slice(0, maxFolder);
		else if (text === '133;C') {
			this.#started = this.#now();
			this.#printed = this.#keepPrinted() ? new Printed() : undefined;
		} else if (text === '133;D' || text.startsWith('133;D;')) {
			if (this.#command !== undefined && this.#started !== undefined) {
				const status = /^133;D;(\d{1,3})$/.exec(text)?.[1];
				const ms = Math.max(0, Math.round(this.#now() - this.#started));
				this.#onCommand({
					command: this.#command,
					exit: status === undefined ? undefined : Number(status),
					folder: this.#folder,
					ms,
					offset,
					...(this.#printed && { printed: this.#printed.text() }),
				});
			}
			this.#printed = undefined;
			this.#command = undefined;
			this.#started = undefined;
		}
	}
}

/**
 * Where the string of an OSC ends: at BEL, at ESC \ (closed), or at an ESC or another control character that breaks it off (not closed).
 * Undefined: not yet.
 */
function markEnd(data: Buffer, from: number): { at: number; next: number; closed: boolean } | undefined {
	const limit = Math.min(data.length, from + maxMark);
	for (let i = from; i < limit; i++) {
		const byte = data[i] as number;
		if (byte === bell) return { at: i, next: i + 1, closed: true };
		if (byte === escape) {
			if (i + 1 >= data.length) return undefined;
			const closed = data[i + 1] === 0x5c;
			return { at: i, next: closed ? i + 2 : i, closed };
		}
		if (byte < 0x20) return { at: i, next: i + 1, closed: false };
	}
	return limit < data.length ? { at: limit, next: limit, closed: false } : undefined;
}

const unescape = (text: string) =>
	text.replace(/\\(\\|x[0-9a-f]{2})/g, (_, code: string) =>
		code === '\\' ? '\\' : String.fromCharCode(Number.parseInt(code.slice(1), 16)),
	);
