/** The difference between two texts, to be read. */
import { structuredPatch } from 'diff';
import type { Strings } from '../../i18n/fr.ts';
import { make } from '../dom.ts';

/** Lines that are shown around a change. */
const context = 3;
/** A difference that takes longer to find is not shown, in ms. */
const patience = 500;
/** Nobody reads more, and a page with a hundred thousand lines stands still. */
const mostLines = 2000;

/** Old against new, line by line, with the signs that tell without colour. */
export function difference(old: string, text: string, t: Strings): HTMLElement {
	const patch = structuredPatch('', '', old, text, '', '', { context, timeout: patience });
	const lines = patch?.hunks.flatMap(({ lines: hunk }, index) => [...(index > 0 ? ['…'] : []), ...hunk]);
	const tags = { '+': 'ins', '-': 'del' } as const;
	const shown =
		lines?.filter((line) => !line.startsWith('\\')) ??
		text
			.replace(/\n$/, '')
			.split('\n')
			.map((line) => `+${line}`);
	// No <pre>: inside of a code block it would be drawn as the block's own.
	const shownLines = make('div', { class: 'file-diff', tabindex: '0', role: 'group', 'aria-label': lines ? t.diff : t.diffLong });
	for (const line of shown.length > mostLines ? [...shown.slice(0, mostLines), '…'] : shown) {
		const sign = line[0] ?? ' ';
		const rest = line.slice(1);
		const tag = sign === '+' || sign === '-' ? tags[sign] : 'span';
		shownLines.append(make(tag, {}, sign === '…' ? '…' : `${sign === '-' ? '−' : sign} ${rest}`));
	}
	return shownLines;
}
