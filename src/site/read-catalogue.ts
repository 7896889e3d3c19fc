/** Reads the courses at build time. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLessonText } from '../courses/lesson-text.ts';
import { formatProblems, loadCourses } from '../courses/load.ts';
import type { CoursePaths } from '../courses/places.ts';
import type { Course, Lesson } from '../shared/course.ts';
import { type Language, languages, type Text } from '../shared/language.ts';
import { typographic } from '../shared/typography.ts';
import { versionText } from '../shared/version.ts';
import type { CatalogueCourse, CatalogueLesson } from './catalogue.ts';

/**
 * @param paths of folders of courses, and of single courses
 * @throws Error with every problem of the courses, as a person reads it: the build must stop
 */
export function readCatalogue(paths: CoursePaths): CatalogueCourse[] {
	const { courses, problems } = loadCourses(paths);
	if (problems.length > 0) throw new Error(`The courses in ${[paths].flat().join(', ')} have problems:\n\n${formatProblems(problems)}`);
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
		title: printed({ fr: lesson.head.fr.title, en: lesson.head.en.title }),
		description: printed({ fr: lesson.head.fr.description, en: lesson.head.en.description }),
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
	return new Map(text.steps.map((step) => [step.id, typographic(plain(step.title ?? step.id), language)]));
}

function printed(text: Text): Text {
	return { fr: typographic(text.fr, 'fr'), en: typographic(text.en, 'en') };
}

/** Markdown of a heading → text: emphasis, code marks and link targets go. */
function plain(markdown: string): string {
	return markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');
}

/** A solution without its interpreter line. */
function shownSolution(script: string): string {
	return script.replace(/^#!.*\n/, '').trim();
}
