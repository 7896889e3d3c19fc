/** One question of a condition, and the words for its answer. */

/** What the sandbox itself says: a command whose output stands in the sentence. */
export interface Said {
	shell: string;
}
export type Sentence = (string | Said)[];

/** One question: a command of the shell, and the sentences for "no". */
export interface Trial {
	test: string;
	fr: Sentence;
	en: Sentence;
}

/** Longer texts are described, not shown. */
const shownLength = 60;

export const trial = (test: string, fr: Sentence, en: Sentence): Trial => ({ test, fr, en });

export const shown = (text: string) => (text.length > 0 && text.length <= shownLength && !text.includes('\n') ? text : undefined);

/** The text that a regular expression looks for, when it is nothing but a text; undefined: it is to be described. */
export function plain(regex: string): string | undefined {
	const inner = regex.replace(/^\^/, '').replace(/(?<!\\)\$$/, '');
	if (/(?<!\\)[*+?[\](){}|^$]|\\[^.*+?[\](){}|^$\\/-]|(?<!\\)\./.test(inner.replaceAll('\\\\', ''))) return undefined;
	return shown(inner.replace(/\\(.)/g, '$1'));
}
