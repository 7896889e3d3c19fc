/**
 * Hands output to xterm.js, one piece at a time, and says when it has been parsed. xterm.js goes on by timers, which browsers slow down to one
 * a second in a page that is not in sight: there a piece is parsed where it arrives, so that nobody's program waits for a page to be looked at.
 */
import type { Terminal } from '@xterm/xterm';

type Screen = Pick<Terminal, 'write' | 'input' | 'options' | 'buffer'>;

interface Piece {
	data: Uint8Array | string;
	done: () => void;
	/** A prompt begins here: on a line of its own. */
	prompt?: boolean;
}

/** When output stands back for what else there is to do in the page. */
export interface Manners {
	stepBack(): boolean;
	/** Calls it when the next frame has been drawn. */
	afterFrame(goOn: () => void): void;
}

/** Then so much is parsed for each frame, bytes: some milliseconds of it, on a slow machine too. */
const frameBytes = 16 * 1024;

/** ESC ] 133;A: a new prompt begins. */
const promptMark = new TextEncoder().encode('\x1b]133;A');

export class OutputWriter {
	readonly #term: Screen;
	readonly #hidden: () => boolean;
	readonly #manners: Manners | undefined;
	/** Bytes since it last stood back. */
	#sinceFrame = 0;
	#pieces: Piece[] = [];
	/** What came last and may be the beginning of a mark: it waits for the rest. Nothing of it is seen on a screen. */
	#held: Uint8Array = new Uint8Array();
	#busy = false;
	#ended = false;

	/** @param hidden the page is not in sight @param manners left out: it never stands back */
	constructor(term: Screen, hidden: () => boolean, manners?: Manners) {
		this.#term = term;
		this.#hidden = hidden;
		this.#manners = manners;
	}

	/**
	 * A prompt behind output that has no final newline begins on the next line, as the mark's definition asks for (FinalTerm's fresh-line): bash
	 * takes its line to be empty, and clears it when the window's size changes.
	 * @param done called once it is parsed, in order
	 */
	write(data: Uint8Array | string, done: () => void = () => undefined): void {
		const pieces = typeof data === 'string' ? [data] : beforePrompts(this.#withHeld(data));
		for (const [at, piece] of pieces.entries())
			this.#pieces.push({ data: piece, done: at === pieces.length - 1 ? done : () => undefined, prompt: at > 0 });
		this.#go();
	}

	/** What comes from now on has nothing to do with what was before. @param done called in order: when that has been parsed */
	begin(done: () => void): void {
		this.#held = new Uint8Array();
		this.write('', done);
	}

	/** The screen goes: what has not been parsed is not, and nothing more is said of it. xterm.js goes on with what it was given even then. */
	end(): void {
		this.#ended = true;
		this.#pieces = [];
	}

	/** What was held and came now, without what is to be held. */
	#withHeld(data: Uint8Array): Uint8Array {
		const bytes = this.#held.length === 0 ? data : joined(this.#held, data);
		const end = bytes.length - begunMark(bytes);
		this.#held = bytes.slice(end);
		return bytes.subarray(0, end);
	}

	#go(): void {
		while (!this.#busy && !this.#ended) {
			const piece = this.#next();
			if (!piece) return;
			this.#busy = true;
			if (this.#hidden()) this.#parseAtOnce();
			if (piece.prompt && this.#term.buffer.active.cursorX > 0) this.#term.write('\r\n');
			this.#term.write(piece.data, () => {
				if (this.#ended) return;
				this.#busy = false;
				this.#sinceFrame += piece.data.length;
				piece.done();
				// It has written something more, with which this goes on.
				if (this.#busy) return;
				if (this.#standsBack() && this.#sinceFrame >= frameBytes) return this.#waitForFrame();
				// In sight: within xterm.js's own turn, as it would go on by itself. Out of sight: after it, or the next would wait for a timer.
				if (this.#hidden()) queueMicrotask(() => this.#go());
				else this.#go();
			});
		}
	}

	/** All that came at once, or, when it stands back, the beginning of it. xterm.js minds no cut, in the middle of a letter or a sequence either. */
	#next(): Piece | undefined {
		const piece = this.#pieces.shift();
		if (!piece || typeof piece.data === 'string' || piece.data.length <= frameBytes || !this.#standsBack()) return piece;
		this.#pieces.unshift({ data: piece.data.subarray(frameBytes), done: piece.done });
		return { ...piece, data: piece.data.subarray(0, frameBytes), done: () => undefined };
	}

	#standsBack(): boolean {
		return !this.#hidden() && (this.#manners?.stepBack() ?? false);
	}

	#waitForFrame(): void {
		this.#sinceFrame = 0;
		this.#busy = true;
		this.#manners?.afterFrame(() => {
			this.#busy = false;
			this.#go();
		});
	}

	/** xterm.js parses at once what follows the learner's input: here it is told of one, of no characters. */
	#parseAtOnce(): void {
		const { options } = this.#term;
		const { scrollOnUserInput } = options;
		options.scrollOnUserInput = false;
		this.#term.input('', true);
		if (scrollOnUserInput !== undefined) options.scrollOnUserInput = scrollOnUserInput;
	}
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
	const all = new Uint8Array(first.length + second.length);
	all.set(first);
	all.set(second, first.length);
	return all;
}

/** @returns how many bytes at the end are the beginning of a mark that goes on elsewhere */
function begunMark(bytes: Uint8Array): number {
	const at = bytes.lastIndexOf(0x1b);
	if (at < 0 || bytes.length - at >= promptMark.length) return 0;
	const begun = bytes.subarray(at);
	return begun.every((byte, n) => byte === promptMark[n]) ? begun.length : 0;
}

/** Output cut before each mark of a new prompt; the first piece may be empty. */
function beforePrompts(bytes: Uint8Array): Uint8Array[] {
	const pieces: Uint8Array[] = [];
	let from = 0;
	for (let at = bytes.indexOf(0x1b); at >= 0; at = bytes.indexOf(0x1b, at + 1)) {
		if (!promptMark.every((byte, n) => bytes[at + n] === byte)) continue;
		pieces.push(bytes.subarray(from, at));
		from = at;
	}
	return [...pieces, bytes.subarray(from)];
}
