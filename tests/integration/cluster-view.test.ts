/** What pages are told of a learner's cluster, in the real server with a real one: changes come by themselves, and what cannot be read is told as that. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { fileReportSchema } from '../../src/shared/protocol/api.ts';
import { type ClusterView, clusterViewSchema, mostJobs } from '../../src/shared/protocol/cluster-view.ts';
import { eventually } from '../fixtures/eventually.ts';
import { taughtCourses, WholeServer } from '../fixtures/server.ts';

const place = { course: 'tp-cluster', lesson: 'first-job' };
/** Bytes that a page may be told at once, whatever a learner does. */
const mostBytes = 8 * 1024;

/** Waits until the page has been told so, without asking anything. */
async function told(learner: LearnerClient, what: string, holds: (view: ClusterView) => boolean): Promise<ClusterView> {
	const read = () => (learner.cluster ? clusterViewSchema.parse(learner.cluster) : undefined);
	await learner.until(() => {
		const view = read();
		return view !== undefined && holds(view);
	}, what);
	return read() as ClusterView;
}
const states = ({ nodes }: ClusterView) => nodes.map(({ state }) => state).join();
const calm = (view: ClusterView) => view.controller === 'runs' && states(view) === 'idle,idle' && view.queue.all === 0;

/** Puts a file into the lesson's folder, as a block's button does: no command ends. */
async function put(learner: LearnerClient, path: string): Promise<void> {
	const file = '/api/lessons/tp-cluster/first-job/file';
	const { mark } = fileReportSchema.parse(await learner.post(`${file}/look?language=en`, { path }));
	await learner.post(`${file}?language=en`, { path, text: 'now\n', mark });
}

/** Scripts in that learner's sandbox that watch its cluster. */
function watching(learner: LearnerClient): number {
	const of = (pid: string, file: string) => {
		try {
			return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0');
		} catch {
			return [];
		}
	};
	const found = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && of(pid, 'environ').includes(`LEARNER=${learner.name}`));
	return found.filter((pid) => of(pid, 'cmdline').slice(0, 3).join(' ').endsWith('/opt/etabli/cluster watch')).length;
}

test('jobs that come, begin and end, nodes that are taken out of use, and names that would steer a page', {
	timeout: patience(400_000),
}, async (t) => {
	const server = await WholeServer.start({ courses: join(taughtCourses, 'tp-cluster') });
	t.after(() => server.stop());
	const ada = await server.withTerminal(place);
	const terminal = await ada.terminal();
	const first = await told(ada, 'two idle nodes', calm);
	assert.deepEqual([first.settings, first.nodes.map(({ daemon }) => daemon)], ['first', ['runs', 'runs']]);

	await terminal.run("sbatch -J counts --wrap 'until [ -e go ]; do sleep 0.2; done; exit 3'");
	const running = await told(ada, 'the job to run', ({ jobs }) => jobs[0]?.state === 'RUNNING');
	assert.deepEqual([running.jobs.length, running.jobs[0]?.name, running.jobs[0]?.nodes], [1, 'counts', 'c1']);
	await put(ada, 'go');
	const ended = await told(ada, 'the job to end, with no command', ({ ended }) => ended[0]?.name === 'counts');
	assert.equal(ended.ended[0]?.state, 'FAILED');
	await told(ada, 'calm again', calm);

	await terminal.run('scontrol update nodename=c2 state=drain reason="<b>to be looked at</b>"');
	const drained = await told(ada, 'c2 to be drained', (view) => states(view) === 'idle,drained');
	assert.equal(drained.nodes[1]?.reason, '<b>to be looked at</b>');
	await terminal.run('scontrol update nodename=c2 state=resume');
	await told(ada, 'c2 to come back', calm);

	const name = "$'\\e[2J\\u202e<img src=x onerror=alert(1)>\\n'$(printf %0300d 1)";
	await terminal.run(`for n in $(seq 40); do sbatch -H -J ${name} --wrap true >/dev/null; done`);
	const many = await told(ada, 'a queue of 40', ({ queue }) => queue.waiting === 40);
	assert.ok(many.jobs.length > 0 && many.jobs.length <= mostJobs);
	for (const job of many.jobs) assert.doesNotMatch(job.name, /[\p{Cc}\p{Bidi_Control}]/u);
	assert.ok(JSON.stringify(many).length < mostBytes);
	await terminal.run('scancel --me');
	await told(ada, 'an empty queue', calm);
});

test('what cannot be read is told, and that it is over; nothing watches while no page is open; another server goes on', {
	timeout: patience(400_000),
}, async (t) => {
	const server = await WholeServer.start({ courses: join(taughtCourses, 'tp-cluster') });
	t.after(() => server.stop());
	const ada = await server.withTerminal(place);
	const terminal = await ada.terminal();
	await told(ada, 'two idle nodes', calm);

	await terminal.run('pkill -9 -x slurmd -o');
	const without = await told(ada, 'a dead slurmd', ({ nodes }) => nodes.some(({ daemon }) => daemon === 'ended'));
	assert.equal(without.controller, 'runs');
	await terminal.run('pkill -STOP -x slurmctld');
	await told(ada, 'a stopped slurmctld', ({ controller }) => controller === 'stopped');
	await terminal.run('pkill -9 -x slurmctld');
	await told(ada, 'a dead slurmctld', ({ controller }) => controller === 'ended');
	await terminal.run('cluster restart');
	await told(ada, 'all of it again', calm);

	await terminal.run('echo Rubbish=1 >> ~/.cluster/slurm.conf');
	const broken = await told(ada, 'settings that cannot be read', ({ controller }) => controller === 'silent');
	assert.deepEqual([broken.settings, /Rubbish|slurm\.conf/.test(broken.words)], ['changed', true], broken.words);
	await terminal.run('cluster restore');
	await told(ada, 'the first settings', (view) => calm(view) && view.settings === 'first');

	await t.test('only while somebody looks', { skip: process.getuid?.() !== 0 && 'only root sees the processes of sandboxes' }, async () => {
		// While it looks it has processes of its own.
		await eventually(async () => watching(ada) === 1, 'one script');
		await ada.disconnect();
		await eventually(async () => watching(ada) === 0, 'its end');
	});

	await server.kill('SIGKILL');
	await server.serve();
	ada.cluster = undefined;
	await ada.connect();
	await ada.until(() => ada.sandbox.state === 'ready', 'the sandbox after the restart');
	await ada.terminal();
	await told(ada, 'the cluster after the restart', calm);
});

test('a lesson without a cluster is told of none', async (t) => {
	const server = await WholeServer.start();
	t.after(() => server.stop());
	const ada = await server.withTerminal();
	await (await ada.terminal()).run('true');
	assert.equal(ada.cluster, undefined);
});
