import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentGone, type ScriptRequest, type ScriptResult } from '../agent/agent.ts';
import { ClusterWatch } from './cluster-watch.ts';

const env = { ETABLI_CLUSTER: 'slurm nodes=1' };
const picture = (state: string) =>
	new TextEncoder().encode(`daemon c1|runs\ncontroller runs|first|\nnode c1|${state}|none\nqueue 0|0|0\n.\n`);
const over: ScriptResult = { outcome: 'exited', code: 1, ms: 1, stdout: '', stderr: '' };
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A sandbox in which the script says and ends what the test wants. */
function watched() {
	const scripts: { request: ScriptRequest; ends: (how: ScriptResult | Error) => void }[] = [];
	const seen: (string | undefined)[] = [];
	let pauses = 0;
	const watch = new ClusterWatch({
		run: (request) =>
			new Promise((resolve, reject) => {
				const ends = (how: ScriptResult | Error) => (how instanceof Error ? reject(how) : resolve(how));
				request.signal?.addEventListener('abort', () => ends({ ...over, outcome: 'cancelled' }));
				scripts.push({ request, ends });
			}),
		seen: ({ nodes }) => seen.push(nodes[0]?.state),
		pause: () => {
			pauses++;
			return Promise.resolve();
		},
	});
	return { watch, scripts, seen, pauses: () => pauses };
}

test('it is watched while somebody looks, once there is a cluster, by one script for all pages', async () => {
	const { watch, scripts, seen, pauses } = watched();
	watch.look(true);
	watch.started({}, '/home/learner');
	assert.equal(scripts.length, 0, 'a lesson without a cluster costs nothing');
	watch.started(env, '/home/learner');
	watch.started(env, '/home/learner');
	watch.look(true);
	assert.equal(scripts.length, 1);
	assert.match(scripts[0]?.request.script ?? '', /\/opt\/etabli\/cluster watch\n$/);
	void scripts[0]?.request.onOutput?.(picture('idle'));
	void scripts[0]?.request.onOutput?.(picture('drained'));
	assert.deepEqual([seen, watch.view?.nodes[0]?.state], [['idle', 'drained'], 'drained']);
	assert.equal(pauses(), 2, 'who says more is held back after each');
});

test('nobody looks: the script ends, what it still says is not told, and nothing is known; the next look begins anew', async () => {
	const { watch, scripts, seen, pauses } = watched();
	watch.started(env, '/home/learner');
	assert.equal(scripts.length, 0);
	watch.look(true);
	void scripts[0]?.request.onOutput?.(picture('idle'));
	watch.look(false);
	assert.equal(scripts[0]?.request.signal?.aborted, true);
	void scripts[0]?.request.onOutput?.(picture('late'));
	assert.equal(watch.view, undefined);
	watch.look(true);
	await turn();
	assert.deepEqual([scripts.length, seen, pauses()], [2, ['idle'], 1]);
	void scripts[1]?.request.onOutput?.(picture('mixed'));
	assert.deepEqual(seen, ['idle', 'mixed']);
});

test('a script that ends by itself begins again after a pause; one that has said nothing does not', async () => {
	const { watch, scripts, pauses } = watched();
	watch.look(true);
	watch.started(env, '/home/learner');
	void scripts[0]?.request.onOutput?.(picture('idle'));
	scripts[0]?.ends({ ...over, outcome: 'time-limit' });
	await turn();
	assert.deepEqual([scripts.length, pauses()], [2, 2]);
	scripts[1]?.ends(over);
	await turn();
	assert.deepEqual([scripts.length, pauses()], [2, 2]);
	watch.look(true);
	assert.equal(scripts.length, 3, 'the next page tries it again');
});

test('a connection that is lost ends it, and the next start begins anew', async () => {
	const { watch, scripts } = watched();
	watch.look(true);
	watch.started(env, '/home/learner');
	scripts[0]?.ends(new AgentGone('gone'));
	await turn();
	assert.equal(scripts.length, 1);
	watch.started(env, '/home/learner');
	assert.equal(scripts.length, 2);
});
