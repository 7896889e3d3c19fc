/** What people type to get into a room, and back into it. */
import { createHmac, randomInt } from 'node:crypto';
import { randomCode, readCodeOf } from '../platform/codes.ts';
import { easyWords } from './easy-words.ts';

const codeLength = 6;
/** Words of a personal word: 32 bits, with few tries (auth/guesses.ts). */
const wordCount = 4;

/** A room's code, "C7KR4W". */
export function newCode(): string {
	return randomCode(codeLength);
}

/** What somebody typed → a code as it is stored, or undefined when it cannot be one. Blanks, hyphens and small letters do not matter. */
export function readCode(text: string): string | undefined {
	return readCodeOf(codeLength, text);
}

/** A personal word, "loutre-tambour-citron-vague". */
export function newWord(): string {
	return Array.from({ length: wordCount }, () => easyWords[randomInt(easyWords.length)]).join('-');
}

/** How a word's entry in the store begins; those of earlier versions do not. */
const seal = 'k1.';

/**
 * A personal word's digest → what the store has of it: made with the server's own key, since whoever reads the store alone could try all words
 * against a plain digest in minutes. Idempotent, so that entries of earlier versions, plain digests, can be sealed where they stand.
 */
export function sealed(digest: string, key: Uint8Array): string {
	return digest.startsWith(seal) ? digest : `${seal}${createHmac('sha256', key).update(`personal word ${digest}`).digest('base64url')}`;
}

/** What somebody typed → a personal word as it was given. Capitals, accents and what stands between the words do not matter. */
export function readWord(text: string): string {
	return text
		.slice(0, 200)
		.normalize('NFD')
		.replace(/\p{M}/gu, '')
		.toLowerCase()
		.split(/[^a-z]+/)
		.filter((word) => word !== '')
		.join('-');
}
