/** Which course and lesson a page shows. */
import { courses } from 'virtual:etabli/courses';
import { en } from '../i18n/en.ts';
import { fr, type Strings } from '../i18n/fr.ts';
import type { Language } from '../shared/language.ts';
import type { CatalogueCourse, CatalogueLesson } from './catalogue.ts';

export interface LessonPage {
	course: CatalogueCourse;
	lesson: CatalogueLesson;
	/** From 0. */
	index: number;
	language: Language;
}

/** "fr/tp-apptainer/first-container" → the lesson; undefined for every other page. */
export function lessonOf(id: string): LessonPage | undefined {
	const [language, courseSlug, lessonSlug] = id.split('/');
	const course = courses.find((candidate) => candidate.slug === courseSlug);
	const index = course?.lessons.findIndex((candidate) => candidate.slug === lessonSlug) ?? -1;
	const lesson = course?.lessons[index];
	return course && lesson ? { course, lesson, index, language: language === 'en' ? 'en' : 'fr' } : undefined;
}

/** The interface's strings in the page's language; French when it is unknown. */
export function stringsOf(language: string | undefined): Strings {
	return language?.startsWith('en') ? en : fr;
}
