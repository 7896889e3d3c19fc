/** What a learner has done, in all courses, and where they go on. */
import type { Course } from '../../src/shared/course/course.ts';
import { type CourseProgress, isBegun, isComplete, type OwnProgress } from '../../src/shared/protocol/progress.ts';
import type { OwnWork } from '../store/own-work.ts';

type LessonProgress = CourseProgress['lessons'][number];

const isDone = ({ steps }: LessonProgress): boolean => steps.every(({ state }) => state === 'passed');

/** @param courses of the server, in the order of its pages */
export function ownProgress(courses: readonly Course[], learner: string, store: { ownWork: OwnWork }): OwnProgress {
	const work = {
		times: store.ownWork.times(learner),
		steps: new Map(store.ownWork.steps(learner).map((row) => [`${row.course}/${row.lesson}/${row.step}`, row])),
		passed: new Set(store.ownWork.passed(learner).map((row) => `${row.course}/${row.lesson}/${row.step}`)),
	};
	/** The lesson worked on last, by course. */
	const latest = new Map<string, string>();
	const known = courses.map(({ slug, lessons }): CourseProgress => {
		const times = work.times.filter(({ course }) => course === slug).sort((a, b) => b.last - a.last);
		const [newest] = times;
		if (newest) latest.set(slug, newest.lesson);
		return {
			course: slug,
			// Lessons that the course had once are in it: the time was spent.
			ms: times.reduce((sum, { ms }) => sum + ms, 0),
			...(newest && { last: newest.last }),
			lessons: lessons.map((lesson) => ({
				lesson: lesson.slug,
				ms: times.find((one) => one.lesson === lesson.slug)?.ms ?? 0,
				steps: lesson.steps.map(({ id }) => {
					const key = `${slug}/${lesson.slug}/${id}`;
					const row = work.steps.get(key);
					const state = work.passed.has(key) ? 'passed' : row ? 'begun' : 'todo';
					return { step: id, state, tries: row?.tries ?? 0, ...(row?.passed !== undefined && { passed: row.passed }) };
				}),
			})),
		};
	});
	const next = nextOf(known, latest);
	return { courses: known, ...(next && { next }) };
}

/** The course that was worked on last and is not done, else the first that is not; in it the lesson worked on last, else the next one after it. */
function nextOf(courses: readonly CourseProgress[], latest: ReadonlyMap<string, string>): OwnProgress['next'] {
	const open = courses.filter((course) => !isComplete(course));
	const begun = open.filter(isBegun).sort((a, b) => (b.last ?? 0) - (a.last ?? 0));
	const course = begun[0] ?? open[0];
	if (!course) return undefined;
	const from = Math.max(
		0,
		course.lessons.findIndex(({ lesson }) => lesson === latest.get(course.course)),
	);
	const lesson = [...course.lessons.slice(from), ...course.lessons.slice(0, from)].find((one) => !isDone(one));
	const step = lesson?.steps.find(({ state }) => state !== 'passed');
	return lesson && step && { course: course.course, lesson: lesson.lesson, step: step.step, begun: isBegun(course) };
}
