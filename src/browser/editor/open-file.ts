/** One file as the editor has it: what the learner has written, what it began from, and what the sandbox has instead. No page, no server. */

/** A file in the sandbox as it was seen; `text` null: there was none. */
export interface Seen {
	text: string | null;
	mark: string;
}

/** An unsaved text, as it is kept in the browser. `mark` is that of the file from which it began. */
export interface Draft {
	path: string;
	text: string;
	mark: string;
}

/** What a look at the sandbox means for the text: nothing; it was taken over; both have changed; the file is gone and the text is not. */
export type News = 'same' | 'taken' | 'conflict' | 'gone';

export class OpenFile {
	readonly path: string;
	/** As the learner has it now. */
	text: string;
	#base: Seen;
	#theirs: Seen | undefined;

	/** @param seen the file as it was just looked at */
	constructor(path: string, seen: Seen, draft?: Draft) {
		this.path = path;
		this.#base = { text: seen.text, mark: seen.mark };
		this.text = seen.text ?? '';
		if (!draft) return;
		this.text = draft.text;
		if (draft.mark === seen.mark || draft.text === seen.text) return;
		// What it began from is known by its mark alone: it is unsaved whatever it says.
		this.#base = { text: null, mark: draft.mark };
		this.seen(seen);
	}

	/** Of the content that may be written over. */
	get mark(): string {
		return this.#base.mark;
	}

	/** The text stands nowhere but in this browser. A file that is not there yet is unsaved even while it is empty. */
	get unsaved(): boolean {
		return this.text !== this.#base.text;
	}

	/** What the sandbox has, when it has changed under an unsaved text. */
	get conflict(): Seen | undefined {
		return this.#theirs;
	}

	get draft(): Draft | undefined {
		return this.unsaved ? { path: this.path, text: this.text, mark: this.mark } : undefined;
	}

	/** The file as the sandbox has it now. An unsaved text is never given up by it. */
	seen({ text, mark }: Seen): News {
		this.#theirs = undefined;
		if (mark === this.#base.mark) return 'same';
		const untouched = !this.unsaved;
		if (text === null || text === this.text) {
			this.#base = { text, mark };
			return text === null ? 'gone' : 'same';
		}
		if (untouched) {
			this.takeOver({ text, mark });
			return 'taken';
		}
		this.#theirs = { text, mark };
		return 'conflict';
	}

	/** This has been written, whatever has been typed since. */
	saved(written: Seen): void {
		this.#base = { text: written.text, mark: written.mark };
		this.#theirs = undefined;
	}

	/** The learner prefers what the sandbox has. */
	takeOver({ text, mark }: Seen): void {
		this.text = text ?? '';
		this.saved({ text, mark });
	}

	/** The learner has seen the difference: the next saving may write over it. */
	prefer(): void {
		if (this.#theirs) this.#base = this.#theirs;
		this.#theirs = undefined;
	}
}
