/**
 * Reads a shell's marks (OSC 133 and 633, written by guest/marks.bash) in a terminal's output and tells of each command that has ended.
 * A learner can print marks as well: what comes out here sets checks going and is a record, never a proof.
 */
import { SequenceParser, unescapedMark } from '../../../src/shared/control-sequences.ts';
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
	/** Told of each command as it starts. */
	onStart?: (command: string) => void;
}

/** What is kept of a forged one, in characters: the shell's own are no longer. */
const maxCommand = 4000;
const maxFolder = 1000;
/** Status, folder and command of a shell on another terminal; none of the three has a ";" in it. */
const innerCommand = /^633;Inner;(\d{1,3});([^;]*);([^;]*)$/;
const escape = 0x1b;

export class MarkReader {
	/** How many of the shell's marks have come by. */
	seen = 0;
	/** Offset at which the prompt begins where the shell stands; undefined while a command runs, which may be a shell that writes no marks. */
	prompt: bigint | undefined;
	readonly #onCommand: (command: EndedCommand) => void;
	readonly #now: () => number;
	readonly #parser = new SequenceParser({ decoded: false });
	#command: string | undefined;
	#folder = '';
	#started: number | undefined;
	readonly #keepPrinted: () => boolean;
	readonly #onStart: (command: string) => void;
	/** Of the command that runs. */
	#printed: Printed | undefined;

	constructor(
		onCommand: (command: EndedCommand) => void,
		{ now = () => performance.now(), keepPrinted = () => false, onStart = () => undefined }: MarkOptions = {},
	) {
		this.#onCommand = onCommand;
		this.#onStart = onStart;
		this.#now = now;
		this.#keepPrinted = keepPrinted;
	}

	/** @param endOffset offset in the terminal's output just after `bytes` */
	push(bytes: Uint8Array, endOffset: bigint): void {
		const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		/** Where text begins that the present command has not been given yet. */
		let unread = 0;
		for (let at = 0; at < data.length; at++) {
			if (this.#parser.inText) {
				at = data.indexOf(escape, at);
				if (at === -1) break;
			}
			const part = this.#parser.take(data[at] as number);
			if (part === 'text') continue;
			if (unread < at) this.#printed?.push(data.subarray(unread, at));
			unread = at + 1;
			if (part === 'end' && this.#parser.kind === 'osc') this.#osc(this.#parser.body, endOffset - BigInt(data.length - unread));
		}
		if (unread < data.length) this.#printed?.push(data.subarray(unread));
	}

	/** @param body bytes; those with control characters are no marks of ours, nor those that are too long */
	#osc(body: readonly number[] | undefined, offset: bigint): void {
		if (body?.every((byte) => byte >= 0x20)) this.#mark(Buffer.from(body).toString(), offset);
	}

	#mark(text: string, offset: bigint): void {
		if (/^(133|633);/.test(text)) this.seen++;
		const inner = innerCommand.exec(text);
		if (inner) {
			const [, exit, folder = '', command = ''] = inner;
			// It ran beside what this terminal is told of: in tmux, say, whose own command goes on.
			this.#onStart(unescapedMark(command).slice(0, maxCommand));
			this.#onCommand({
				command: unescapedMark(command).slice(0, maxCommand),
				exit: Number(exit),
				folder: unescapedMark(folder).slice(0, maxFolder),
				ms: 0,
				offset,
			});
		} else if (text.startsWith('633;E;')) this.#command = unescapedMark(text.slice(6)).slice(0, maxCommand);
		else if (text.startsWith('633;P;Cwd=')) this.#folder = unescapedMark(text.slice(10)).slice(0, maxFolder);
		else if (text === '133;C') {
			this.prompt = undefined;
			this.#started = this.#now();
			if (this.#command !== undefined) this.#onStart(this.#command);
			this.#printed = this.#keepPrinted() ? new Printed() : undefined;
		} else if (text === '133;A' || text.startsWith('133;A;')) this.prompt = offset;
		else if (text === '133;D' || text.startsWith('133;D;')) {
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
