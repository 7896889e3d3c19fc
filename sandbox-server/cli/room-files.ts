/** `etabli room results`: what a class did, as the files that a trainer's page gives. */
import { loadCourses } from '../../src/courses/load.ts';
import type { Language } from '../../src/shared/language.ts';
import { Board } from '../rooms/board.ts';
import { Cards, cardsCsv } from '../rooms/cards.ts';
import { Hands } from '../rooms/hands.ts';
import { Paces } from '../rooms/paces.ts';
import { resultsCsv, resultsOf } from '../rooms/results.ts';
import { stepFiguresCsv, stepFiguresOf } from '../rooms/step-figures.ts';
import { statementsText } from '../rooms/xapi.ts';
import type { RoomRow } from '../store/rooms.ts';
import type { SqliteStore } from '../store/sqlite-store.ts';

export const fileKinds = ['csv', 'json', 'xapi', 'steps', 'cards'] as const;
export type FileKind = (typeof fileKinds)[number];

interface Wanted {
	kind: FileKind;
	language: Language;
	/** Folders of courses. */
	courses: readonly string[];
	/** Where people reach the server. */
	origin: string;
}

/** The text of the file. */
export function roomFile(store: SqliteStore, room: RoomRow, { kind, language, courses: folders, origin }: Wanted): string {
	const now = () => Date.now();
	const { courses } = loadCourses(folders);
	const cards = new Cards({ store, now });
	if (kind === 'cards') return cardsCsv(cards.of(room), language);
	const hands = new Hands({ store, courses, steps: { reports: () => [] }, now });
	const labs = { glance: () => ({ state: 'none' as const, pages: 0 }) };
	const board = new Board({ store, courses, labs, hands, paces: new Paces({ store, courses, now }), cards }, room);
	const results = resultsOf(room, { store, board });
	if (kind === 'csv') return resultsCsv(results, language);
	if (kind === 'steps') return stepFiguresCsv(stepFiguresOf(results, store.roomWork.sentences(room.id)), language);
	const course = courses.find(({ slug }) => slug === room.course);
	if (kind === 'xapi') return [...statementsText(results, { origin, course })].join('');
	return `${JSON.stringify(results, null, '\t')}\n`;
}
