/** How shells and scripts are started in a sandbox: argv, environment, folder, and the name of a terminal. */
import type { Course, Lesson } from '../../src/shared/course.ts';
import { defaultLanguage, type Language } from '../../src/shared/language.ts';
import { type Values, valuesEnv } from '../../src/shared/parameters.ts';

export const defaultShell = ['bash', '--rcfile', '/opt/etabli/bashrc', '-i'];

const locales: Record<Language, string> = { fr: 'fr_FR.UTF-8', en: 'en_US.UTF-8' };

export interface Where {
	/** The learner's name in the registry. */
	learner: string;
	course: Course;
	lesson: Lesson;
	language: Language;
	/** The learner's own, of the lesson's parameters. */
	values: Values;
}

/** What shells, setup scripts and checks are told about where they run. */
export function lessonEnv({ learner, course, lesson, language, values }: Where): Record<string, string> {
	return {
		...valuesEnv(values),
		LEARNER: learner,
		LANG: locales[language],
		ETABLI_LANG: language,
		ETABLI_COURSE: course.slug,
		ETABLI_LESSON: lesson.slug,
	};
}

/** What a shell has before it is known whose it is. */
export const anyShellEnv = { TERM: 'xterm-256color', COLORTERM: 'truecolor', LANG: locales[defaultLanguage] };

/** Added to the holder's own environment. */
export function shellEnv(where: Where): Record<string, string> {
	return { ...anyShellEnv, ...lessonEnv(where) };
}

/** The learner's working folder of a lesson. */
export function lessonFolder(home: string, lesson: Lesson): string {
	return lesson.settings.folder === 'home' ? home : `${home}/${lesson.folder}`;
}

/** The name of a terminal in the holder, the store and checks: "first-container/1". */
export function terminalName(lesson: string, number: string): string {
	return `${lesson}/${number}`;
}

/** The lesson's slug in a terminal's name; undefined when the name is not one of ours. */
export function lessonOfTerminal(name: string): string | undefined {
	return /^([a-z0-9-]+)\/[1-4]$/.exec(name)?.[1];
}
