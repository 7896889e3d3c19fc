/** The course that the benchmarks play: as small as can be, on the machine of a real course, so that what is measured is ours. */
import { type Course, courseSchema, type Limits, lessonSchema } from '../../../src/shared/course/course.ts';

export const benchCourse = 'bench';
export const benchLesson = 'figures';
export const benchStep = 'done';

const text = (words: string) => ({ fr: words, en: words });

/** @param pool sandboxes kept ready */
export function makeCourse(limits: Limits, pool: number): Course {
	const settings = courseSchema.parse({ title: text('Bench'), summary: text('Figures'), authors: ['Établi'], pool });
	return {
		slug: benchCourse,
		path: '/nonexistent',
		settings: { ...settings, limits },
		lessons: [
			{
				slug: benchLesson,
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
