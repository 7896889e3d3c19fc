/** Sentences of checks, in which code stands between backticks. */
import type { Language } from '../shared/language.ts';
import { sentenceParts, wholeParts } from '../shared/typography.ts';
import { make } from './dom.ts';

/** For the eye: code as code. */
export const sentenceNodes = (sentence: string, language: Language): (Node | string)[] =>
	sentenceParts(sentence, language).map(({ text, code }) => (code ? codeNode(text) : text));

/** As in the lessons' text (plugins/lesson-markdown.ts). */
function codeNode(code: string): HTMLElement {
	const parts = wholeParts(code);
	if (parts.every(({ whole }) => whole)) return make('code', { class: 'whole' }, code);
	return make('code', {}, ...parts.map(({ text, whole }) => (whole ? make('span', { class: 'whole' }, text) : text)));
}

/** To be heard, and where there is room for plain text only. */
export const sentenceText = (sentence: string, language: Language): string =>
	sentenceParts(sentence, language)
		.map(({ text }) => text)
		.join('');
