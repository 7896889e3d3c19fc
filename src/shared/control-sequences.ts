/**
 * Tells the control sequences in a terminal's output from its text, one unit at a time: ECMA-48 as xterm.js reads it. Work grows with the
 * output and no faster; of a sequence that never ends only its beginning is kept.
 */

/** escape: ESC and one character, or ESC ( B; csi: ESC [ … m; osc: ESC ] … BEL; string: DCS, SOS, PM, APC. */
export type SequenceKind = 'escape' | 'csi' | 'osc' | 'string';

/** text: to be shown, line ends and other plain controls included; inside: of a sequence; end: its last unit, see `kind` and `body`. */
export type Part = 'text' | 'inside' | 'end';

/** Units of a sequence that are kept: our shell's longest mark is shorter. */
const maxBody = 20_000;

const bell = 0x07;
const cancel = 0x18;
const substitute = 0x1a;
const escape = 0x1b;
/** What begins by one unit in text that is decoded, and by ESC and another one everywhere. */
const c1: Record<number, SequenceKind> = { 144: 'string', 152: 'string', 155: 'csi', 157: 'osc', 158: 'string', 159: 'string' };
const stringEnd = 0x9c;

export class SequenceParser {
	readonly #decoded: boolean;
	#state: 'text' | 'escape' | 'sequence' | 'ending' = 'text';
	#kind: SequenceKind = 'escape';
	#units: number[] = [];
	#length = 0;

	/** @param decoded the units are those of a text; false: bytes, of which those from 0x80 on are parts of letters */
	constructor({ decoded }: { decoded: boolean }) {
		this.#decoded = decoded;
	}

	/** No sequence has been begun. */
	get inText(): boolean {
		return this.#state === 'text';
	}

	/** Of the sequence that is being read, or has just ended. */
	get kind(): SequenceKind {
		return this.#kind;
	}

	/** What stands in it after its beginning ("[", "]" …), without the sign that ends a string; undefined when it was too long. */
	get body(): readonly number[] | undefined {
		return this.#length > maxBody ? undefined : this.#units;
	}

	take(unit: number): Part {
		if (this.#state === 'text') {
			if (unit === escape) return this.#begin('escape', 'escape');
			if (!this.#decoded || unit < 0x80 || unit > 0x9f) return 'text';
			const kind = c1[unit];
			return kind ? this.#begin(kind, 'sequence') : 'inside';
		}
		if (unit === cancel || unit === substitute) {
			this.#state = 'text';
			return 'inside';
		}
		if (this.#state === 'ending') {
			// Anything but ESC \ breaks the string off, and the ESC begins another sequence.
			if (unit === 0x5c) return this.#end();
			this.#begin('escape', 'escape');
		}
		if (this.#state === 'escape') return this.#afterEscape(unit);
		if (this.#kind === 'csi' || this.#kind === 'escape') return this.#inSequence(unit);
		if (unit === escape) {
			this.#state = 'ending';
			return 'inside';
		}
		if ((unit === bell && this.#kind === 'osc') || (this.#decoded && unit === stringEnd)) return this.#end();
		return this.#keep(unit);
	}

	#begin(kind: SequenceKind, state: 'escape' | 'sequence'): Part {
		this.#kind = kind;
		this.#state = state;
		this.#units = [];
		this.#length = 0;
		return 'inside';
	}

	#end(): Part {
		this.#state = 'text';
		return 'end';
	}

	#keep(unit: number): Part {
		if (++this.#length <= maxBody) this.#units.push(unit);
		return 'inside';
	}

	#afterEscape(unit: number): Part {
		if (unit === escape) return 'inside';
		if (unit < 0x20) return 'text';
		const kind = c1[unit + 0x40];
		if (kind) return this.#begin(kind, 'sequence');
		this.#state = 'sequence';
		return this.#inSequence(unit);
	}

	/** Of ESC [ … m and ESC ( B: plain controls between their signs are done as if they stood before. */
	#inSequence(unit: number): Part {
		if (unit === escape) return this.#begin('escape', 'escape');
		if (unit < 0x20) return 'text';
		if (unit >= 0x7f) {
			if (unit === 0x7f) return 'inside';
			this.#state = 'text';
			return 'text';
		}
		this.#keep(unit);
		const last = this.#kind === 'csi' ? unit >= 0x40 : unit >= 0x30;
		return last ? this.#end() : 'inside';
	}
}

/** What stands in a shell's mark (guest/marks.bash) → the text that it stands for: "\\" is a backslash, "\x0a" the character of that number. */
export function unescapedMark(text: string): string {
	return text.replace(/\\(\\|x[0-9a-f]{2})/g, (_, code: string) =>
		code === '\\' ? '\\' : String.fromCharCode(Number.parseInt(code.slice(1), 16)),
	);
}

/** A terminal's output without its control sequences, closed or not. */
export function plainText(output: string): string {
	const parser = new SequenceParser({ decoded: true });
	let plain = '';
	let from = 0;
	for (let at = 0; at < output.length; at++) {
		if (parser.take(output.charCodeAt(at)) === 'text') continue;
		plain += output.slice(from, at);
		from = at + 1;
	}
	return plain + output.slice(from);
}
