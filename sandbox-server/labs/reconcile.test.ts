import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SandboxRow } from '../store/store.ts';
import { type Picture, reconciliation } from './reconcile.ts';

const record = (name: string, running = true) => ({ name, running, labels: {}, created: 0 });
const row = (name: string, learner?: string): SandboxRow => ({
	name,
	course: 'a',
	learner,
	state: 'ready',
	created: 0,
	claimed: undefined,
	seen: 0,
});
const hands = (held: string[], busy: string[] = []) => ({ held: new Set(held), busy: new Set(busy) });
const nothing: Picture = { records: [], rows: [], transports: [], before: hands([]), after: hands([]), outdated: () => false };

test('what is held and does not run is lost; what runs, has a row or a transport and is nobody’s is an orphan', () => {
	const plan = reconciliation({
		...nothing,
		records: [record('held'), record('ended', false), record('stray')],
		rows: [row('held', 'anne'), row('ended', 'bob'), row('gone', 'chloe'), row('forgotten')],
		transports: ['held', 'folder'],
		before: hands(['held', 'ended', 'gone']),
		after: hands(['held', 'ended', 'gone']),
	});
	assert.deepEqual(plan, { lost: ['ended', 'gone'], orphans: ['stray', 'forgotten', 'folder'], outdated: [] });
});

test('what became ready, began or ended while the engine was asked is left alone', () => {
	const plan = reconciliation({
		...nothing,
		records: [record('became-ready'), record('begins'), record('ended')],
		rows: [row('became-ready'), row('begins'), row('ended', 'anne')],
		before: hands(['ended'], ['became-ready']),
		after: hands(['became-ready'], ['begins']),
	});
	assert.deepEqual(plan, { lost: [], orphans: [], outdated: [] });
});

test('a sandbox of the pool that would be made otherwise today goes; one that has its learner stays', () => {
	const plan = reconciliation({
		...nothing,
		records: [record('pooled'), record('given')],
		rows: [row('pooled'), row('given', 'anne')],
		before: hands(['pooled', 'given']),
		after: hands(['pooled', 'given']),
		outdated: () => true,
	});
	assert.deepEqual(plan, { lost: [], orphans: [], outdated: ['pooled'] });
});
