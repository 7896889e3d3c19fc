/** Names that people choose: shown on the grid, in lists and in files for spreadsheets, so they have to be names and nothing else. */

/** Letters as a person counts them. */
const longest = 40;
/** Marks on one letter; more are a trick that draws over the lines above. */
const mostMarks = 2;

/**
 * A name as it is shown, or undefined when nothing of it can be: without control characters, marks of direction, invisible and private
 * characters, with single blanks, of at most 40 letters.
 */
export function readName(text: string): string | undefined {
	const shown = [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(plain(text))].slice(0, longest);
	const short = shown
		.map(({ segment }) => segment)
		.join('')
		.trim();
	return /[\p{L}\p{N}]/u.test(short) ? short : undefined;
}

/** Nothing of it would be left out for being too long. */
export function fits(text: string): boolean {
	return [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(plain(text))].length <= longest;
}

/** Text as one line that says what it shows: no control characters, marks of direction, or invisible and private characters; single blanks. */
export function plain(text: string): string {
	return text
		.slice(0, 1000)
		.normalize('NFC')
		.replace(/\s+/gu, ' ')
		.replace(/[\p{C}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]/gu, '')
		.replace(new RegExp(`(\\p{M}{${mostMarks}})\\p{M}+`, 'gu'), '$1')
		.trim();
}

/** Two names with the same key are one to a person who calls them out: capitals, accents and blanks do not matter. */
export function nameKey(name: string): string {
	return name
		.normalize('NFKD')
		.replace(/[\p{M}\s'’.-]/gu, '')
		.toLocaleLowerCase('fr');
}
