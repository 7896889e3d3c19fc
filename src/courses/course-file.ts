/** Reads a text of a course; whatever keeps it from being read is told in words. */
import { lstatSync, readFileSync, statSync } from 'node:fs';

/** Bytes: lessons have some tens of thousands. */
const largest = 2 * 2 ** 20;

export interface FileFault {
	what: string;
	remedy: string;
}

/** A file, a folder, or a link even if it leads nowhere. */
export const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** @returns undefined: there is no such file */
export function readCourseFile(path: string): { text: string } | { fault: FileFault } | undefined {
	const fault = (what: string, remedy: string) => ({ fault: { what, remedy } });
	if (!isThere(path)) return undefined;
	const stat = statSync(path, { throwIfNoEntry: false });
	if (!stat) return fault('This link leads nowhere.', 'Put a file in its place.');
	if (!stat.isFile())
		return fault(
			`This is ${stat.isDirectory() ? 'a folder' : 'no file'}, and a text is expected here.`,
			'Rename or remove it, and write the text.',
		);
	if (stat.size > largest) return fault(`This text has ${Math.round(stat.size / 2 ** 20)} MiB; 2 are the most.`, 'Put data into files/.');
	let bytes: Buffer;
	try {
		bytes = readFileSync(path);
	} catch (error) {
		return fault(
			`This file cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
			'Give yourself the right to read it: chmod u+r.',
		);
	}
	try {
		return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
	} catch {
		return fault('This is no UTF-8 text: accents and signs would be lost.', 'Save it as UTF-8 (without "BOM" or "UTF-16").');
	}
}

/** The text; undefined when there is none that can be read, which the loader tells. */
export function courseText(path: string): string | undefined {
	const read = readCourseFile(path);
	return read && 'text' in read ? read.text : undefined;
}
