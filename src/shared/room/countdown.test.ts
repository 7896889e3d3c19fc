/** Clocks as they are shown, and who is behind a gate. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { behindGate, countdown, gateNews } from './countdown.ts';

test('time that is left is shown in minutes and seconds, hours only when there are some, and never less than none', () => {
	assert.deepEqual([0, 1, 1000, 59_001, 600_000, 3_720_000, -5000].map(countdown), [
		'0:00',
		'0:01',
		'0:01',
		'1:00',
		'10:00',
		'1:02:00',
		'0:00',
	]);
});

test('a lesson is before, at or behind the gate by the order of the course; one that is not of the course is behind none', () => {
	const lessons = ['a', 'b', 'c'];
	assert.deepEqual(
		['a', 'b', 'c', 'other'].map((lesson) => behindGate(lessons, lesson, 'b')),
		['before', 'at', 'behind', 'before'],
	);
	assert.equal(behindGate(lessons, 'c', 'gone'), 'before');
});

test('those who listen hear that a gate is set, also again at the same step, and that it is lifted; each once', () => {
	const [pull, run] = ['pull', 'run'].map((step) => ({ lesson: 'first-container', step }));
	const told = [undefined, pull, { ...pull }, run, undefined, undefined, run];
	assert.deepEqual(
		told.slice(1).map((now, index) => gateNews(told[index] as typeof pull, now as typeof pull)),
		['set', undefined, 'set', 'lifted', undefined, 'set'],
	);
});
