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

/** How output shares the page's thread with what else there is to do and to draw. */
export interface Manners {
	/** Somebody does something else in the page: a little is parsed for each frame. */
	stepBack(): boolean;
	/** Calls it when the next frame has been drawn. */
	afterFrame(goOn: () => void): void;
	/** xterm.js may be told of an input of no characters, which ends a selection. */
	atOnce(): boolean;
}

/** Then so much is parsed for each frame, bytes: some milliseconds of it, on a slow machine too. */
const frameBytes = 16 * 1024;
/** So much since the last frame is a flood, bytes. */
const floodBytes = 32 * 1024;
/**
 * A flood is parsed for so long before a frame is drawn, ms: twice as long as the last frame took, within these bounds. A frame costs as much for a line as
 * for a thousand: a tenth of a second where no GPU helps. Left to xterm.js, which parses for 12 ms between two, nearly all of the time would go into frames.
 */
const turnMs = { least: 24, most: 150 };
/**
 * Ahead of the next turn what has come meanwhile is taken in, as long as more of it comes: up to so much, bytes, and for twice as long as a frame takes, at
 * most so long, ms. Browsers hand over little at a time, between frames; as long as nothing is parsed there are none.
 */
const gather = { bytes: 2 * 2 ** 20, ms: 250 };
/** How fast it parses is taken from as much, bytes; older output counts less and less. An echo or a prompt costs more than its bytes, and is not counted. */
const rateBytes = 512 * 1024;
const countedBytes = 4096;
/** After Ctrl+C, what was on its way is parsed without frames between, for at most so long, ms. */
const hurryMs = 500;

/** ESC ] 133;A: a new prompt begins. */
const promptMark = new TextEncoder().encode('\x1b]133;A');

export class OutputWriter {
	readonly #term: Screen;
	readonly #hidden: () => boolean;
	readonly #manners: Manners | undefined;
	/** Bytes since it last stood back. */
	#sinceFrame = 0;
	/** Time that it took to parse them, ms. */
	#spent = 0;
	/** What was parsed at once, and the ms that it took. */
	readonly #parsed = { bytes: 0, ms: 0 };
	/** That the last frame of a flood took, ms. */
	#frame = 0;
	/** A flood has had its turn, and a frame is drawn: this goes on without. */
	#rests: (() => void) | undefined;
	#hurriesUntil = 0;
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
		// No frame is drawn any more.
		if (this.#rests && this.#hidden()) this.#rests();
		this.#go();
	}

	/** Bytes that are parsed in a millisecond, frames left out; undefined: not known yet. */
	get rate(): number | undefined {
		const { bytes, ms } = this.#parsed;
		return bytes < floodBytes ? undefined : Math.max(1, Math.round(bytes / Math.max(1, ms)));
	}

	/** What waits, and what is on its way, is to be over soon: somebody has pressed Ctrl+C. */
	hurry(): void {
		this.#hurriesUntil = performance.now() + hurryMs;
		this.#rests?.();
	}

	/** What comes from now on has nothing to do with what was before. @param done called in order: when that has been parsed */
	begin(done: () => void): void {
		this.#held = new Uint8Array();
		this.write('', done);
	}

	/** The screen goes: what has not been parsed is not, and nothing more is said of it. xterm.js goes on with what it was given even then. */
	end(): void {
		this.#ended = true;
		this.#rests = undefined;
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
			this.#parse(piece);
		}
	}

	#parse(piece: Piece): void {
		this.#busy = true;
		const atOnce = this.#hidden() || (this.#manners?.atOnce() ?? false);
		const begun = performance.now();
		if (piece.prompt && this.#term.buffer.active.cursorX > 0) {
			if (atOnce) this.#parseAtOnce();
			this.#term.write('\r\n');
		}
		if (atOnce) this.#parseAtOnce();
		let within = atOnce;
		this.#term.write(piece.data, () => {
			if (this.#ended) return;
			this.#busy = false;
			this.#sinceFrame += piece.data.length;
			const ms = performance.now() - begun;
			this.#spent += ms;
			if (within && piece.data.length >= countedBytes) this.#count(piece.data.length, ms);
			piece.done();
			// It has written something more, with which this goes on.
			if (this.#busy) return;
			if (this.#standsBack() && this.#sinceFrame >= frameBytes) return this.#waitForFrame();
			if (atOnce && this.#turnIsOver()) return this.#rest();
			// Parsed at once: whoever called goes on. Otherwise within xterm.js's own turn, as it would go on by itself.
			if (!within) this.#go();
		});
		within = false;
	}

	#count(bytes: number, ms: number): void {
		const parsed = this.#parsed;
		parsed.bytes += bytes;
		parsed.ms += ms;
		if (parsed.bytes < rateBytes) return;
		parsed.bytes /= 2;
		parsed.ms /= 2;
	}

	#turnIsOver(): boolean {
		if (!this.#manners || this.#hidden() || this.#sinceFrame < floodBytes || performance.now() < this.#hurriesUntil) return false;
		return this.#pieces.length === 0 || this.#spent >= Math.min(turnMs.most, Math.max(turnMs.least, 2 * this.#frame));
	}

	/** A frame, and then what has come by then. */
	#rest(): void {
		this.#busy = true;
		this.#sinceFrame = 0;
		this.#spent = 0;
		const goOn = () => {
			if (this.#rests !== goOn) return;
			this.#rests = undefined;
			this.#busy = false;
			this.#go();
		};
		this.#rests = goOn;
		const begun = performance.now();
		this.#manners?.afterFrame(() => {
			const drawn = performance.now();
			this.#frame = drawn - begun;
			this.#gather(goOn, drawn, -1);
		});
	}

	#gather(goOn: () => void, since: number, before: number): void {
		if (this.#rests !== goOn) return;
		const waiting = this.#pieces.reduce((sum, { data }) => sum + data.length, 0);
		if (waiting === before || waiting >= gather.bytes || performance.now() - since >= Math.min(gather.ms, 2 * this.#frame)) goOn();
		else setTimeout(() => this.#gather(goOn, since, waiting));
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
		this.#spent = 0;
		this.#busy = true;
		this.#manners?.afterFrame(() => {
			this.#busy = false;
			this.#go();
		});
	}

	/** xterm.js parses at once what follows the learner's input: here it is told of one, of no characters. */
	#parseAtOnce(): void {
		const { options, buffer } = this.#term;
		const { scrollOnUserInput } = options;
		// Whoever reads further up goes on reading. Only then: with each option that is set, the renderer begins anew.
		const readsAbove = buffer.active.viewportY !== buffer.active.baseY;
		if (readsAbove) options.scrollOnUserInput = false;
		this.#term.input('', true);
		if (readsAbove && scrollOnUserInput !== undefined) options.scrollOnUserInput = scrollOnUserInput;
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
