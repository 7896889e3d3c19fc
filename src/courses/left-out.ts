/** What of a course is left out because of its problems, so that the rest is served. */
import { relative } from 'node:path';
import type { Course } from '../shared/course/course.ts';
import type { CourseFolder } from './folders.ts';
import type { Problem } from './problem.ts';

/** Folders of lessons that have a problem; undefined: the course as a whole has one. */
export function faultyLessons({ label }: CourseFolder, problems: readonly Problem[]): Set<string> | undefined {
	const folders = problems.map(({ file }) => /^(\d\d-[^/]+)(?:\/|$)/.exec(relative(label, file))?.[1]);
	return folders.includes(undefined) ? undefined : new Set(folders.filter((folder) => folder !== undefined));
}

/** @param without lessons to leave out: "demo/01-first" @returns the courses that have lessons left */
export function withoutLessons(courses: readonly Course[], without: readonly string[]): Course[] {
	return courses
		.map((course) => ({ ...course, lessons: course.lessons.filter(({ folder }) => !without.includes(`${course.slug}/${folder}`)) }))
		.filter(({ lessons }) => lessons.length > 0);
}
