/** The course that the benchmarks play: as small as can be, on the machine of a real course, so that what is measured is ours. */
import { type Course, courseSchema, type Limits, lessonSchema } from '../../../src/shared/course/course.ts';

export const benchCourse = 'bench';
export const benchLesson = 'figures';
export const benchStep = 'done';

const text = (words: string) => ({ fr: words, en: words });

export interface LessonName {
	course: string;
	lesson: string;
}

/** @param pool sandboxes kept ready; @param shown other names for it, where a page of another course is to show it */
export function makeCourse(limits: Limits, pool: number, shown: LessonName = { course: benchCourse, lesson: benchLesson }): Course {
	const settings = courseSchema.parse({ title: text('Bench'), summary: text('Figures'), authors: ['Établi'], pool });
	return {
		slug: shown.course,
		path: '/nonexistent',
		settings: { ...settings, limits },
		lessons: [
			{
				slug: shown.lesson,
				folder: '01-figures',
				settings: lessonSchema.parse({ minutes: 1, steps: [{ id: benchStep }] }),
				head: { fr: { title: 'Figures', description: 'Figures' }, en: { title: 'Figures', description: 'Figures' } },
				steps: [
					{
						id: benchStep,
						check: '#!/bin/sh\n[ -e done ] || { echo "done is missing"; exit 10; }\n',
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
