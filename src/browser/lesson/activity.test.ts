import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchActivity } from './activity.ts';

test('signs of somebody are told at once, and then once a minute', () => {
	const page = new EventTarget();
	let clock = 0;
	let told = 0;
	watchActivity(
		() => told++,
		page,
		() => clock,
	);
	assert.equal(told, 0, 'an open page alone says nothing');
	for (const sign of ['keydown', 'scroll', 'pointermove']) page.dispatchEvent(new Event(sign));
	assert.equal(told, 1);
	clock += 59_999;
	page.dispatchEvent(new Event('keydown'));
	assert.equal(told, 1);
	clock += 1;
	page.dispatchEvent(new Event('scroll'));
	assert.equal(told, 2);
});
