import assert from 'node:assert/strict';
import { test } from 'node:test';
import { visible, visibleLine } from './visible.ts';

test('what a terminal would obey, or what turns the direction of writing, is spelt out; all else stays', () => {
	assert.equal(visible('a\x1b[2J\x07\x7f\x9b31m\r'), 'a\\u001b[2J\\u0007\\u007f\\u009b31m\\u000d');
	assert.equal(visible('gnp\u202e.\u2066exe\u200f\u061c\u2028'), 'gnp\\u202e.\\u2066exe\\u200f\\u061c\\u2028');
	const fine = 'Été — « déjà » : 学习, שלום, 👩‍💻, e\u0301\n\ttab';
	assert.equal(visible(fine), fine);
	assert.equal(visible('a\r\nb\r\r\nc\n'), 'a\r\nb\\u000d\r\nc\n', 'line ends of both kinds');
	assert.equal(visibleLine('a\n\tb\r\n'), 'a\\u000a\\u0009b\\u000d\\u000a');
});

test('a line of JSON means the same afterwards', () => {
	const value = { name: '\x1b\x85\x9b\u202e"\\\n\t' };
	const line = visible(`${JSON.stringify(value)}\n`);
	assert.deepEqual(JSON.parse(line), value);
	assert.match(line, /^[\x20-\x7e]+\n$/);
});
