/** The course that the benchmarks play: as small as can be, on the machine of a real course, so that what is measured is ours. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../../../src/shared/course/cluster.ts';
import { type Course, courseSchema, type Limits, lessonSchema } from '../../../src/shared/course/course.ts';

export const benchCourse = 'bench';
export const benchLesson = 'figures';
export const benchStep = 'done';

const text = (words: string) => ({ fr: words, en: words });

export interface LessonName {
	course: string;
	lesson: string;
}

/** Some lesson of the built site. @throws Error when it has none */
export function lessonIn(site: string): LessonName {
	const folders = (path: string) => readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
	for (const { name: course } of folders(join(site, 'en'))) {
		for (const { name: lesson } of folders(join(site, 'en', course))) {
			const page = join(site, 'en', course, lesson, 'index.html');
			if (existsSync(page) && readFileSync(page, 'utf8').includes('class="lesson-frame"')) return { course, lesson };
		}
	}
	throw new Error(`there is no lesson in ${site}`);
}

interface CourseParts {
	limits: Limits;
	/** Sandboxes kept ready. */
	pool: number;
	/** Other names for it, where a page of another course is to show it. */
	shown: LessonName | undefined;
	cluster: Cluster | undefined;
}

/** What it says besides tells which job it has seen: `ended`, its last word. */
const check = `#!/bin/sh
[ -e done ] && exit 0
[ ! -e ended ] || read -r ended < ended
echo "done is missing $ended"
exit 10
`;

export function makeCourse({ limits, pool, shown = { course: benchCourse, lesson: benchLesson }, cluster }: CourseParts): Course {
	const settings = courseSchema.parse({ title: text('Bench'), summary: text('Figures'), authors: ['Établi'], pool });
	return {
		slug: shown.course,
		path: '/nonexistent',
		settings: { ...settings, limits, cluster },
		lessons: [
			{
				slug: shown.lesson,
				folder: '01-figures',
				settings: lessonSchema.parse({ minutes: 1, steps: [{ id: benchStep }] }),
				head: { fr: { title: 'Figures', description: 'Figures' }, en: { title: 'Figures', description: 'Figures' } },
				steps: [
					{
						id: benchStep,
						check,
						solution: 'touch done',
						reset: undefined,
					},
				],
				setup: undefined,
				files: undefined,
			},
		],
	};
}
