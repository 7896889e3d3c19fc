/** Typography of sentences: as an author types them on a keyboard → as they are printed. */
import type { Language } from './language.ts';

const wide = '\u00a0';
const narrow = '\u202f';

/**
 * A line of prose, outside of code → the same with spaces that do not break: French puts one before : ; ? ! and inside « », and in a
 * browser a lone mark would begin the next line.
 */
export function frenchSpaces(text: string): string {
	return text
		.replace(/« /g, `«${wide}`)
		.replace(/ »/g, `${wide}»`)
		.replace(/ ([;?!])(?=[\s*_)\]"<»]|$)/g, `${narrow}$1`)
		.replace(/ :(?=[\s*_)\]"<]|$)/g, `${wide}:`);
}

/** A title or message, which is no Markdown → with typographic apostrophes, and in French with its spaces. */
export function typographic(text: string, language: Language): string {
	const printed = text.replace(/(?<=\p{L})'(?=\p{L})/gu, '’');
	return language === 'fr' ? frenchSpaces(printed) : printed;
}
