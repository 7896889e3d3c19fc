/** What a page makes of the room feed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FeedCard } from '../../shared/protocol/room-cards.ts';
import type { FeedPerson } from '../../shared/protocol/room-feed.ts';
import { merge, type RoomView } from './feed.ts';

const person = (id: string, marks = '..'): FeedPerson => ({
	id,
	name: id,
	pages: 1,
	lab: 'live',
	marks,
	at: 0,
	since: 0,
	tries: 0,
	seen: 0,
});
const nothing: RoomView = { people: new Map(), ahead: 0 };

test('changes are put into what was told before, a snapshot takes its place', () => {
	const first = merge(nothing, { type: 'snapshot', now: 1000, people: [person('ada'), person('emmy')], hands: [], sentences: [] }, 400);
	assert.equal(first.ahead, 600);
	const second = merge(first, { type: 'change', now: 2000, people: [person('ada', 'p.'), person('joan')], gone: ['emmy'] }, 2000);
	assert.deepEqual(
		[...second.people.values()].map(({ id, marks }) => [id, marks]),
		[
			['ada', 'p.'],
			['joan', '..'],
		],
	);
	assert.equal(second.sentences, first.sentences, 'what has not changed is the same, so that nothing is drawn anew');
	assert.notEqual(second.people.get('ada'), first.people.get('ada'));
	const third = merge(second, { type: 'change', now: 3000, commands: [] }, 3000);
	assert.equal(third.people.get('joan'), second.people.get('joan'));
	const again = merge(third, { type: 'snapshot', now: 4000, people: [person('emmy')] }, 4000);
	assert.deepEqual([[...again.people.keys()], again.commands], [['emmy'], undefined], 'after a lost connection nothing old is left');
});

test('of minute cards a change has those that stand differently: each takes its place, a new one comes first', () => {
	const card = (id: string, people = 0): FeedCard => ({ id, question: id, choices: [], open: true, shown: false, people });
	const first = merge(nothing, { type: 'snapshot', now: 0, cards: [card('b'), card('a')] }, 0);
	const second = merge(first, { type: 'change', now: 0, cards: [card('c'), card('a', 3)] }, 0);
	assert.deepEqual(
		second.cards?.map(({ id, people }) => [id, people]),
		[
			['c', 0],
			['b', 0],
			['a', 3],
		],
	);
	const third = merge(second, { type: 'change', now: 0, hands: [] }, 0);
	assert.equal(third.cards, second.cards);
});
