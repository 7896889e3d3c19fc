/** What a shell's marks (OSC 133) say: is it at its prompt, or does a program run? */
export class ShellMarks {
	/** At the end of the prompt, waiting for a command. */
	atPrompt = false;
	/** A mark has been seen: the shell is one that tells. */
	known = false;
	/** A command has ended, and its prompt has not been drawn yet. */
	#ended = false;

	/**
	 * @param data what stands after "133;"
	 * @returns 'prompt' when the shell has just become ready for a command, 'start' when a command starts
	 */
	take(data: string): 'prompt' | 'start' | undefined {
		this.known = true;
		switch (data[0]) {
			case 'B': {
				this.atPrompt = true;
				// Drawn again, as after a change of the window's size, it is no new prompt.
				const fresh = this.#ended;
				this.#ended = false;
				return fresh ? 'prompt' : undefined;
			}
			case 'D':
				this.#ended = true;
				return undefined;
			case 'C':
				this.atPrompt = false;
				return 'start';
			default:
				return undefined;
		}
	}

	/** Keys that go to the shell. After an Enter it is no longer known to be at its prompt: its next mark says what became of it. */
	typed(bytes: Uint8Array): void {
		// In a bracketed paste an Enter is part of the text.
		const pasted = bytes[0] === 27 && bytes[1] === 91 && bytes[2] === 50;
		if (!pasted && bytes.some((byte) => byte === 13 || byte === 10)) this.atPrompt = false;
	}

	reset(): void {
		this.atPrompt = false;
		this.known = false;
		this.#ended = false;
	}
}
