/** Scripts of a lesson: what a file is called after decides what it is for, its first line which program runs it. The ending is free. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isFolder } from './folders.ts';

/** "checks/write.py" → "write" */
export const scriptName = (file: string): string => file.replace(/^.*\//, '').replace(/\.[^.]*$/, '');

/** Names of the files in a folder that are called so, whatever their ending: "setup" → ["setup.py"]. */
export function scriptsCalled(folder: string, name: string): string[] {
	return scriptsIn(folder).filter((file) => scriptName(file) === name);
}

/** Names of the scripts in a folder, sorted; hidden files and what editors leave are none. */
export function scriptsIn(folder: string): string[] {
	if (!isFolder(folder)) return [];
	return readdirSync(folder)
		.filter((file) => !file.startsWith('.') && !file.endsWith('~'))
		.sort();
}

/** Where the one script of that name is, or where it should be. */
export const scriptPath = (folder: string, name: string): string => join(folder, scriptsCalled(folder, name)[0] ?? `${name}.sh`);
