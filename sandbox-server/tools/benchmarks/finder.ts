/** Finds byte sequences in a stream that comes in pieces, at as little cost as can be: whoever measures looks for them in floods. */

export class Finder {
	#rest = Buffer.alloc(0);
	readonly #what: Buffer;

	constructor(what: Buffer) {
		this.#what = what;
	}

	/** @returns how often it ends within this piece */
	push(bytes: Uint8Array): number {
		const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
		const all = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : piece;
		let found = 0;
		let at = all.indexOf(this.#what);
		let end = 0;
		while (at >= 0) {
			found++;
			end = at + this.#what.length;
			at = all.indexOf(this.#what, end);
		}
		this.#rest = Buffer.from(all.subarray(Math.max(end, all.length - this.#what.length + 1)));
		return found;
	}
}

/** Written by guest/bashrc: D when a command has ended, and before the first prompt; B where typing begins. */
const mark = Buffer.from('\x1b]133;');
const bell = 0x07;
/** Of what follows `mark` in "D;255", with the bell, bytes. */
const longest = 6;

/** Counts a shell's prompts, each once after a command: it draws it again when the window changes its size. */
export class PromptCounter {
	#rest = Buffer.alloc(0);
	#commandEnded = false;

	/** @returns how many prompts end within this piece */
	push(bytes: Uint8Array): number {
		const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
		const all = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : piece;
		let found = 0;
		let keepFrom = Math.max(0, all.length - mark.length + 1);
		for (let at = all.indexOf(mark); at >= 0; at = all.indexOf(mark, at + mark.length)) {
			const begin = at + mark.length;
			const end = all.subarray(begin, begin + longest).indexOf(bell);
			if (end < 0 && all.length < begin + longest) keepFrom = Math.min(keepFrom, at);
			if (end < 0) continue;
			const kind = all[begin];
			if (kind === 0x44) this.#commandEnded = true;
			else if (kind === 0x42 && this.#commandEnded) {
				this.#commandEnded = false;
				found++;
			}
			keepFrom = Math.max(keepFrom, begin + end + 1);
		}
		this.#rest = Buffer.from(all.subarray(keepFrom));
		return found;
	}
}
