/** Courses in memory, brought up to date with what has been saved: the running server goes on with the same objects. */
import type { Course, Lesson } from '../../src/shared/course/course.ts';

export interface Refreshed {
	/** Checks that are not what they were. */
	checks: { course: string; lesson: string; step: string }[];
	/** What changed, in words. */
	told: string[];
	/** Titles, steps or solutions are not what they were: pages know them by heart. */
	pages: boolean;
	/** The list of courses, or what sandboxes are made with, is not what it was. */
	restart: boolean;
}

/** Changes `current` in place to what `fresh` is. @param fresh of the same folder, without problems */
export function refreshCourses(current: Course[], fresh: readonly Course[]): Refreshed {
	const result: Refreshed = { checks: [], told: [], pages: false, restart: false };
	const slugs = (courses: readonly Course[]) => courses.map(({ slug }) => slug).join();
	if (slugs(current) !== slugs(fresh)) result.restart = true;
	for (const course of current) {
		const now = fresh.find(({ slug }) => slug === course.slug);
		if (!now) continue;
		const { image, registry, limits, runtime } = course.settings;
		if (!same({ image, registry, limits, runtime }, pick(now.settings))) result.restart = true;
		if (!same(course.settings, now.settings)) {
			result.pages = true;
			course.settings = now.settings;
		}
		course.version = now.version;
		const names = (lessons: readonly Lesson[]) => lessons.map(({ folder }) => folder).join();
		if (names(course.lessons) !== names(now.lessons)) {
			result.pages = true;
			result.told.push(`${course.slug}: lessons ${now.lessons.map(({ slug }) => slug).join(', ')}`);
		}
		const known = new Map(course.lessons.map((lesson) => [lesson.folder, lesson]));
		course.lessons = now.lessons.map((lesson) => {
			const old = known.get(lesson.folder);
			if (!old) return lesson;
			compare(course.slug, old, lesson, result);
			return Object.assign(old, lesson);
		});
	}
	return result;
}

const pick = ({ image, registry, limits, runtime }: Course['settings']) => ({ image, registry, limits, runtime });

function compare(course: string, old: Lesson, now: Lesson, result: Refreshed): void {
	const name = `${course}/${now.slug}`;
	if (!same(shown(old.settings), shown(now.settings)) || !same(old.head, now.head)) result.pages = true;
	if (old.setup !== now.setup) result.told.push(`${name}: setup; it counts when the lesson is reset`);
	if (old.cleanup !== now.cleanup) result.told.push(`${name}: cleanup`);
	for (const step of now.steps) {
		const before = old.steps.find(({ id }) => id === step.id);
		if (before?.check !== step.check) {
			result.checks.push({ course, lesson: now.slug, step: step.id });
			const conditions = now.settings.steps.some(({ id, check }) => id === step.id && Array.isArray(check));
			result.told.push(`${name}: ${conditions ? `conditions of "${step.id}"` : `checks/${step.id}.sh`}`);
		}
		if (before?.solution !== step.solution) result.told.push(`${name}: solutions/${step.id}.sh`);
		if (before?.reset !== step.reset) result.told.push(`${name}: resets/${step.id}.sh`);
		if (before?.solution !== step.solution || (before?.reset === undefined) !== (step.reset === undefined)) result.pages = true;
	}
}

/** What pages know of a lesson's settings: that a step has a check, not which. */
const shown = (settings: Lesson['settings']) => ({
	...settings,
	steps: settings.steps.map((step) => ({ ...step, check: step.check !== false })),
});
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
