import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerText, figureText, number } from './read.ts';
import { answerWords, hows, notes, reasons, rowWords, sections, stoppers } from './words.ts';

const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

test('both languages say the same: none is empty, and the same places are filled', () => {
	const titles = Object.fromEntries(Object.entries(rowWords).map(([id, { title }]) => [id, title]));
	for (const table of [sections, titles, hows, reasons, answerWords, stoppers, notes])
		for (const [key, { fr, en }] of Object.entries(table)) {
			assert.ok(fr.trim() !== '' && en.trim() !== '', key);
			assert.deepEqual(places(fr), places(en), key);
		}
});

test('numbers are written as each language has them', () => {
	assert.equal(number(12.34, 'fr'), '12,3');
	assert.equal(number(1.5, 'en'), '1.50');
	assert.equal(number(0, 'en'), '0');
	assert.equal(
		figureText({ kind: 'figure', value: 3, low: 3, high: 3, unit: 'MiB', samples: 1, ratios: {}, how: 'memory' }, 'fr'),
		'3,00\u00a0Mio',
	);
	assert.equal(answerText({ kind: 'answer', answer: 'stopped', by: ['seccomp'], how: 'probe' }, 'fr'), 'empêché\u00a0: seccomp');
});
