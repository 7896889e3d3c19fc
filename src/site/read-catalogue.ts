/** Reads the courses at build time. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CoursePaths } from '../courses/folders.ts';
import { headingText } from '../courses/heading-text.ts';
import { readLessonText } from '../courses/lesson-text.ts';
import { formatProblems, loadCourses, withoutLessons } from '../courses/load.ts';
import type { Course, Lesson } from '../shared/course/course.ts';
import { type Language, languages, type Text } from '../shared/language.ts';
import { versionText } from '../shared/protocol/version.ts';
import { typographic } from '../shared/typography.ts';
import type { CatalogueCourse, CatalogueLesson } from './catalogue.ts';

/**
 * @param paths of folders of courses, and of single courses
 * @param without lessons that get no page: "demo/01-first"
 * @returns what is whole; the problems of the rest are told on standard error
 * @throws Error with the problems, as a person reads them, when nothing is left
 */
export function readCatalogue(paths: CoursePaths, without: readonly string[] = []): CatalogueCourse[] {
	const read = loadCourses(paths);
	const courses = withoutLessons(read.courses, without);
	const told = `The courses in ${[paths].flat().join(', ')} have problems:\n\n${formatProblems(read.problems)}`;
	if (courses.length === 0) throw new Error(told);
	if (read.problems.length > 0) console.error(`${told}\n`);
	return courses.map((course) => ({
		slug: course.slug,
		title: printed(course.settings.title),
		summary: printed(course.settings.summary),
		authors: course.settings.authors,
		license: course.settings.license,
		languages: course.settings.languages,
		version: shownVersion(course),
		lessons: course.lessons.map((lesson) => catalogueLesson(course, lesson)),
	}));
}

function shownVersion({ version }: Course): Text | undefined {
	const [fr, en] = [versionText(version, 'fr'), versionText(version, 'en')];
	return fr && en ? { fr, en } : undefined;
}

function catalogueLesson(course: Course, lesson: Lesson): CatalogueLesson {
	const titles = Object.fromEntries(languages.map((language) => [language, stepTitles(course, lesson, language)]));
	return {
		slug: lesson.slug,
		folder: lesson.folder,
		title: printed({ fr: headingText(lesson.head.fr.title), en: headingText(lesson.head.en.title) }),
		description: printed({ fr: headingText(lesson.head.fr.description), en: headingText(lesson.head.en.description) }),
		minutes: lesson.settings.minutes,
		terminals: lesson.settings.terminals,
		parameters: { ...course.settings.parameters, ...lesson.settings.parameters },
		steps: lesson.steps.map((step) => ({
			id: step.id,
			title: Object.fromEntries(languages.map((language) => [language, titles[language]?.get(step.id) ?? step.id])) as Text,
			checked: step.check !== undefined,
			resettable: step.reset !== undefined,
			solution: step.solution && shownSolution(step.solution),
		})),
	};
}

function stepTitles(course: Course, lesson: Lesson, language: Language): Map<string, string> {
	const { languages: spoken } = course.settings;
	const file = join(course.path, lesson.folder, `${spoken.includes(language) ? language : spoken[0]}.mdx`);
	const text = readLessonText(file, readFileSync(file, 'utf8'));
	return new Map(text.steps.map((step) => [step.id, typographic(step.title ?? step.id, language)]));
}

function printed(text: Text): Text {
	return { fr: typographic(text.fr, 'fr'), en: typographic(text.en, 'en') };
}

/** A solution without its interpreter line. */
function shownSolution(script: string): string {
	return script.replace(/^#!.*\n/, '').trim();
}
