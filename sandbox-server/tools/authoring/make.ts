/** New courses and lessons, made from the commented examples in ./template. */
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { type CoursePaths, findCourses } from '../../../src/courses/folders.ts';
import { loadCourses, type Problem } from '../../../src/courses/load.ts';
import { lineOfPath } from '../../../src/courses/yaml-file.ts';
import { slugSchema } from '../../../src/shared/course/course.ts';
import type { Text } from '../../../src/shared/language.ts';
import { nearest } from '../../../src/shared/nearest.ts';
import { explainFileError, Failure } from '../../setup/failure.ts';

const template = join(import.meta.dirname, 'template');

/** Folder in `template`, number and name, titles of a course's first lesson. */
const firstLessons = {
	ordinary: { from: 'lesson', folder: '01-first-steps', title: { fr: 'Premiers pas', en: 'First steps' } },
	cluster: { from: 'cluster/lesson', folder: '01-first-jobs', title: { fr: 'Premiers travaux', en: 'First jobs' } },
} as const;

export interface Wanted {
	/** With a Slurm cluster for each learner. */
	cluster?: boolean;
}

/**
 * @param courses absolute path of the folder of courses; made when it is not there
 * @returns path of the new course, which has one lesson
 * @throws Failure: no name, or taken
 */
export function makeCourse(courses: string, name: string, { cluster = false }: Wanted = {}): string {
	checkName('course', name);
	const path = join(courses, name);
	if (existsSync(path))
		throw new Failure(`There is a course "${name}" already: ${path}.`, {
			hint: `Give it another name, or add to it: ./etabli new lesson ${name} NAME`,
		});
	put(courses, path, (draft) => {
		copy('course', draft, { title: titleOf(name), cluster });
		const { from, folder, title } = firstLessons[cluster ? 'cluster' : 'ordinary'];
		// The cluster is the course's.
		copy(from, join(draft, folder), { title, cluster: false });
	});
	return path;
}

export interface MadeLesson {
	path: string;
	/** What is to be changed for it by hand: mistakes that the course did not have without it, and what its cluster lacks, were it for others before. */
	problems: Problem[];
	/** Lines that the course's Dockerfile lacks for it; undefined: none. */
	dockerLines: string | undefined;
}

/**
 * @returns the new lesson, numbered after the last one; what else it needs
 * @throws Failure: no such course; no name, or taken
 */
export function makeLesson(courses: CoursePaths, course: string, name: string, { cluster = false }: Wanted = {}): MadeLesson {
	const made = findCourses(courses).folders.filter(({ path }) => existsSync(join(path, 'course.yaml')));
	const folder = made.find(({ slug }) => slug === course)?.path;
	if (folder === undefined) {
		const names = made.map(({ slug }) => slug);
		const meant = nearest(course, names);
		throw new Failure(`There is no course "${course}" in ${[courses].flat().join(', ')}.${meant ? ` Did you mean "${meant}"?` : ''}`, {
			...(!meant && { hint: `Make it first: ./etabli new course ${slugSchema.safeParse(course).success ? course : 'NAME'}` }),
		});
	}
	checkName('lesson', name);
	const lessons = readdirSync(folder).filter((lesson) => /^\d\d-/.test(lesson) && statSync(join(folder, lesson)).isDirectory());
	const taken = lessons.find((lesson) => lesson.slice(3) === name);
	if (taken)
		throw new Failure(`The course "${course}" has a lesson "${name}" already: ${join(folder, taken)}.`, { hint: 'Give it another name.' });
	const number = Math.max(0, ...lessons.map((lesson) => Number(lesson.slice(0, 2)))) + 1;
	if (number > 99)
		throw new Failure(`The lessons of "${course}" are numbered up to 99.`, {
			hint: 'Give some of them lower numbers, or begin a second course.',
		});
	const path = join(folder, `${String(number).padStart(2, '0')}-${name}`);
	const before = loadCourses(folder).problems;
	const own = cluster && lineOfPath(readFileSync(join(folder, 'course.yaml'), 'utf8'), ['cluster']) === undefined;
	put(folder, path, (draft) => copy(cluster ? 'cluster/lesson' : 'lesson', draft, { title: titleOf(name), cluster: own }));
	const key = ({ file, what }: Problem) => JSON.stringify([file, what]);
	const known = new Set(before.map(key));
	const forCluster = ({ file }: Problem) => cluster && basename(file) === 'Dockerfile';
	const problems = loadCourses(folder).problems.filter((problem) => forCluster(problem) || !known.has(key(problem)));
	const lacks = problems.some(forCluster);
	return { path, problems, dockerLines: lacks ? clusterPart('Dockerfile') : undefined };
}

function checkName(kind: string, name: string): void {
	if (slugSchema.safeParse(name).success) return;
	const better = name
		.normalize('NFD')
		.replace(/\p{M}/gu, '')
		.toLowerCase()
		.replace(/^\d\d-/, '')
		.replace(/[^a-z0-9]+/g, '-')
		.replace(/^-+|-+$/g, '')
		.slice(0, 60);
	throw new Failure(`"${name}" is not a name for a ${kind}: it stands in addresses, so small letters, digits and single hyphens only.`, {
		...(slugSchema.safeParse(better).success && { hint: `Write for example: ${better}` }),
		status: 2,
	});
}

/** Whole or not at all: written beside, in a folder that no loader reads, then renamed. */
function put(courses: string, path: string, write: (draft: string) => void): void {
	let work: string | undefined;
	try {
		mkdirSync(courses, { recursive: true });
		work = mkdtempSync(join(courses, '.new-'));
		const draft = join(work, 'draft');
		write(draft);
		renameSync(draft, path);
	} catch (error) {
		throw explainFileError(error, `write ${path}`);
	} finally {
		if (work) rmSync(work, { recursive: true, force: true });
	}
}

interface Filling {
	/** In both languages, or the one of the file's own. */
	title: string | Text;
	/** Whether what is copied says that there is a cluster. */
	cluster: boolean;
}

function copy(part: 'course' | 'lesson' | 'cluster/lesson', to: string, { title, cluster }: Filling): void {
	cpSync(join(template, part), to, { recursive: true });
	for (const entry of readdirSync(to, { recursive: true, withFileTypes: true })) {
		if (!entry.isFile()) continue;
		const file = join(entry.parentPath, entry.name);
		const text = typeof title === 'string' ? title : title[entry.name === 'fr.mdx' ? 'fr' : 'en'];
		const written = readFileSync(file, 'utf8').replaceAll('@TITLE@', text);
		writeFileSync(
			file,
			written.replace('# @CLUSTER@\n', () => (cluster ? clusterPart(entry.name) : '')),
		);
	}
}

/** What a file of this name says where there is a cluster. */
const clusterPart = (name: string) => readFileSync(join(template, 'cluster', name), 'utf8');

/** "first-steps" → "First steps". */
const titleOf = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('-', ' ')}`;
