import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countedTime, pauseMs, type Sign } from './counted-time.ts';

const minute = 60_000;
const at = (from: number, until = from): Sign => ({ from: from * minute, at: until * minute });

/** Signs one after the other, as the server hears of them. @returns minutes */
function sum(...signs: Sign[]): number {
	let last: number | undefined;
	let ms = 0;
	for (const sign of signs) {
		ms += countedTime(last, sign);
		last = sign.at;
	}
	return ms / minute;
}

test('what stands between two signs of work counts, and what stands before the first does not', () => {
	assert.equal(sum(at(100)), 0);
	assert.equal(sum(at(100), at(103), at(104)), 4);
	assert.equal(sum(at(100, 102)), 2, 'a command from its beginning to its end');
	assert.equal(sum(at(100, 101), at(103, 105)), 5);
});

test('a pause counts nothing: ten minutes are none yet', () => {
	assert.equal(pauseMs, 10 * minute);
	assert.equal(sum(at(100), at(110)), 10);
	assert.equal(countedTime(0, { from: pauseMs + 1, at: pauseMs + 1 }), 0);
	assert.equal(sum(at(100), at(103), at(600), at(602)), 5, 'gone home in between');
});

test('a command that runs for longer than a pause is one, but what stands before and after it counts', () => {
	assert.equal(sum(at(100), at(102, 400), at(403)), 5);
	assert.equal(sum(at(0, 9)), 9);
	assert.equal(sum(at(0, 11)), 0);
});

test('time counts once: two terminals, a server in one of them, a clock that is set back', () => {
	assert.equal(sum(at(100), at(102), at(101, 103)), 3);
	assert.equal(sum(at(100), at(105), at(110), at(101, 112)), 12, 'the server is stopped at the end');
	assert.equal(sum(at(100), at(105), at(90), at(92)), 7);
});
