/** Pasting: no-break spaces that come along from a page or a letter, and texts that belong into a file. */
import type { Terminal } from '@xterm/xterm';

/** The agent keeps twice as much for a program that does not read (docs/protocol.md §1), characters. */
const most = 2 * 2 ** 20;

/**
 * @param atPrompt the shell reads it: there a no-break space is meant as a blank
 * @returns false: too long, nothing was pasted
 */
export function pasteInto(term: Pick<Terminal, 'paste'>, text: string, atPrompt: boolean): boolean {
	if (text.length > most) return false;
	term.paste(atPrompt ? text.replace(/[\u00a0\u202f]/g, ' ') : text);
	return true;
}
