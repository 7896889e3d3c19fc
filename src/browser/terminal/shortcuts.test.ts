import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortcut } from './shortcuts.ts';

const pressed = (key: string, code: string, altKey = false) => shortcut({ key, code, ctrlKey: true, shiftKey: true, altKey });

test('a shortcut is where its letter is', () => {
	assert.equal(pressed('C', 'KeyC'), 'copy');
	assert.equal(pressed('C', 'KeyH'), 'copy', 'BÉPO');
	assert.equal(pressed('F', 'KeyY'), 'search', 'Dvorak');
	assert.equal(pressed('J', 'KeyC'), undefined, 'what Dvorak has at the place of C');
	assert.equal(pressed('С', 'KeyC'), 'copy', 'Cyrillic: no Latin letter on that key');
	assert.equal(pressed('V', 'KeyV', true), undefined);
	assert.equal(shortcut({ key: 'c', code: 'KeyC', ctrlKey: true, shiftKey: false, altKey: false }), undefined, 'Ctrl+C is the program’s');
});
