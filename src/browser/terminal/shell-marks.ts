/** What a shell's marks (OSC 133) say: is it at its prompt, does it wait for the rest of a command, or does a program run? */
export class ShellMarks {
	/** At the end of the prompt, waiting for a command. */
	atPrompt = false;
	/** A command is unfinished (a quotation mark, `do`, a here-document): Enter has led to a second prompt. */
	unfinished = false;
	/** A mark has been seen: the shell is one that tells. */
	known = false;
	/** It has the key that clears its line. One from before an upgrade of the server has not. */
	clears = false;
	/** A prompt is about to be drawn that was not there before. */
	#fresh = false;

	/**
	 * @param data what stands after "133;"
	 * @returns 'prompt' when the shell has just become ready for a command, 'start' when a command starts, 'rest' when one is unfinished
	 */
	take(data: string): 'prompt' | 'start' | 'rest' | undefined {
		this.known = true;
		switch (data[0]) {
			case 'B': {
				this.atPrompt = true;
				this.unfinished = false;
				// Drawn again, as after a change of the window's size, it is no new prompt.
				const fresh = this.#fresh;
				this.#fresh = false;
				return fresh ? 'prompt' : undefined;
			}
			case 'A':
				this.clears = data === 'A;clears';
				this.#fresh = true;
				return undefined;
			case 'D':
				this.#fresh = true;
				return undefined;
			case 'C':
				this.atPrompt = false;
				this.unfinished = false;
				return 'start';
			case 'P':
				if (data !== 'P;k=c') return undefined;
				this.unfinished = true;
				return 'rest';
			default:
				return undefined;
		}
	}

	/** Keys that go to the shell. After an Enter it is no longer known to be at its prompt: its next mark says what became of it. */
	typed(bytes: Uint8Array): void {
		// In a bracketed paste an Enter is part of the text.
		const pasted = bytes[0] === 27 && bytes[1] === 91 && bytes[2] === 50;
		if (pasted || !bytes.some((byte) => byte === 13 || byte === 10)) return;
		this.atPrompt = false;
		this.unfinished = false;
	}

	reset(): void {
		this.atPrompt = false;
		this.unfinished = false;
		this.known = false;
		this.clears = false;
		this.#fresh = false;
	}
}
