import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fill, fillText } from '../shared/fill.ts';
import { notices } from '../shared/protocol/notices.ts';
import { refusals } from '../shared/protocol/refusals.ts';
import { verdictTexts } from '../shared/protocol/verdicts.ts';
import { attendeeEn } from './attendee-en.ts';
import { attendeeFr } from './attendee-fr.ts';
import { certificateEn } from './certificate-en.ts';
import { certificateFr } from './certificate-fr.ts';
import { clusterEn } from './cluster-en.ts';
import { clusterFr } from './cluster-fr.ts';
import { comparisonEn } from './comparison-en.ts';
import { comparisonFr } from './comparison-fr.ts';
import { editorEn } from './editor-en.ts';
import { type EditorStrings, editorFr } from './editor-fr.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';
import { previewEn } from './preview-en.ts';
import { previewFr } from './preview-fr.ts';
import { progressEn } from './progress-en.ts';
import { progressFr } from './progress-fr.ts';
import { roomStrings } from './room.ts';
import { searchStrings } from './search.ts';
import { signInEn } from './sign-in-en.ts';
import { signInFr } from './sign-in-fr.ts';

const editorOwn = ({ phrases, ...own }: EditorStrings): Record<string, string> => own;
const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

test('both languages have the same strings, none empty, with the same places to fill', () => {
	const pairs: Record<string, string>[][] = [
		[fr, en],
		[attendeeFr, attendeeEn],
		[roomStrings.fr, roomStrings.en],
		[progressFr, progressEn],
		[searchStrings.fr, searchStrings.en],
		[certificateFr, certificateEn],
		[comparisonFr, comparisonEn],
		[signInFr, signInEn],
		[editorOwn(editorFr), editorOwn(editorEn)],
		[previewFr, previewEn],
		[clusterFr, clusterEn],
		[editorFr.phrases, editorEn.phrases],
	];
	for (const [one = {}, other = {}] of pairs) {
		assert.deepEqual(Object.keys(other).sort(), Object.keys(one).sort());
		for (const [key, text] of Object.entries(one)) {
			assert.ok(text.trim() && other[key]?.trim(), key);
			assert.deepEqual(places(other[key] ?? ''), places(text), key);
		}
	}
});

test('what is counted has its words for one, which stand before those for many', () => {
	for (const strings of [roomStrings.fr, roomStrings.en]) {
		const entries = Object.entries(strings);
		const many = entries.flatMap(([key, text], at) => (/^many[A-Z]|[a-z]Many[A-Z]/.test(key) && text.includes('{n}') ? [at] : []));
		assert.ok(many.length > 8);
		for (const at of many) {
			const [key = '', text = '{n}'] = entries[at - 1] ?? [];
			assert.ok(/^one[A-Z]|[a-z]One[A-Z]/.test(key) && !text.includes('{n}'), entries[at]?.[0]);
		}
	}
	for (const { oneLesson, lessonsCount } of [fr, en]) assert.notEqual(oneLesson, fill(lessonsCount, { n: 1 }));
});

test('the sentences of the server stand in both languages, none empty, with the same places to fill', () => {
	const refused = Object.entries(refusals).map(([code, { text }]) => [code, text] as const);
	for (const [name, text] of [...refused, ...Object.entries(notices), ...Object.entries(verdictTexts)]) {
		assert.ok(text.fr.trim() && text.en.trim(), name);
		assert.deepEqual(places(text.en), places(text.fr), name);
	}
});

test('what is refused or told says what to do', () => {
	const refused = Object.entries(refusals).map(([code, { text }]) => [code, text] as const);
	// Before another sentence, and between two words.
	const { fellBack: _, and: __, ...verdicts } = verdictTexts;
	// In French that is an imperative.
	const asks = /(?<!\p{L})(?!(?:ass|av|aur|ch|dev|pouv|sav|voul)ez)\p{L}{2,}ez(?!\p{L})|(?<!\p{L})(?:dites|faites)(?!\p{L})/iu;
	for (const [name, text] of [...refused, ...Object.entries(notices), ...Object.entries(verdicts)]) assert.match(text.fr, asks, name);
	for (const informs of ['Vous avez perdu.', 'Rien n’est là, chez personne.', 'Vous pouvez le voir.']) assert.doesNotMatch(informs, asks);
});

test('places are filled, unknown ones stay visible', () => {
	assert.equal(fill('{n} of {count}', { n: 0, count: 3 }), '0 of 3');
	assert.equal(fill('{who}?', {}), '{who}?');
	assert.deepEqual(fillText({ fr: 'Étape {n}', en: 'Step {n}' }, { n: 2 }), { fr: 'Étape 2', en: 'Step 2' });
});
