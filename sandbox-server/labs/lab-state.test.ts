import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import { LabRecord } from './lab-record.ts';
import { type LabState, mayGo } from './lab-state.ts';

const states: LabState[] = ['none', 'queued', 'starting', 'live', 'stopping', 'lost'];

test('every state is left for some and not for others, and none for itself', () => {
	const table = Object.fromEntries(states.map((from) => [from, states.filter((to) => mayGo(from, to))]));
	assert.deepEqual(table, {
		none: ['queued', 'live', 'lost'],
		queued: ['none', 'starting'],
		starting: ['none', 'queued', 'live'],
		live: ['queued', 'stopping', 'lost'],
		stopping: ['none', 'live'],
		lost: ['queued', 'live'],
	});
});

test('a change that must not be is told and not made', () => {
	const mistakes: string[] = [];
	const owner = { id: 'id', name: 'learner-000001', seed: '', created: 0 };
	const lab = new LabRecord({ owner, course: testCourse('a') }, 0, (text) => mistakes.push(text));
	lab.go('queued');
	lab.go('stopping');
	assert.deepEqual([lab.state, mistakes], ['queued', ['queued → stopping']]);
});
