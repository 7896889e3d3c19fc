/** Codes that people type, from a wall or from paper. */
import { randomInt } from 'node:crypto';

/** Nobody takes one of these for another, read from the back of a hall or dictated: no 0 O Q, 1 I L, 2 Z, 5 S, 8 B, U V, M N. */
const letters = 'ACDEFGHJKPRTWXY34679';

/** So many letters, each of 20 by chance: 4.3 bits each. */
export function randomCode(length: number): string {
	return Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
}

/** What somebody typed → a code of that length as it is stored, or undefined when it cannot be one. Blanks, hyphens and small letters do not matter. */
export function readCodeOf(length: number, text: string): string | undefined {
	const code = text.slice(0, 200).replace(/[\s-]/g, '').toUpperCase();
	return code.length === length && [...code].every((letter) => letters.includes(letter)) ? code : undefined;
}
