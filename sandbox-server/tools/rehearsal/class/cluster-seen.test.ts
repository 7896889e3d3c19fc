import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterView } from '../../../../src/shared/protocol/cluster-view.ts';
import { ClusterWatcher } from './cluster-seen.ts';

function view(change: Partial<ClusterView> = {}, second: Partial<ClusterView['nodes'][number]> = {}): ClusterView {
	const node = (name: string) => ({ name, daemon: 'runs' as const, state: 'idle', reason: '' });
	return {
		controller: 'runs',
		settings: 'first',
		words: '',
		nodes: [node('c1'), { ...node('c2'), ...second }],
		jobs: [],
		queue: { all: 0, running: 0, waiting: 0 },
		ended: [],
		...change,
	};
}

test('a cluster that works, with a node drained and given back, is nothing amiss; no cluster is nothing seen', () => {
	const watcher = new ClusterWatcher();
	for (const nothing of [undefined, null, {}]) watcher.told(nothing);
	assert.equal(watcher.seen, undefined);
	watcher.told(view());
	watcher.told(view({}, { state: 'drained', reason: 'disk full' }));
	watcher.told(view({}, { state: 'idle*', reason: 'disk full' }));
	for (const state of ['allocated', 'unknown*', '']) watcher.told(view({}, { state }));
	assert.deepEqual(watcher.seen, { ended: [], lost: [], silent: false });
});

test('what was amiss once is remembered, once', () => {
	const watcher = new ClusterWatcher();
	watcher.told(view({ controller: 'silent' }));
	for (let times = 0; times < 2; times++) watcher.told(view({ controller: 'ended' }, { daemon: 'stopped', state: '' }));
	watcher.told(view({}, { state: 'idle*' }));
	watcher.told(view({}, { state: 'down', reason: 'Not responding' }));
	watcher.told(view());
	assert.deepEqual(watcher.seen, { ended: ['slurmctld', 'slurmd of c2'], lost: ['c2 idle*', 'c2 down'], silent: true });
});
