/** The quizzes of a lesson's texts, as the server has to know them: which choices are right, and in which step they stand. */
import type { ConditionOf } from '../shared/course/conditions.ts';
import type { LessonQuiz, QuizQuestion } from '../shared/course/course.ts';
import { fillText } from '../shared/fill.ts';
import { inEvery, languages } from '../shared/language.ts';
import { nearest } from '../shared/nearest.ts';
import { verdictTexts } from '../shared/protocol/verdicts.ts';
import type { ProseLine } from './lesson-lines.ts';

export interface QuizText {
	/** Its `id`; without one its number in the lesson, as a text. */
	id: string;
	/** It has an id of its own. */
	named: boolean;
	line: number;
	step: string | undefined;
	choices: number;
	/** Numbers of the right choices, from 0, in order. */
	correct: number[];
}

/** @param prose of one language's text */
export function readQuizzes(prose: readonly ProseLine[]): QuizText[] {
	const quizzes: QuizText[] = [];
	let step: string | undefined;
	let quiz: QuizText | undefined;
	for (const { text, number } of prose) {
		for (const [, closing, name, attributes = ''] of text.matchAll(/<(\/?)(Step|Quiz|Choice)\b([^>]*)>/g)) {
			const id = /\bid="([^"]*)"/.exec(attributes)?.[1];
			if (name === 'Step') step = closing ? undefined : id;
			else if (name === 'Quiz' && closing) quiz = undefined;
			else if (name === 'Quiz') {
				quiz = { id: id ?? String(quizzes.length + 1), named: id !== undefined, line: number, step, choices: 0, correct: [] };
				quizzes.push(quiz);
			} else if (name === 'Choice' && !closing && quiz) {
				if (/(?:^|\s)correct(?:\s|=\{true\}|\/|$)/.test(attributes)) quiz.correct.push(quiz.choices);
				quiz.choices++;
			}
		}
	}
	return quizzes;
}

/** Both languages' quizzes as one list; those that stand in one language only are left out: `missingQuiz` tells of them when they matter. */
export function joinQuizzes(texts: Record<(typeof languages)[number], readonly QuizText[]>): LessonQuiz[] {
	return texts.fr.flatMap(({ id, step, choices, correct }) => {
		const other = texts.en.find((quiz) => quiz.id === id);
		if (!other || other.step !== step) return [];
		return [{ id, step, choices: { fr: choices, en: other.choices }, correct: { fr: correct, en: other.correct } }];
	});
}

/** Faults of quizzes by themselves, for the line on which each stands. */
export function quizFaults(quizzes: readonly QuizText[]): { line: number; what: string; remedy: string }[] {
	const seen = new Set<string>();
	return quizzes.flatMap(({ id, named, line }) => {
		const twice = seen.has(id);
		seen.add(id);
		if (twice) return [{ line, what: `The quiz "${id}" stands here twice.`, remedy: 'Give each an id of its own.' }];
		if (named && (id === 'all' || !/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id))) {
			return [
				{
					line,
					what: `"${id}" is not a name for a quiz.`,
					remedy: 'Use small letters, digits and hyphens, beginning with a letter; not "all".',
				},
			];
		}
		return [];
	});
}

export type Asked = { questions: QuizQuestion[] } | { what: string; remedy: string };

/** Which questions a condition asks for. @param step in whose check it stands */
export function askedFor({ quiz, fail, hint }: ConditionOf<'quiz'>, step: string, quizzes: readonly LessonQuiz[]): Asked {
	const here = quizzes.filter((one) => one.step === step).map(({ id }) => id);
	if (quiz.includes('all') && here.length === 0) {
		const what = `\`quiz: all\` asks for the quizzes of the step "${step}", and no quiz stands in it, in both languages.`;
		return { what, remedy: 'Put <Quiz …> before its </Step>, in fr.mdx and in en.mdx, or name one by its id.' };
	}
	const ids = quiz.includes('all') ? here : quiz;
	const known = quizzes.map(({ id }) => id);
	const unknown = ids.find((id) => !known.includes(id));
	if (unknown !== undefined) {
		const meant = nearest(unknown, known);
		const what = `There is no quiz "${unknown}" in both languages of this lesson, in the same step.`;
		return { what, remedy: meant ? `Write \`${meant}\`.` : `Write <Quiz id="${unknown}" question="…"> in fr.mdx and in en.mdx.` };
	}
	const endless = quizzes.find((one) => ids.includes(one.id) && languages.some((language) => one.correct[language].length === 0));
	if (endless) {
		return { what: `No choice of the quiz "${endless.id}" is right, in one language at least.`, remedy: 'Write <Choice correct> for it.' };
	}
	const questions = ids.map((id) => ({
		id,
		fail: fail ? inEvery(fail) : sentence(here.indexOf(id), here.length),
		...(hint !== undefined && { hint }),
	}));
	return { questions };
}

/** @param at its place among the step's own quizzes, from 0; -1: it stands elsewhere */
function sentence(at: number, of: number): QuizQuestion['fail'] {
	if (at < 0) return verdictTexts.quizElsewhere;
	if (of === 1) return verdictTexts.quizHere;
	return fillText(verdictTexts.quizAmong, { n: at + 1, count: of });
}
