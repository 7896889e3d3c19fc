import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyText, withHeld } from './key-row.ts';

const none = { ctrl: false, alt: false };
const ctrl = { ctrl: true, alt: false };
const alt = { ctrl: false, alt: true };

test('arrows are written as the program has asked for', () => {
	assert.equal(keyText({ arrow: 'A' }, false, none), '\x1b[A');
	assert.equal(keyText({ arrow: 'A' }, true, none), '\x1bOA');
	assert.equal(keyText({ arrow: 'C' }, true, ctrl), '\x1b[1;5C');
	assert.equal(keyText({ arrow: 'D' }, false, alt), '\x1b[1;3D');
	assert.equal(keyText({ text: '|' }, true, none), '|');
});

test('Ctrl and Alt change one typed character, and no more', () => {
	assert.equal(withHeld('x', ctrl), '\x18');
	assert.equal(withHeld('R', ctrl), '\x12');
	assert.equal(withHeld('[', ctrl), '\x1b');
	assert.equal(withHeld(' ', ctrl), '\0');
	assert.equal(withHeld('é', ctrl), 'é');
	assert.equal(withHeld('b', alt), '\x1bb');
	assert.equal(withHeld('x', { ctrl: true, alt: true }), '\x1b\x18');
	assert.equal(withHeld('pasted', ctrl), 'pasted');
	assert.equal(withHeld('x', none), 'x');
});
