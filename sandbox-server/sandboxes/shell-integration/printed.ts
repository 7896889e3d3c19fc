/** What one command printed: its beginning and its end, bounded, as a person reads it. */
import { plainText } from '../../../src/shared/control-sequences.ts';

/** Bytes kept of each end of a command's output. */
export const printedEnd = 4096;
/** Between the two when there was more. */
export const leftOut = '[…]';

/** Does a check look at what commands printed? By the helper's name: keeping all output of all lessons would be for nothing. */
export const readsPrinted = (check: string | undefined): boolean => check !== undefined && /\bprinted\b/.test(check);

export class Printed {
	readonly #head = Buffer.alloc(printedEnd);
	#headLength = 0;
	/** Ring: the newest bytes after the head. */
	#tail: Buffer | undefined;
	/** Bytes that have come after the head, in all. */
	#after = 0;

	push(bytes: Buffer): void {
		const taken = bytes.copy(this.#head, this.#headLength, 0, printedEnd - this.#headLength);
		this.#headLength += taken;
		// Of a flood only its end is looked at: a copy of 4 KiB for each chunk, however large.
		const rest = bytes.subarray(taken);
		if (rest.length === 0) return;
		this.#tail ??= Buffer.alloc(printedEnd);
		const last = rest.subarray(-printedEnd);
		const at = (this.#after + rest.length - last.length) % printedEnd;
		const fits = last.copy(this.#tail, at);
		last.copy(this.#tail, 0, fits);
		this.#after += rest.length;
	}

	/** Lines without escape sequences; of a line that was written over (a progress bar), what stood there in the end. */
	text(): string {
		const head = this.#head.subarray(0, this.#headLength);
		if (!this.#tail || this.#after <= printedEnd) {
			return readable(Buffer.concat([head, this.#tail?.subarray(0, this.#after) ?? Buffer.alloc(0)]).toString());
		}
		const at = this.#after % printedEnd;
		const tail = Buffer.concat([this.#tail.subarray(at), this.#tail.subarray(0, at)]);
		return [readable(head.toString()), leftOut, readable(tail.toString())].join('\n');
	}
}

/** As it looks in the end. Each letter is looked at a few times, and not more. */
function readable(text: string): string {
	const lines = plainText(text).replaceAll('\ufffd', '').split('\n');
	const shown = lines.map((line, index) => lineShown(index < lines.length - 1 ? withoutReturns(line) : line));
	return shown.slice(0, shown.findLastIndex((line) => line !== '') + 1).join('\n');
}

/** A line that is ended: terminals put a carriage return before the line feed, some programs a second one. */
function withoutReturns(line: string): string {
	let end = line.length;
	while (line[end - 1] === '\r') end--;
	return line.slice(0, end);
}

/** What stands in a line: a carriage return begins it anew, a backspace goes back by one letter. */
function lineShown(line: string): string {
	const cells: string[] = [];
	let cursor = 0;
	for (const letter of line.slice(line.lastIndexOf('\r') + 1)) {
		if (letter === '\b') cursor = Math.max(0, cursor - 1);
		else if (letter === '\t' || (letter >= ' ' && letter !== '\x7f')) cells[cursor++] = letter;
	}
	return cells.join('');
}
