/** What a class did, by person and step, for after it. */
import type { z } from 'zod';
import type { Language } from '../../src/shared/language.ts';
import { type StepMark, stepMarks } from '../../src/shared/protocol/room-feed.ts';
import type { resultsSchema } from '../../src/shared/protocol/rooms.ts';
import type { RoomWork } from '../store/room-work.ts';
import type { RoomRow, Rooms } from '../store/rooms.ts';
import type { Board } from './board.ts';
import { type Cell, csvText } from './csv.ts';

type Results = z.infer<typeof resultsSchema>;
type State = Results['people'][number]['steps'][number]['state'];

const states = Object.fromEntries(Object.entries(stepMarks).map(([state, mark]) => [mark, state])) as Record<StepMark, State>;

interface ResultDeps {
	store: { rooms: Rooms; roomWork: RoomWork };
	/** How the room stands. */
	board: Board;
}

/** In the order of names. Steps that were passed before the room, or outside of its time, have neither times nor tries. */
export function resultsOf(room: RoomRow, { store, board }: ResultDeps): Results {
	const { room: feedRoom, people } = board.sections();
	const rows = Map.groupBy(store.roomWork.steps(room.id), ({ learner }) => learner);
	const opened = Map.groupBy(store.roomWork.opened(room.id), ({ learner, lesson, step }) => `${learner} ${lesson}/${step}`);
	const members = new Map(board.whereabouts.map(({ name, learner }) => [name, learner]));
	const byName = [...people].sort((a, b) => a.name.localeCompare(b.name, 'fr', { numeric: true }));
	return {
		room: { id: room.id, title: room.title, course: room.course, starts: room.starts, ends: room.ends },
		people: byName.map(({ id, name, marks, seen }) => {
			const learner = members.get(id) ?? '';
			const joined = store.rooms.person(room.id, learner)?.joined ?? seen;
			const own = new Map(rows.get(learner)?.map((row) => [`${row.lesson}/${row.step}`, row]));
			// The time of a step runs from the one passed before it, whichever that was, or from joining.
			const passes = [joined, ...[...own.values()].flatMap(({ passed }) => passed ?? [])].sort((a, b) => a - b);
			const steps = feedRoom.steps.map(({ lesson, step }, index) => {
				const row = own.get(`${lesson}/${step}`);
				const passed = row?.passed;
				const help = (opened.get(`${learner} ${lesson}/${step}`) ?? []).filter(({ at }) => passed === undefined || at <= passed);
				const solution = help.some(({ what }) => what === 'solution');
				const before = passed === undefined ? undefined : passes.findLast((at) => at < passed);
				return {
					lesson,
					step,
					state: states[(marks[index] ?? stepMarks.todo) as StepMark],
					tries: row?.tries ?? 0,
					...(row && { begun: row.begun }),
					...(passed !== undefined && { passed }),
					...(passed !== undefined && before !== undefined && { ms: passed - before }),
					hints: help.length - Number(solution),
					solution,
				};
			});
			return { name, learner: id, joined, seen, steps };
		}),
	};
}

const words = {
	fr: {
		head: [
			'Nom',
			'Identifiant',
			'Entrée',
			'Dernier signe',
			'Leçon',
			'Étape',
			'État',
			'Premier essai',
			'Réussie',
			'Essais',
			'Durée (min)',
			'Indices',
			'Solution',
		],
		yes: 'oui',
		no: 'non',
		todo: 'à faire',
		passed: 'réussie',
		failed: 'pas encore',
		error: 'vérification en panne',
	},
	en: {
		head: [
			'Name',
			'Identifier',
			'Joined',
			'Last sign',
			'Lesson',
			'Step',
			'State',
			'First try',
			'Passed',
			'Tries',
			'Time (min)',
			'Hints',
			'Solution',
		],
		yes: 'yes',
		no: 'no',
		todo: 'to do',
		passed: 'passed',
		failed: 'not yet',
		error: 'check broken',
	},
} as const satisfies Record<Language, Record<State | 'yes' | 'no', string> & { head: readonly string[] }>;

/** Day and time on the server's machine, in a form that spreadsheets of every language take for one. */
const moment = (ms: number | undefined): Cell => (ms === undefined ? undefined : new Date(ms).toLocaleString('sv-SE'));

/** One line for each person and step. */
export function resultsCsv({ people }: Results, language: Language): string {
	const t = words[language];
	const lines = people.flatMap(({ name, learner, joined, seen, steps }) =>
		steps.map(({ lesson, step, state, begun, passed, tries, ms, hints, solution }) => [
			...[name, learner, moment(joined), moment(seen), lesson, step, t[state], moment(begun), moment(passed), tries],
			...[ms === undefined ? undefined : Math.round(ms / 6000) / 10, hints, solution ? t.yes : t.no],
		]),
	);
	return csvText([t.head, ...lines], language);
}
