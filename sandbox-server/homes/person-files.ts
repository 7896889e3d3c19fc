/** Files of the data folder that are one learner's, of all courses, those that are taught no more included: by their public name. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface PersonFiles {
	/** Archives of homes. */
	homes: string[];
	/** Folders with what their terminals showed. */
	transcripts: string[];
}

/** @param name the learner's public name @throws Error of the file system */
export async function personFiles(data: string, name: string): Promise<PersonFiles> {
	const homes = await inCourses(
		join(data, 'homes'),
		(file) => file.startsWith(`${name}-`) && /^[0-9a-f]+\.tar\.gz$/.test(file.slice(name.length + 1)),
	);
	return { homes, transcripts: await inCourses(join(data, 'transcripts'), (folder) => folder === name) };
}

/** Idempotent. @throws Error of the file system */
export async function erasePersonFiles(data: string, name: string): Promise<void> {
	const { homes, transcripts } = await personFiles(data, name);
	for (const path of [...homes, ...transcripts]) await rm(path, { recursive: true, force: true });
}

async function inCourses(top: string, wanted: (name: string) => boolean): Promise<string[]> {
	const found: string[] = [];
	for (const course of await names(top))
		for (const name of await names(join(top, course))) if (wanted(name)) found.push(join(top, course, name));
	return found;
}

async function names(folder: string): Promise<string[]> {
	try {
		return await readdir(folder);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'ENOENT' || code === 'ENOTDIR') return [];
		throw error;
	}
}
