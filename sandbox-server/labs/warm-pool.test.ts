import assert from 'node:assert/strict';
import { test } from 'node:test';
import { courseSchema } from '../../src/shared/course/course.ts';
import { poolSize } from './warm-pool.ts';

const title = { fr: 'a', en: 'a' };
const settings = courseSchema.parse({
	title,
	summary: title,
	authors: ['a'],
	pool: 2,
	warm: [
		{ from: '08:50', until: '09:30', ready: 40 },
		{ from: '22:00', until: '06:00', ready: 0 },
	],
});
const at = (hours: number, minutes = 0) => new Date(2026, 0, 31, hours, minutes).getTime();

test('by the hour, across midnight, and otherwise as the course says', () => {
	const times: [number, number, number][] = [
		[8, 49, 2],
		[8, 50, 40],
		[9, 29, 40],
		[9, 30, 2],
		[22, 0, 0],
		[3, 0, 0],
		[6, 0, 2],
	];
	for (const [hours, minutes, ready] of times)
		assert.equal(poolSize(settings, undefined, at(hours, minutes)), ready, `${hours}:${minutes}`);
});

test('the operator’s word goes before, while it holds', () => {
	const order = { ready: 7, from: at(9), until: at(10) };
	assert.deepEqual(
		[8, 9, 10].map((hour) => poolSize(settings, order, at(hour, 15))),
		[2, 7, 2],
	);
	assert.equal(poolSize(settings, { ...order, until: undefined }, at(23)), 7);
	assert.equal(poolSize({ ...settings, expected: 30 }, order, at(9, 15)), 7, 'before people who are expected, too');
});

test('for people who are expected, where more than otherwise', () => {
	const sizes = [8, 9].map((hour) => poolSize({ ...settings, expected: 30 }, undefined, at(hour)));
	assert.deepEqual(sizes, [30, 40]);
});

test('a time that is none is refused', () => {
	for (const from of ['8:50', '24:00', '08:60', '0850']) {
		assert.throws(
			() => courseSchema.parse({ title, summary: title, authors: ['a'], warm: [{ from, until: '09:00', ready: 1 }] }),
			/time of day/,
		);
	}
});
