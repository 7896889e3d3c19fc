/** Which lessons are played, in which languages and ways; and all of them, some at a time. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PlayBlock, playBlocksOf } from '../../../src/courses/lesson-blocks.ts';
import { readLessonText } from '../../../src/courses/lesson-text.ts';
import type { Course, Lesson } from '../../../src/shared/course/course.ts';
import { splitCommands } from '../../../src/shared/course/split-commands.ts';
import type { Language } from '../../../src/shared/language.ts';
import { nearest } from '../../../src/shared/nearest.ts';
import { parametersOf } from '../../sandboxes/learner-values.ts';
import { type ProveRequest, proveLessons, type StepProof, type Way } from './prove.ts';

export interface Play {
	course: Course;
	lesson: Lesson;
	language: Language;
	way: Way;
	thorough: boolean;
	blocks: ReadonlyMap<string, readonly PlayBlock[]>;
	hints: ReadonlyMap<string, number>;
}

/** A course or lesson that does not exist; the message names what was probably meant. */
export class NoSuchLesson extends Error {
	override readonly name = 'NoSuchLesson';
}

/**
 * @param word "course", "course/lesson" (with or without the lesson's number), or undefined for everything
 * @throws NoSuchLesson
 */
export function selectLessons(courses: readonly Course[], word: string | undefined): { course: Course; lesson: Lesson }[] {
	if (word === undefined) return courses.flatMap((course) => course.lessons.map((lesson) => ({ course, lesson })));
	const [courseName = '', lessonName, ...rest] = word
		.replace(/^(?:\.\/)?(?:courses\/)?/, '')
		.replace(/\/$/, '')
		.split('/');
	const course = courses.find(({ slug }) => slug === courseName);
	if (!course) {
		const known = courses.map(({ slug }) => slug);
		throw new NoSuchLesson(`There is no course "${courseName}". ${suggestion(courseName, known)}`);
	}
	if (lessonName === undefined) return course.lessons.map((lesson) => ({ course, lesson }));
	const lesson = course.lessons.find(({ slug, folder }) => slug === lessonName || folder === lessonName);
	if (!lesson || rest.length > 0) {
		const known = course.lessons.map(({ slug }) => `${course.slug}/${slug}`);
		const what = [lessonName, ...rest].join('/');
		throw new NoSuchLesson(`The course "${course.slug}" has no lesson "${what}". ${suggestion(`${course.slug}/${what}`, known)}`);
	}
	return [{ course, lesson }];
}

function suggestion(word: string, known: readonly string[]): string {
	const meant = nearest(word, known) ?? known.find((name) => name.includes(word));
	return meant ? `Did you mean "${meant}"?` : `There are: ${known.join(', ')}.`;
}

/**
 * Every lesson by its solutions and by its run blocks, in each language. Blocks that are the same commands as in a language before are
 * not played again: only the sentences of the checks differ, and those are seen by the play of the solutions. Of a course of which several
 * lessons are played, the solutions in the last language are played in order, by one learner: what a lesson needs when it comes alone is seen in the
 * first.
 */
export function plan(lessons: readonly { course: Course; lesson: Lesson }[], languages: readonly Language[]): Play[] {
	const apart = lessons.flatMap(({ course, lesson }) => {
		const seen = new Set<string>();
		const spoken = languages.filter((language) => course.settings.languages.includes(language));
		return (spoken.length > 0 ? spoken : course.settings.languages).flatMap((language, index): Play[] => {
			const folder = join(course.path, lesson.folder);
			const text = readFileSync(join(folder, `${language}.mdx`), 'utf8');
			const blocks = playBlocksOf(text, folder, language);
			const hints = new Map(readLessonText('', text).steps.map((step) => [step.id, step.hints]));
			const shared = { course, lesson, language, blocks, hints };
			const commands = JSON.stringify([...blocks].map(([id, list]) => [id, list.flatMap(done)]));
			const plays: Play[] = [{ ...shared, way: 'solution', thorough: index === 0 }];
			if (blocks.size > 0 && !seen.has(commands)) plays.push({ ...shared, way: 'blocks', thorough: false });
			// Another learner, whose values are others: what works with some must work with all.
			const alone = index === languages.length - 1 && languages.length === 1;
			if (alone && Object.keys(parametersOf(course, lesson)).length > 0) plays.push({ ...shared, way: 'solution', thorough: false });
			seen.add(commands);
			return plays;
		});
	});
	return [...new Set(lessons.map(({ course }) => course))].flatMap((course) => inOrder(apart.filter((play) => play.course === course)));
}

/** @param plays of one course @returns them, solutions in the last language in order: where there is more than one lesson */
function inOrder(plays: readonly Play[]): Play[] {
	const last = plays.findLast(({ way }) => way === 'solution')?.language;
	const inLast = (play: Play) => play.way === 'solution' && play.language === last;
	const lessons = new Map(plays.filter(inLast).map((play) => [play.lesson, play]));
	if (lessons.size < 2) return [...plays];
	const ordered = [...lessons.values()].map((play): Play => ({ ...play, way: 'in order', thorough: false }));
	return [...plays.filter((play) => play.thorough || !inLast(play)), ...ordered];
}

/** What one learner plays in one sandbox, what takes longest first. */
function sittings(plays: readonly Play[]): Play[][] {
	const courses = Map.groupBy(
		plays.filter(({ way }) => way === 'in order'),
		({ course }) => course,
	);
	return [...courses.values(), ...plays.filter(({ way }) => way !== 'in order').map((play) => [play])];
}

/** What a block does, told apart from what is only written otherwise: its comments, or where it stands. */
function done({ intent, text }: PlayBlock): unknown[] {
	return [intent, intent.kind === 'run' ? splitCommands(text) : text];
}

export interface PlaysRequest extends Pick<ProveRequest, 'address' | 'cookie' | 'commandMs' | 'broken' | 'inspect' | 'onProof'> {
	plays: readonly Play[];
	/** How many at a time. */
	parallel: number;
	/** A play is over; of lessons in order only all of them are: `play` is the first. */
	onPlay?: (play: Play, proofs: StepProof[], ms: number) => void;
	signal?: AbortSignal | undefined;
}

/** @returns the proofs of all plays, those of lessons in order first, the rest in the order of `plays` @throws the signal's reason */
export async function provePlays({ plays, parallel, signal, onPlay, ...shared }: PlaysRequest): Promise<StepProof[]> {
	const all = sittings(plays);
	const proofs: StepProof[][] = all.map(() => []);
	const waiting = [...all.entries()];
	const work = async (): Promise<void> => {
		for (let next = waiting.shift(); next; next = waiting.shift()) {
			signal?.throwIfAborted();
			const [index, sitting] = next;
			const begun = performance.now();
			const found = await proveLessons(sitting.map((play) => ({ ...shared, ...play, signal })));
			// What an interruption has cut off says nothing.
			signal?.throwIfAborted();
			proofs[index] = found;
			if (sitting[0]) onPlay?.(sitting[0], found, performance.now() - begun);
		}
	};
	await Promise.all(Array.from({ length: Math.max(1, parallel) }, work));
	signal?.throwIfAborted();
	return proofs.flat();
}
