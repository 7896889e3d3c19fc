/** Where courses lie: in folders of courses, and by themselves, each perhaps the root of a repository of its own. */
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { courseText } from './course-file.ts';
import type { Problem } from './problem.ts';

/** Absolute paths, each of a folder of courses or of one course, which is a folder with a course.yaml. */
export type CoursePaths = string | readonly string[];

/** A folder that is a course, or would be. */
export interface CourseFolder {
	/** The course's name: what course.yaml says, else the folder's name. It may be none that is allowed. */
	slug: string;
	/** Absolute, without symbolic links. */
	path: string;
	/** What stands for the folder in messages: relative to the folder of courses when there is only one. */
	label: string;
}

const courseFile = 'course.yaml';

/** @returns the folders in order of their names, and what is wrong with the paths themselves */
export function findCourses(paths: CoursePaths): { folders: CourseFolder[]; problems: Problem[] } {
	const roots = [...new Set([paths].flat())];
	const problems: Problem[] = [];
	const found = new Map<string, CourseFolder>();
	const add = (path: string, short: string): void => {
		const real = realpathSync(path);
		// The same folder by two ways is one course.
		if (![...found.values()].some((folder) => folder.path === real)) {
			const folder = { slug: nameIn(real) ?? basename(path), path: real, label: roots.length > 1 ? path : short };
			const other = found.get(folder.slug);
			if (!other) found.set(folder.slug, folder);
			else {
				problems.push({
					file: folder.label,
					what: `Two courses are called "${folder.slug}": ${other.path} and ${folder.path}.`,
					remedy: 'Give one of them another name: write `name: …` in its course.yaml, or leave one of the folders out.',
				});
			}
		}
	};
	for (const root of roots) {
		if (!isFolder(root)) {
			problems.push({
				file: root,
				what: 'This folder of courses does not exist.',
				remedy: 'Give a folder that holds a folder per course, or one course: a folder with a course.yaml.',
			});
		} else if (isCourse(root)) add(root, basename(root));
		else for (const name of folders(root)) add(join(root, name), relative(root, join(root, name)));
	}
	if (found.size === 0 && problems.length === 0) {
		problems.push({
			file: roots.join(', '),
			what: 'There is no course in this folder.',
			remedy: 'Make a folder with a course.yaml: see docs/author/format.md.',
		});
	}
	return { folders: [...found.values()].sort((a, b) => (a.slug < b.slug ? -1 : 1)), problems };
}

/** Is the folder one course, rather than a folder of courses? */
export const isCourse = (path: string): boolean => existsSync(join(path, courseFile));

/**
 * Several paths as one text: separated by ":" as in PATH, or a JSON list when one of them has a ":" in it.
 * @param base folder that relative paths start from
 */
export function pathsFromText(text: string, base: string): string[] {
	const parts: unknown = text.trimStart().startsWith('[') ? JSON.parse(text) : text.split(':');
	return (Array.isArray(parts) ? parts : []).filter((part) => part !== '').map((part) => resolve(base, String(part)));
}

/** The name that course.yaml gives; undefined when it gives none, or cannot be read: the loader says so. */
function nameIn(path: string): string | undefined {
	// Not made into values as a whole: that throws for names of places that are not there.
	const name = parseDocument(courseText(join(path, courseFile)) ?? '').get('name');
	return typeof name === 'string' && name !== '' ? name : undefined;
}

/** Does this folder, or something in it, stand at the head of a message? */
export const isAbout = ({ label }: CourseFolder, { file }: Problem): boolean => file === label || file.startsWith(`${label}/`);

/** False as well when there is nothing at the path. */
export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Names of the folders in a folder, sorted; hidden ones are none of ours. */
export const folders = (path: string): string[] =>
	readdirSync(path)
		.filter((name) => !name.startsWith('.') && isFolder(join(path, name)))
		.sort();

/** Folders of a lesson that mean something; others may hold pictures. */
const lessonFolders = ['checks', 'solutions', 'resets', 'files', 'blocks', 'casts'];
/** What a folder was probably to be called that nothing reads. */
export const misnamedFolder = (name: string): string | undefined =>
	lessonFolders.includes(name)
		? undefined
		: lessonFolders.find((known) => known === `${name.toLowerCase()}s` || known === name.toLowerCase() || `${known}s` === name);
