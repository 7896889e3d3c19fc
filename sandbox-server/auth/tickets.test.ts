import assert from 'node:assert/strict';
import { test } from 'node:test';
import { personFor } from '../../tests/fixtures/person.ts';
import { Tickets, ticketSeconds } from './tickets.ts';

const visitor = (id: string) => ({
	principal: personFor({ id, name: id, seed: id, created: 0 }),
	lesson: 'l',
});

test('tickets cannot be guessed, and a learner who hoards them loses only their own oldest', () => {
	const tickets = new Tickets(() => 0);
	const kept = tickets.issue(visitor('quiet'));
	assert.ok(Buffer.from(kept, 'base64url').length >= 16);
	const hoard = Array.from({ length: 1000 }, () => tickets.issue(visitor('greedy')));
	assert.equal(new Set(hoard).size, 1000);
	assert.ok(tickets.size < 20);
	assert.equal(tickets.redeem(hoard[0] ?? '', 'greedy'), undefined);
	assert.equal(tickets.redeem(hoard.at(-1) ?? '', 'greedy')?.principal.id, 'greedy');
	assert.equal(tickets.redeem(kept, 'quiet')?.principal.id, 'quiet');
});

test('expired tickets take no room', () => {
	let now = 0;
	const tickets = new Tickets(() => now);
	for (let i = 0; i < 50; i++) tickets.issue(visitor(`learner ${i}`));
	assert.equal(tickets.size, 50);
	now += ticketSeconds * 1000;
	tickets.issue(visitor('last'));
	assert.equal(tickets.size, 1);
});
