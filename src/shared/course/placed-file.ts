/** A block that is put into a file: where it may go, and what the file holds afterwards. Used by the page, the server and `prove`. */

export type Placing = { mode: 'write' | 'append' } | { mode: 'replace'; pattern: string };

/** Bytes of a file that is looked at or written: a text that somebody reads, or edits, on a page. */
export const maxFileBytes = 1024 * 1024;
const maxPathLength = 1000;
/** Of one folder, so many names are told at once. */
export const maxFolderEntries = 1000;
/** Folders, and files, that are asked about at once. */
export const maxGlanced = 40;

/**
 * What keeps `path` from being a place in the lesson's working folder, as the end of "The file …"; undefined when it is one. Looked at
 * as text only: links are found where the file is.
 */
export function filePathFault(path: string): string | undefined {
	if (path === '' || path.endsWith('/')) return 'has no name';
	if (path.length > maxPathLength) return `has a name of more than ${maxPathLength} characters`;
	// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
	if (/[\u0000-\u001f\u007f]/.test(path)) return 'has a control character in its name';
	if (/^[/~]/.test(path)) return 'is not in the lesson’s folder: its path begins at the root or at the home';
	const parts = path.split('/');
	if (parts.includes('..')) return 'is not in the lesson’s folder: its path goes up by ".."';
	return parts.some((part) => part === '' || part === '.') ? 'has an empty part in its path' : undefined;
}

/** The pattern of a `replace`; undefined when it is not a regular expression. */
export function linePattern(pattern: string): RegExp | undefined {
	try {
		return new RegExp(pattern, 'u');
	} catch {
		// Not one; its author is told by `lint`.
		return undefined;
	}
}

/**
 * What the file holds once the block has been put in place. Doing it a second time changes nothing.
 * @param before the file's text; undefined when there is none
 * @param block the block's text; a file's last line is always ended
 * @returns the new text, or why there is none: no file to replace a line in, or no line that matches
 */
export function place(before: string | undefined, block: string, placing: Placing): { text: string } | { fault: 'no-file' | 'no-line' } {
	const lines = block === '' ? '' : `${block.replace(/\n$/, '')}\n`;
	if (placing.mode === 'replace') return replaceLine(before, lines, placing.pattern);
	if (placing.mode === 'write') return { text: lines };
	const old = before === undefined || before === '' || before.endsWith('\n') ? (before ?? '') : `${before}\n`;
	return { text: `\n${old}`.endsWith(`\n${lines}`) ? old : old + lines };
}

/** The first line that matches. */
function replaceLine(before: string | undefined, lines: string, wanted: string): ReturnType<typeof place> {
	const pattern = linePattern(wanted);
	if (before === undefined) return { fault: 'no-file' };
	const old = before.replace(/\n$/, '').split('\n');
	const at = pattern ? old.findIndex((line) => pattern.test(line.replace(/\r$/, ''))) : -1;
	if (at >= 0) {
		// A line that the pattern still matches after it has been replaced by several is the first of them.
		const already = lines !== '' && old.slice(at, at + lines.split('\n').length - 1).join('\n') === lines.replace(/\n$/, '');
		if (already) return { text: before };
		const text = [...old.slice(0, at), ...(lines === '' ? [] : [lines.replace(/\n$/, '')]), ...old.slice(at + 1)].join('\n');
		return { text: text === '' ? '' : `${text}\n` };
	}
	// Nothing matches because it has been done: the new lines are there, or the line was to be taken away.
	return `\n${old.join('\n')}\n`.includes(`\n${lines}`) ? { text: before } : { fault: 'no-line' };
}
