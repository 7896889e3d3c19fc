/** Cells as people read them, in either language: the command's tables and the page say the same. */
import { fill } from '../fill.ts';
import type { Language } from '../language.ts';
import type { Absence, Cell, Comparison, Figure } from './comparison.ts';
import { answerWords, hows, notes, type RowId, reasons, rowWords, type SectionName, sections, stoppers } from './words.ts';

/** Places of sentences that are the same in the whole comparison. */
export type Places = Record<string, string | number>;

/** How much of each was done, for the sentences about it. */
export function placesOf({ scale }: Pick<Comparison, 'scale'>): Places {
	return { ...scale, n: scale.atOnce, calls: 2 * scale.bytes, user: 'nobody (65534)' };
}

/** Three digits that count: "12.3", in French "12,3". */
export function number(value: number, language: Language): string {
	const digits = value === 0 || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
	return new Intl.NumberFormat(language === 'fr' ? 'fr' : 'en', {
		minimumFractionDigits: digits,
		maximumFractionDigits: digits,
		useGrouping: true,
	}).format(value);
}

const units = { ms: { fr: 'ms', en: 'ms' }, s: { fr: 's', en: 's' }, MiB: { fr: 'Mio', en: 'MiB' } } as const;

export function unitOf({ unit }: Pick<Figure, 'unit'>, language: Language): string {
	return units[unit][language];
}

/** "112 ms", with a no-break space. */
export function figureText(cell: Figure, language: Language): string {
	return `${number(cell.value, language)}\u00a0${unitOf(cell, language)}`;
}

/** "98 – 130"; '' for one sample. */
export function spreadText(cell: Figure, language: Language): string {
	return cell.low === cell.high ? '' : `${number(cell.low, language)}\u00a0–\u00a0${number(cell.high, language)}`;
}

/** Why there is nothing. */
export function absenceText({ reason, values }: Absence, language: Language): string {
	return fill(reasons[reason][language], values);
}

/** "possible", "stopped: seccomp", "yes". */
export function answerText(cell: Extract<Cell, { kind: 'answer' }>, language: Language): string {
	const word = answerWords[cell.answer][language];
	const by = cell.by.map((one) => stoppers[one][language]).join(', ');
	return by === '' ? word : `${word}${language === 'fr' ? '\u00a0:' : ':'} ${by}`;
}

export const noteText = (key: keyof typeof notes, language: Language): string => notes[key][language];
export const howText = (key: keyof typeof hows, places: Places, language: Language): string => fill(hows[key][language], places);
export const rowTitle = (id: RowId, places: Places, language: Language): string => fill(rowWords[id].title[language], places);
export const sectionTitle = (name: SectionName, language: Language): string => sections[name][language];

export const sectionNames = Object.keys(sections) as SectionName[];

/** Rows of a section, in their order. */
export function rowsOf(comparison: Comparison, section: SectionName): Comparison['rows'] {
	return comparison.rows.filter(({ id }) => rowWords[id].section === section);
}

/** Those that started at least once, in their order. */
export function ran({ contenders }: Pick<Comparison, 'contenders'>): Comparison['contenders'] {
	return contenders.filter(({ absence }) => absence === undefined);
}

/** Ways of measuring that occur in the rows, each once. */
export function howsIn(rows: Comparison['rows']): (keyof typeof hows)[] {
	return [...new Set(rows.flatMap(({ cells }) => Object.values(cells).flatMap((cell) => (cell.kind === 'none' ? [] : [cell.how]))))];
}
