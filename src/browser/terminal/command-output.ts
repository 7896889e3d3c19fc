/** Reads off the screen what a command has printed: the lines between the shell's marks, as the learner sees them. */
import type { IMarker, Terminal } from '@xterm/xterm';

export class CommandOutput {
	readonly #term: Terminal;
	#start: IMarker | undefined;

	constructor(term: Terminal) {
		this.#term = term;
	}

	/** The shell says that a command's output begins. */
	begin(): void {
		this.#start?.dispose();
		this.#start = this.#term.registerMarker(0);
	}

	/**
	 * The shell says that the command has ended.
	 * @returns what stands on the screen since it began; undefined when that beginning is gone (cleared away, or too far back)
	 */
	end(): string | undefined {
		const start = this.#start;
		this.#start = undefined;
		if (!start || start.isDisposed || start.line < 0) return undefined;
		const buffer = this.#term.buffer.normal;
		const cursor = buffer.baseY + buffer.cursorY;
		const lines: string[] = [];
		for (let at = start.line; at < cursor + (buffer.cursorX > 0 ? 1 : 0); at++) {
			const line = buffer.getLine(at);
			// What follows on the next line of the screen only for lack of room belongs to the same line: its blanks count.
			const goesOn = buffer.getLine(at + 1)?.isWrapped ?? false;
			const text = line?.translateToString(!goesOn) ?? '';
			if (line?.isWrapped && lines.length > 0) lines.push(`${lines.pop()}${text}`);
			else lines.push(text);
		}
		start.dispose();
		return lines.join('\n');
	}
}
