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

test('after Enter nothing is typed before the shell has said what became of it', () => {
	const bytes = (text: string) => new TextEncoder().encode(text);
	const marks = new ShellMarks();
	marks.take('D;0');
	marks.take('B');
	marks.typed(bytes('ls'));
	assert.equal(marks.atPrompt, true);
	marks.typed(bytes('\x1b[200~a\rb\x1b[201~'));
	assert.equal(marks.atPrompt, true);
	marks.typed(bytes('\r'));
	assert.equal(marks.atPrompt, false);
	// An empty line: the shell comes back to its prompt with no command in between.
	marks.take('D;0');
	assert.equal(marks.take('B'), 'prompt');
	assert.equal(marks.atPrompt, true);
});

test('an unfinished command is told, until its rest or its end', () => {
	const marks = new ShellMarks();
	for (const mark of ['D', 'A', 'B']) marks.take(mark);
	marks.typed(new TextEncoder().encode("echo 'a\r"));
	assert.equal(marks.take('P;k=c'), 'rest');
	assert.deepEqual([marks.unfinished, marks.atPrompt], [true, false]);
	// Ctrl+C: a new prompt with no command in between.
	marks.take('A');
	assert.equal(marks.take('B'), 'prompt');
	assert.deepEqual([marks.unfinished, marks.atPrompt], [false, true]);
	marks.take('P;k=c');
	marks.take('C');
	assert.equal(marks.unfinished, false);
});

test('a shell says at each prompt whether it has the key that clears its line; an older one has not', () => {
	const marks = new ShellMarks();
	for (const mark of ['D', 'A', 'B']) marks.take(mark);
	assert.equal(marks.clears, false);
	for (const mark of ['C', 'D;0', 'A;clears', 'B']) marks.take(mark);
	assert.deepEqual([marks.clears, marks.atPrompt], [true, true]);
	for (const mark of ['C', 'D;0', 'A', 'B']) marks.take(mark);
	assert.equal(marks.clears, false);
});
