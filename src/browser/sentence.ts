/** Sentences of checks, in which code stands between backticks. */
import type { Language } from '../shared/language.ts';
import { sentenceParts } from '../shared/typography.ts';
import { make } from './dom.ts';

/** For the eye: code as code. */
export const sentenceNodes = (sentence: string, language: Language): (Node | string)[] =>
	sentenceParts(sentence, language).map(({ text, code }) => (code ? make('code', {}, text) : text));

/** To be heard, and where there is room for plain text only. */
export const sentenceText = (sentence: string, language: Language): string =>
	sentenceParts(sentence, language)
		.map(({ text }) => text)
		.join('');
