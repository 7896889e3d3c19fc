/** A learner's commands as a check reads them on its standard input (docs/protocol.md §4). */
import type { CommandRow } from '../store/store.ts';

/** Commands handed to a check: the newest. */
export const historyLimit = 500;

/** Bytes of output handed to a check, in all: that of the newest commands. */
const printedLimit = 256 * 1024;

/**
 * @param withPrinted also what each command printed, as far as it is known
 * @returns lines "exit, ms, terminal, folder, command" (and what it printed), tab-separated; an unknown exit is "-"
 */
export function historyText(commands: readonly CommandRow[], withPrinted = false): string {
	let left = withPrinted ? printedLimit : 0;
	return commands
		.toReversed()
		.map(({ exit, ms, terminal, folder, command, printed = '' }) => {
			const line = `${exit ?? '-'}\t${ms}\t${terminal}\t${escaped(folder)}\t${escaped(command)}`;
			left -= Buffer.byteLength(printed);
			return left > 0 && printed !== '' ? `${line}\t${escaped(printed)}\n` : `${line}\n`;
		})
		.toReversed()
		.join('');
}

const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '' };
const escaped = (text: string) => text.replace(/[\\\t\n\r\0]/g, (character) => escapes[character] ?? '');
