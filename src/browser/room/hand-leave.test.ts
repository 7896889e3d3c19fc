/** When a raised hand is leave to look. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandLeave } from './hand-leave.ts';

test('a hand is leave to look when its form said so as it opened, and the room is still set so', () => {
	const leave = new HandLeave();
	leave.set(false);
	leave.opened();
	assert.equal(leave.given, false);
	assert.equal(leave.set(true), true, 'set while somebody writes, who has read another form');
	assert.equal(leave.given, false);
	leave.opened();
	assert.equal(leave.given, true);
	assert.equal(leave.set(true), false, 'told again, as with each change of the room');
	assert.equal(leave.given, true);
	assert.equal(leave.set(false), true);
	assert.equal(leave.set(true), true);
	assert.equal(leave.given, false, 'off and on again while the form is open');
});
