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

/** A sentence in which code stands between backticks → its parts, printed; what stands in code is left as it is. */
export function sentenceParts(sentence: string, language: Language): { text: string; code: boolean }[] {
	const parts = sentence.split(/`([^`]+)`/).map((text, index) => ({ text, code: index % 2 === 1 }));
	// An apostrophe at the border of code has its letter on the other side.
	const printed = parts.map(({ text, code }, index) => {
		if (code) return { text, code };
		const before = index > 0 ? 'x' : '';
		const after = index < parts.length - 1 ? 'x' : '';
		const whole = typographic(`${before}${text}${after}`, language);
		return { text: whole.slice(before.length, whole.length - after.length), code };
	});
	return printed.filter(({ text }) => text !== '');
}

/** Longer than this, a telephone has no room for it in one line. */
const wholeLength = 24;
const isWhole = (code: string) => code.length <= wholeLength && /-[^\s-]/.test(code);

export interface CodePart {
	text: string;
	/** It has to stay in one line. */
	whole: boolean;
}

/** Browsers break a line behind each hyphen, and an option of a command would lose its letters. @returns the parts of a code */
export const wholeParts = (code: string): CodePart[] => (isWhole(code) ? [{ text: code, whole: true }] : optionParts(code));

/** … of which only the options, each for itself, are to be kept whole: of a code that goes on with something else. */
export function optionParts(code: string): CodePart[] {
	const parts: CodePart[] = [];
	for (const text of code.split(/(\s+)/)) {
		const last = parts.at(-1);
		if (!isWhole(text) && last?.whole === false) last.text += text;
		else if (text !== '') parts.push({ text, whole: isWhole(text) });
	}
	return parts;
}
