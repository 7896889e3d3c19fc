import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filePathFault, type Placing, place } from './placed-file.ts';

test('a file of the lesson’s folder, and what is none', () => {
	for (const path of ['a', 'a.b', '.hidden', 'data/été 1.csv', 'a/..b/c']) assert.equal(filePathFault(path), undefined, path);
	const rows: [string, RegExp][] = [
		['', /no name/],
		['a/', /no name/],
		['/etc/passwd', /root or at the home/],
		['~/x', /root or at the home/],
		['../x', /goes up/],
		['a/../../x', /goes up/],
		['a//b', /empty part/],
		['./a', /empty part/],
		['a\nb', /control character/],
		['a\u0000', /control character/],
		['x'.repeat(1001), /1000 characters/],
	];
	for (const [path, fault] of rows) assert.match(filePathFault(path) ?? '', fault, JSON.stringify(path));
});

const rows: [string, string | undefined, string, Placing, string][] = [
	['a new file ends its last line', undefined, 'a\nb', { mode: 'write' }, 'a\nb\n'],
	['an empty file', 'x\n', '', { mode: 'write' }, ''],
	['the whole file', 'old\n', 'new', { mode: 'write' }, 'new\n'],
	['at the end of nothing', undefined, 'a', { mode: 'append' }, 'a\n'],
	['at the end', 'a\n', 'b', { mode: 'append' }, 'a\nb\n'],
	['at the end of a last line that is not ended', 'a', 'b', { mode: 'append' }, 'a\nb\n'],
	['at the end, a second time', 'a\nb\n', 'b', { mode: 'append' }, 'a\nb\n'],
	['a last line that only ends alike is another', 'ab\n', 'b', { mode: 'append' }, 'ab\nb\n'],
	['a line', 'a: 1\nb: 2\n', 'b: 3', { mode: 'replace', pattern: '^b:' }, 'a: 1\nb: 3\n'],
	['the first of several', 'a\na\n', 'b', { mode: 'replace', pattern: 'a' }, 'b\na\n'],
	['a line by two, a second time', 'b: 3\nc: 4\nd\n', 'b: 3\nc: 4', { mode: 'replace', pattern: '^b' }, 'b: 3\nc: 4\nd\n'],
	['a line that is gone because it has been replaced', 'new\n', 'new', { mode: 'replace', pattern: '^old' }, 'new\n'],
	['a line taken away', 'a\nb\n', '', { mode: 'replace', pattern: '^a' }, 'b\n'],
];
for (const [name, before, block, placing, text] of rows) {
	test(name, () => {
		assert.deepEqual(place(before, block, placing), { text });
		// A button is pressed twice: the second time changes nothing, unless more lines match.
		if (name !== 'the first of several') assert.deepEqual(place(text, block, placing), { text });
	});
}

test('nothing to replace is told, and nothing is changed', () => {
	assert.deepEqual(place(undefined, 'b', { mode: 'replace', pattern: 'a' }), { fault: 'no-file' });
	assert.deepEqual(place('x\n', 'b', { mode: 'replace', pattern: 'a' }), { fault: 'no-line' });
	assert.deepEqual(place('x\n', 'b', { mode: 'replace', pattern: '(' }), { fault: 'no-line' });
});
