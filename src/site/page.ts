/** Which course and lesson a page shows. */
import { courses } from 'virtual:etabli/courses';
import { attendeeEn } from '../i18n/attendee-en.ts';
import { type AttendeeStrings, attendeeFr } from '../i18n/attendee-fr.ts';
import { castEn } from '../i18n/cast-en.ts';
import { type CastStrings, castFr } from '../i18n/cast-fr.ts';
import { certificateEn } from '../i18n/certificate-en.ts';
import { type CertificateStrings, certificateFr } from '../i18n/certificate-fr.ts';
import { comparisonEn } from '../i18n/comparison-en.ts';
import { type ComparisonStrings, comparisonFr } from '../i18n/comparison-fr.ts';
import { en } from '../i18n/en.ts';
import { fr, type Strings } from '../i18n/fr.ts';
import { imagesEn } from '../i18n/images-en.ts';
import { type ImagesStrings, imagesFr } from '../i18n/images-fr.ts';
import { progressEn } from '../i18n/progress-en.ts';
import { type ProgressStrings, progressFr } from '../i18n/progress-fr.ts';
import { signInEn } from '../i18n/sign-in-en.ts';
import { type SignInStrings, signInFr } from '../i18n/sign-in-fr.ts';
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

/** What people in rooms read. */
export function attendeeStringsOf(language: Language): AttendeeStrings {
	return language === 'en' ? attendeeEn : attendeeFr;
}

/** What the page of a learner's progress says, and links to it. */
export function progressStringsOf(language: Language): ProgressStrings {
	return language === 'en' ? progressEn : progressFr;
}

/** What the page of single sign-on says. */
export function signInStringsOf(language: Language): SignInStrings {
	return language === 'en' ? signInEn : signInFr;
}

/** What the page of container images says, and links to it. */
export function imagesStringsOf(language: Language): ImagesStrings {
	return language === 'en' ? imagesEn : imagesFr;
}

/** What stands with recordings of terminals. */
export function castStringsOf(language: Language): CastStrings {
	return language === 'en' ? castEn : castFr;
}

/** What pages about certificates say. */
export function certificateStringsOf(language: Language): CertificateStrings {
	return language === 'en' ? certificateEn : certificateFr;
}

/** What the page of compared runtimes says, and the link to it. */
export function comparisonStringsOf(language: Language): ComparisonStrings {
	return language === 'en' ? comparisonEn : comparisonFr;
}
