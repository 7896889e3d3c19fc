import assert from 'node:assert/strict';
import { test } from 'node:test';
import { badPatterns, type Comparing, compareOutput } from './compare-output.ts';

const same = (expected: string, actual: string, how: Comparing = 'text') => compareOutput(expected, actual, how).same;

test('blanks and empty lines around do not count, words do', () => {
	assert.ok(same('a  b\nc', '\na b  \n c\n\n'));
	assert.ok(same('', '\n \n'));
	assert.ok(!same('a b', 'ab'));
	assert.ok(!same('a', 'A'));
});

test('"…" stands for anything in a line, alone for any lines', () => {
	assert.ok(same('1,1M … lolcow.sif', '1,1M 23 nov.  08:53 lolcow.sif'));
	assert.ok(same('…\nINFO:    Creating SIF file...', 'x\ny\nINFO:    Creating SIF file...'));
	assert.ok(same('a\n…\nb', 'a\nb'));
	assert.ok(same('a\n…', 'a\nb\nc'));
	assert.ok(same('a\n…\nb\n…\nc', 'a\nb\nb\nc\nc'));
	assert.ok(!same('a\n…\nb', 'a\nc'));
	// What would mean something in a regular expression means itself.
	assert.ok(same('(.*) [x] …', '(.*) [x] y'));
	assert.ok(!same('a.c', 'abc'));
});

test('patterns, each for a whole line', () => {
	assert.ok(same('\\d+ files?\n…\nend', '12 files\nx\nend', 'regex'));
	assert.ok(!same('\\d+', '12 files', 'regex'));
	assert.deepEqual(badPatterns('a\n(\nb\n['), [2, 4]);
});

test('where the two part', () => {
	const rows: [string, string, number, string | undefined, string | undefined][] = [
		['a\nb', 'a\nc', 2, 'b', 'c'],
		['a\nb', 'a', 2, 'b', undefined],
		['a', 'a\nb', 2, undefined, 'b'],
		['a\n…\nz', 'a\nb\nc', 3, 'z', 'b'],
		['a', '', 1, 'a', undefined],
	];
	for (const [expected, actual, line, wanted, found] of rows)
		assert.deepEqual(compareOutput(expected, actual, 'text'), { same: false, line, expected: wanted, actual: found });
});

test('a long output against many gaps takes no time to speak of', () => {
	const many = Array.from({ length: 2000 }, (_, index) => `line ${index % 7}`).join('\n');
	assert.ok(!same(`${'…\nline 3\n'.repeat(60)}end`, many));
});
