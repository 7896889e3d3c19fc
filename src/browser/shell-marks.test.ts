import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShellMarks } from './shell-marks.ts';

test('a prompt is told once after each command, however often it is drawn', () => {
	const marks = new ShellMarks();
	assert.deepEqual(
		['D;0', 'A', 'B', 'B', 'C', 'D;1', 'A', 'B', 'B'].map((mark) => marks.take(mark)),
		[undefined, undefined, 'prompt', undefined, 'start', undefined, undefined, 'prompt', undefined],
	);
	assert.equal(marks.atPrompt, true);
});

test('a replay that begins at a prompt is at the prompt', () => {
	const marks = new ShellMarks();
	marks.take('B');
	assert.equal(marks.atPrompt, true);
});
