/**
 * The size of a shell that several windows may show: the one in use gives it, the others show it as it is. The screen takes a size where it stands
 * in the output: what a shell has drawn for the size before, a long line that is being written for instance, would else wrap elsewhere than the
 * shell believes, and be on the screen twice when it draws it again.
 */
export interface Size {
	cols: number;
	rows: number;
}

export interface SizeParts {
	/** What would fit into the window; undefined while it is out of sight. */
	fits(): Size | undefined;
	/** Gives the screen this size. */
	draw(size: Size): void;
	/** Asks the server for it. */
	ask(size: Size): void;
	/** Another size may be given at present. */
	live(): boolean;
	/** The shell has ended: only the screen changes. */
	exited(): boolean;
	/** To `take` when it suits: the shell has got the size that was asked for, and the window may have another one by now. */
	again(): void;
}

const same = (a: Size, b: Size) => a.cols === b.cols && a.rows === b.rows;

export class SharedSize {
	readonly #parts: SizeParts;
	/** That of the shell, as the server said last. */
	#now: Size = { cols: 80, rows: 24 };
	/** What we have asked for and not yet been told of. One at a time: the shell draws anew for each. */
	#asked: Size | undefined;
	/** Another window has given the shell its size; ours is not imposed until this one is used. */
	foreign = false;

	constructor(parts: SizeParts) {
		this.#parts = parts;
	}

	/** A shell is about to be shown. @returns the size to show it in */
	begin(): Size {
		this.foreign = false;
		this.#asked = undefined;
		this.#now = this.#wished() ?? this.#now;
		return this.#now;
	}

	/** The shell has this size, whoever wanted it. */
	set(size: Size): void {
		this.#now = size;
		this.#parts.draw(size);
	}

	/** The shell has another size: because we asked, or because another window did. */
	told({ cols, rows }: Size): void {
		const size = { cols, rows };
		const ours = this.#asked !== undefined && same(this.#asked, size);
		this.foreign = this.#parts.live() && !ours && !same(size, this.#now);
		if (ours) this.#asked = undefined;
		this.set(size);
		if (ours) this.#parts.again();
	}

	/** What is to come is told anew from its beginning: an answer to what we have asked for may be lost with what was before. */
	begun(): void {
		this.#asked = undefined;
	}

	/** Gives the shell the size of this window, when that is another. The screen of a shell that has ended fits the window all the same. */
	take(): void {
		const wished = this.#wished();
		if (!this.#parts.live() || !wished || same(wished, this.#now)) return;
		this.foreign = false;
		if (this.#parts.exited()) return this.set(wished);
		if (this.#asked) return;
		this.#asked = wished;
		this.#parts.ask(wished);
	}

	#wished(): Size | undefined {
		const size = this.#parts.fits();
		if (!size || !Number.isFinite(size.cols) || !Number.isFinite(size.rows)) return undefined;
		return { cols: Math.min(1000, Math.max(2, size.cols)), rows: Math.min(1000, Math.max(1, size.rows)) };
	}
}
