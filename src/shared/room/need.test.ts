import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FeedPerson } from '../protocol/room-feed.ts';
import { inNeed, usualTime } from './need.ts';

const minute = 60_000;
const now = 1_000 * minute;
const person = (name: string, changes: Partial<FeedPerson> = {}): FeedPerson => ({
	id: name,
	name,
	pages: 1,
	lab: 'live',
	marks: '....',
	at: 1,
	since: now - 3 * minute,
	tries: 0,
	seen: now - minute,
	...changes,
});

test('in order of need: longer than the class at a step, many verdicts “not yet”, a lost workbench, silence', () => {
	const people = [
		...['Ada', 'Emmy', 'Grace', 'Hedy', 'Joan'].map((name) => person(name)),
		person('slow', { since: now - 30 * minute }),
		person('failing', { tries: 5 }),
		person('lost', { lab: 'lost' }),
		person('silent', { seen: now - 25 * minute }),
		person('away', { pages: 0, since: now - 90 * minute, tries: 9 }),
		person('done', { at: 4, since: now - 90 * minute }),
	];
	assert.deepEqual(
		inNeed(people, 4, now).map(({ person: { name } }) => name),
		['slow', 'silent', 'lost', 'failing'],
	);
	assert.equal(usualTime(people, now), 3 * minute);
});

test('a class that is slow together has nobody who is stuck; nor has an empty one', () => {
	const slow = ['Ada', 'Emmy', 'Grace'].map((name) => person(name, { since: now - 40 * minute }));
	assert.deepEqual([inNeed(slow, 4, now), inNeed([], 4, now), usualTime([], now)], [[], [], 0]);
});
