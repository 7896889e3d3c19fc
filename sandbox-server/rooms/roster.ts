/** A list of names, as trainers have it: from a spreadsheet, an e-mail, another platform. */
import { nameKey, readName } from '../platform/names.ts';

/** People in one list. */
export const mostNames = 500;

export interface Roster {
	/** In the order of the list. */
	names: string[];
	/** What was not understood, line by line. */
	problems: { line: number; fault: 'no-name' | 'twice' | 'too-many' }[];
}

/**
 * One person a line; cells that a semicolon, a tab or a comma separates are put together ("Curie;Marie" → "Curie Marie"). Empty lines are
 * passed over, and so is a cell with an e-mail address.
 */
export function readRoster(text: string): Roster {
	const roster: Roster = { names: [], problems: [] };
	const known = new Set<string>();
	for (const [index, line] of text
		.replace(/^\ufeff/, '')
		.split(/\r\n?|\n/)
		.entries()) {
		if (line.trim() === '') continue;
		const cells = line.split(/[;\t,]/).map((cell) => cell.replaceAll('"', '').trim());
		const name = readName(cells.filter((cell) => cell !== '' && !cell.includes('@')).join(' '));
		const fault =
			name === undefined ? 'no-name' : known.has(nameKey(name)) ? 'twice' : roster.names.length >= mostNames ? 'too-many' : undefined;
		if (fault !== undefined || name === undefined) {
			roster.problems.push({ line: index + 1, fault: fault ?? 'no-name' });
			continue;
		}
		known.add(nameKey(name));
		roster.names.push(name);
	}
	return roster;
}
