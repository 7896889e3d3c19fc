/** Reads a text of a course; whatever keeps it from being read is told in words. */
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes: lessons have some tens of thousands. */
const largest = 2 * 2 ** 20;

export interface FileFault {
	what: string;
	remedy: string;
}

/** A file, a folder, or a link even if it leads nowhere. */
export const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/**
 * What is wrong with a file or folder as a part of its course: a course is whole by itself. What it links to elsewhere would be missing on
 * another machine, or is not meant for learners; and whoever reads a pipe or a device waits for ever.
 * @param course absolute path of the course, without symbolic links
 */
export function outsideFault(path: string, course: string): FileFault | undefined {
	const stat = statSync(path, { throwIfNoEntry: false });
	if (!stat) return { what: 'This link leads nowhere.', remedy: 'Put a file in its place.' };
	const real = realpathSync(path);
	if (real !== course && !real.startsWith(`${course}/`))
		return { what: `This link leads out of the course, to ${real}.`, remedy: 'Put the files themselves here.' };
	if (stat.isFile() || stat.isDirectory()) return undefined;
	return { what: `This is ${kindOf(stat)}, and no file.`, remedy: 'Remove it: a course is made of files and folders.' };
}

const kindOf = (stat: ReturnType<typeof lstatSync>): string => (stat?.isFIFO() ? 'a pipe' : stat?.isSocket() ? 'a socket' : 'a device');

/** Everything in a folder of a course, at any depth, that is no part of it; links are not followed. Versions' and editors' own folders are not looked at. */
export function* outsiders(folder: string, course: string): Generator<{ path: string; fault: FileFault }> {
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		if (entry.name === '.git' || entry.name === 'node_modules') continue;
		const path = join(folder, entry.name);
		if (entry.isDirectory()) yield* outsiders(path, course);
		else if (!entry.isFile()) {
			const fault = outsideFault(path, course);
			if (fault) yield { path, fault };
		}
	}
}

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
