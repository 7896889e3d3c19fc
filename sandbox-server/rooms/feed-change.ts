/** What is different between two states of a room. Pure. */
import type { BoardSections } from './board.ts';

const same = (a: unknown, b: unknown) => a === b || JSON.stringify(a) === JSON.stringify(b);

/** Of people and minute cards, those that stand differently, and who is gone; of the rest, whole sections. Empty when nothing has changed. */
export function changeBetween(before: BoardSections, now: BoardSections): Partial<BoardSections> & { gone?: string[] } {
	const people = changed(before.people, now.people);
	const cards = changed(before.cards, now.cards);
	const here = new Set(now.people.map(({ id }) => id));
	const gone = before.people.map(({ id }) => id).filter((id) => !here.has(id));
	const sections = (['room', 'counts', 'hands', 'sentences', 'commands', 'pace', 'wall'] as const).filter(
		(name) => !same(before[name], now[name]),
	);
	return {
		...(people.length > 0 && { people }),
		...(cards.length > 0 && { cards }),
		...(gone.length > 0 && { gone }),
		...Object.fromEntries(sections.map((name) => [name, now[name]])),
	};
}

/** Those that are new or stand differently, in their order. */
function changed<T extends { id: string }>(before: readonly T[], now: readonly T[]): T[] {
	const known = new Map(before.map((one) => [one.id, one]));
	return now.filter((one) => !same(known.get(one.id), one));
}
