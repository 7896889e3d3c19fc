/** How each step went for the class, for its author: where people failed, how long it took, what they read most. Nobody is named. */
import type { z } from 'zod';
import type { Language } from '../../src/shared/language.ts';
import type { resultsSchema, stepFiguresSchema } from '../../src/shared/protocol/rooms.ts';
import type { RoomSentenceRow } from '../store/room-work.ts';
import { csvText } from './csv.ts';
import { groupSentences } from './grouping.ts';

type Results = z.infer<typeof resultsSchema>;
type StepFigures = z.infer<typeof stepFiguresSchema>;

/** The middle one, the lower of two; undefined of none. */
function middle(values: readonly number[]): number | undefined {
	return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

/** @param sentences of the room, as checks said them to its people */
export function stepFiguresOf({ room, people }: Results, sentences: readonly RoomSentenceRow[]): StepFigures {
	const first = people[0]?.steps ?? [];
	const steps = first.map(({ lesson, step }, index) => {
		const all = people.flatMap((person) => person.steps[index] ?? []);
		const tried = all.filter(({ begun }) => begun !== undefined);
		const passed = tried.filter((one) => one.passed !== undefined);
		const ms = middle(passed.flatMap((one) => one.ms ?? []));
		const [most] = groupSentences(sentences.filter((one) => one.lesson === lesson && one.step === step));
		return {
			lesson,
			step,
			tried: tried.length,
			passed: passed.length,
			failed: tried.filter(({ tries }) => tries > 0).length,
			tries: middle(tried.map(({ tries }) => tries)) ?? 0,
			...(ms !== undefined && { ms }),
			hints: all.filter(({ hints }) => hints > 0).length,
			solutions: all.filter(({ solution }) => solution).length,
			...(most && { sentence: { text: most.text, people: most.people, times: most.times } }),
		};
	});
	return { room: { id: room.id, title: room.title, course: room.course }, people: people.length, steps };
}

const heads = {
	fr: [
		...[
			'Leçon',
			'Étape',
			'Ont essayé',
			'Ont réussi',
			'Ont lu « pas encore »',
			'Essais (médiane)',
			'Durée (min, médiane)',
			'Ont ouvert un indice',
		],
		...['Ont ouvert la solution', 'Phrase la plus lue', 'Par'],
	],
	en: [
		...['Lesson', 'Step', 'Tried', 'Passed', 'Read “not yet”', 'Tries (median)', 'Time (min, median)', 'Opened a hint'],
		...['Opened the solution', 'Sentence read most', 'By'],
	],
} as const;

/** One line for each step. */
export function stepFiguresCsv({ steps }: StepFigures, language: Language): string {
	const lines = steps.map(({ lesson, step, tried, passed, failed, tries, ms, hints, solutions, sentence }) => [
		...[lesson, step, tried, passed, failed, tries, ms === undefined ? undefined : Math.round(ms / 6000) / 10],
		...[hints, solutions, sentence?.text[language], sentence?.people],
	]);
	return csvText([heads[language], ...lines], language);
}
