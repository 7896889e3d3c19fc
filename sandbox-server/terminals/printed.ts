/** What one command printed: its beginning and its end, bounded, as a person reads it. */
import { plainText } from '../../src/shared/plain-text.ts';

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

function readable(text: string): string {
	return (
		plainText(text)
			.replace(/\r+\n/g, '\n')
			.replace(/[^\n]*\r(?!\n)/g, '')
			.replace(/\ufffd/g, '')
			// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
			.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '')
			.replace(/\n+$/, '')
	);
}
