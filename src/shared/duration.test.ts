import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationText, estimateText } from './duration.ts';

test('a time worked reads as people write it, and never breaks between a number and its unit', () => {
	const minute = 60_000;
	const texts = [0, 1, 29_999, 90_000, 59.4 * minute, 59.6 * minute, 65 * minute, 600 * minute].map(durationText);
	assert.deepEqual(
		texts.map((text) => text.replaceAll('\u00a0', '~')),
		['0~min', '1~min', '1~min', '2~min', '59~min', '1~h~00~min', '1~h~05~min', '10~h~00~min'],
	);
	assert.ok(texts.every((text) => !text.includes(' ')));
});

test('an estimate is no closer than ten minutes', () => {
	const said = [5, 59, 60, 63, 188, 499, 475].map((minutes) => estimateText(minutes).replaceAll('\u00a0', ' '));
	assert.deepEqual(said, ['5 min', '59 min', '1 h', '1 h', '3 h 10 min', '8 h 20 min', '8 h']);
});
