/** Sends the commands of a run block one after the other, each once the shell is back at its prompt. */

/** The shell as the queue sees it. */
export interface QueueShell {
	readonly atPrompt: boolean;
	type(command: string): void;
}

export class RunQueue {
	readonly #shell: QueueShell;
	readonly #changed: () => void;
	#waiting: string[] = [];

	/** @param changed called when what is waiting has changed */
	constructor(shell: QueueShell, changed: () => void = () => {}) {
		this.#shell = shell;
		this.#changed = changed;
	}

	/** How many commands wait for the one before them. */
	get left(): number {
		return this.#waiting.length;
	}

	/** Adds commands; the first is typed at once when nothing waits and the shell is at its prompt. */
	add(commands: readonly string[]): void {
		this.#waiting.push(...commands);
		if (this.#shell.atPrompt) this.typeNext();
		else this.#changed();
	}

	/** Call when the shell has printed its prompt. */
	prompted(): void {
		if (this.#waiting.length > 0) this.typeNext();
	}

	/** Types the next one, whatever the shell does: for programs that read commands themselves. */
	typeNext(): void {
		const next = this.#waiting.shift();
		if (next !== undefined) this.#shell.type(next);
		this.#changed();
	}

	cancel(): void {
		this.#waiting = [];
		this.#changed();
	}
}
