import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeOf, terminalNames, terminalPattern } from './terminal-names.ts';

test('a terminal is one of four, or on one of eight nodes, and called after it', () => {
	assert.equal(terminalNames.join(' '), '1 2 3 4 c1 c2 c3 c4 c5 c6 c7 c8');
	for (const name of terminalNames) assert.match(name, terminalPattern);
	for (const name of ['0', '5', 'c', 'c0', 'c9', 'c10', '1c1', 'c1\n', 'login', '']) assert.doesNotMatch(name, terminalPattern);
	assert.deepEqual(['2', 'c2'].map(nodeOf), [undefined, 'c2']);
});
