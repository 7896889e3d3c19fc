import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterEn as t } from '../../i18n/cluster-en.ts';
import { clusterFr } from '../../i18n/cluster-fr.ts';
import type { ClusterView } from '../../shared/protocol/cluster-view.ts';
import { changes, nodeSign, nodeWord, queueWords, trouble } from './cluster-words.ts';

const node = (state: string, more = {}) => ({ name: 'c1', daemon: 'runs' as const, state, reason: '', ...more });
const job = (id: string, state: string, nodes = '') => ({ id, name: 'first', state, nodes, reason: '' });
const view = (more: Partial<ClusterView> = {}): ClusterView => {
	const jobs = more.jobs ?? [];
	const of = (state: string) => jobs.filter((one) => one.state === state).length;
	const queue = { all: jobs.length, running: of('RUNNING'), waiting: of('PENDING') };
	return { controller: 'runs', settings: 'first', words: '', nodes: [node('idle')], jobs, queue, ended: [], ...more };
};

test('a node is told in words, and by the shape of its sign: free, busy, of no use', () => {
	assert.deepEqual(
		['idle', 'mixed', 'allocated', 'drained', 'idle*', 'new_state', ''].map((state) => nodeWord(node(state), t)),
		['free', 'partly busy', 'busy', 'out of use', 'free', 'new_state', 'unknown'],
	);
	assert.equal(nodeWord(node('idle', { daemon: 'ended' }), t), 'free, slurmd has ended');
	const signs = ['idle', 'allocated', 'drained'].map((state) => nodeSign(node(state)));
	assert.equal(new Set(signs).size, 3);
	assert.equal(nodeSign(node('idle', { daemon: 'stopped' })), nodeSign(node('down')));
});

test('the queue in a line; other states count as running', () => {
	assert.equal(queueWords(view(), t), 'queue empty');
	assert.equal(queueWords(view({ queue: { all: 4, running: 1, waiting: 2 } }), t), '2 running, 2 waiting');
});

test('a job that comes, begins and ends is told each time; its end by its state, whatever is looked up meanwhile', () => {
	const [empty, waits, runs] = [view(), view({ jobs: [job('5', 'PENDING')] }), view({ jobs: [job('5', 'RUNNING', 'c1')] })];
	const ends = view({ jobs: [job('5', 'COMPLETING', 'c1')] });
	const ended = view({ ended: [{ id: '5', name: 'first', state: 'FAILED' }] });
	assert.deepEqual(changes(empty, waits, t), ['Job 5, first: waiting.']);
	assert.deepEqual(changes(waits, runs, t), ['Job 5, first: running, c1.']);
	assert.deepEqual(changes(runs, ends, t), []);
	assert.deepEqual(changes(ends, ended, t), ['Job 5, first: failed.']);
	assert.deepEqual(changes(empty, ended, t), ['Job 5, first: failed.'], 'one that came and ended between two looks');
	assert.deepEqual(changes(runs, empty, t), ['Job 5, first: left the queue.']);
	assert.deepEqual(changes(ended, ended, t), []);
	assert.deepEqual(changes(waits, runs, clusterFr), ['Travail 5, first : en cours, c1.']);
});

test('many changes at once are told as the length of the queue', () => {
	const jobs = ['1', '2', '3', '4', '5'].map((id) => job(id, 'PENDING'));
	assert.deepEqual(changes(view(), view({ jobs }), t), ['Queue: 0 running, 5 waiting.']);
});

test('that a node is taken out of use, or loses its slurmd, is told; that it is busy is not', () => {
	assert.deepEqual(changes(view(), view({ nodes: [node('allocated')] }), t), []);
	assert.deepEqual(changes(view(), view({ nodes: [node('drained')] }), t), ['Node c1: out of use.']);
	assert.deepEqual(changes(view({ nodes: [node('drained')] }), view(), t), ['Node c1: free.']);
	assert.deepEqual(changes(view(), view({ nodes: [node('idle', { daemon: 'ended' })] }), t), ['Node c1: free, slurmd has ended.']);
});

test('what cannot be read is a sentence that says what to do, told once; that it is over is told, too', () => {
	for (const controller of ['ended', 'stopped', 'silent'] as const) assert.match(trouble(view({ controller }), t) ?? '', /cluster restart/);
	assert.match(trouble(view({ controller: 'ended', settings: 'changed' }), t) ?? '', /slurm\.conf.*cluster restore/);
	assert.equal(trouble(view({ settings: 'changed' }), t), undefined, 'other settings are no trouble while Slurm answers');
	const dead = view({ controller: 'ended' });
	assert.deepEqual(changes(view(), dead, t), [t.controllerEnded]);
	assert.deepEqual(changes(dead, dead, t), []);
	assert.deepEqual(changes(dead, view(), t), [t.back]);
});
