/**
 * Terminal output → the same for a record, from which nothing goes that had been shown: a reset, and an erasing of the whole screen from
 * its first place on, become what `clear` asks for, which leaves the lines above; and a shell that is back at its prompt has left the
 * screen of a full-screen program, even if that was killed before it could say so.
 */
import { SequenceParser } from '../../src/shared/control-sequences.ts';

/** Sequences that are replaced are shorter; longer ones go through as they come, bytes. */
const mostHeld = 64;
const eraseScreen = '\x1b[2J';
const leaveScreen = '\x1b[?1049l';
/** Colours, margins and modes as at the start, the screen as it is, and then as `clear` does it. */
const reset = `\x1b[!p\x1b[H${eraseScreen}`;

export class KeptLines {
	readonly #parser = new SequenceParser({ decoded: false });
	/** Of a sequence that may be replaced once it is known. */
	#held: number[] = [];
	#onOtherScreen = false;
	/** The sequence before has put the cursor in the first place, and nothing was printed since. */
	#atTop = false;

	/** @returns what is to be drawn instead of `bytes` */
	take(bytes: Uint8Array): Uint8Array {
		const drawn: number[] = [];
		for (const byte of bytes) {
			const part = this.#parser.take(byte);
			this.#held.push(byte);
			if (part === 'end') this.#replace();
			else if (this.#parser.inText) this.#atTop = false;
			if (this.#parser.inText || !this.#mayBeReplaced()) {
				for (const one of this.#held) drawn.push(one);
				this.#held = [];
			}
		}
		return Uint8Array.from(drawn);
	}

	#mayBeReplaced(): boolean {
		const { kind } = this.#parser;
		return (kind === 'csi' || kind === 'escape') && this.#held.length < mostHeld;
	}

	/** A sequence has ended, and what is held of it is about to be drawn. */
	#replace(): void {
		const { kind, body = [] } = this.#parser;
		const text = body.length < mostHeld ? String.fromCharCode(...body) : '';
		const wasAtTop = this.#atTop;
		this.#atTop = kind === 'csi' && /^(?:1?(?:;1?)?)[Hf]$/.test(text);
		if (kind === 'osc' && text.startsWith('133;A')) this.#leaveScreen();
		else if (kind === 'escape' && text === 'c') {
			this.#held = [];
			this.#leaveScreen();
			this.#add(reset);
		} else if (kind === 'csi' && wasAtTop && /^0?J$/.test(text)) {
			this.#held = [];
			this.#add(eraseScreen);
		} else if (kind === 'csi') {
			const screen = /^\?(?:\d*;)*(?:47|1047|1049)(?:;\d*)*([hl])$/.exec(text)?.[1];
			if (screen) this.#onOtherScreen = screen === 'h';
		}
	}

	#leaveScreen(): void {
		if (this.#onOtherScreen) this.#add(leaveScreen);
		this.#onOtherScreen = false;
	}

	#add(text: string): void {
		for (const letter of text) this.#held.push(letter.charCodeAt(0));
	}
}
