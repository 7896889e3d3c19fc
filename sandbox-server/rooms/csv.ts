/** Tables for spreadsheets. Pure. */
import type { Language } from '../../src/shared/language.ts';

export type Cell = string | number | undefined;

/** As spreadsheets of that language expect it when a file is opened by a double click. */
const forms: Record<Language, { separator: string; decimal: string }> = {
	fr: { separator: ';', decimal: ',' },
	en: { separator: ',', decimal: '.' },
};

/** What spreadsheets take for the beginning of a formula; the wide forms too. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/u;

/** Rows → the text of a file, with the mark by which spreadsheets know UTF-8. No text is taken for a formula, whatever it begins with. */
export function csvText(rows: readonly (readonly Cell[])[], language: Language): string {
	const { separator, decimal } = forms[language];
	const cell = (value: Cell): string => {
		if (value === undefined) return '';
		if (typeof value === 'number') return String(value).replace('.', decimal);
		const text = formula.test(value) ? `'${value}` : value;
		return /["\r\n;,\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
	};
	return `\ufeff${rows.map((row) => `${row.map(cell).join(separator)}\r\n`).join('')}`;
}
