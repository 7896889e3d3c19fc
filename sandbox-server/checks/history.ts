/** A learner's commands as a check reads them on its standard input (docs/protocol.md §4). */
import type { CommandRow } from '../store/store.ts';

/** Commands handed to a check: the newest. */
export const historyLimit = 500;

/** @returns lines "exit, ms, terminal, folder, command", tab-separated; an unknown exit is "-" */
export function historyText(commands: readonly CommandRow[]): string {
	return commands
		.map(({ exit, ms, terminal, folder, command }) => `${exit ?? '-'}\t${ms}\t${terminal}\t${escaped(folder)}\t${escaped(command)}\n`)
		.join('');
}

const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '' };
const escaped = (text: string) => text.replace(/[\\\t\n\r\0]/g, (character) => escapes[character] ?? '');
