import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { InProcessWorld, testCourse } from '../../../tests/fixtures/in-process-sandboxes.ts';
import { settled } from '../../../tests/fixtures/manual-clock.ts';
import { LabService } from '../../labs/lab-service.ts';
import { MemoryRuntime } from '../../runtimes/fakes/fakes.ts';
import { listenMetrics } from './listen.ts';
import { counted, Metrics, noFigures } from './metrics.ts';

const root = new URL('../../../', import.meta.url);

/** Lines of one metric, without their help. */
const lines = (all: string, name: string) =>
	all
		.split('\n')
		.filter((line) => line.startsWith(name))
		.map((line) => line.slice(name.length));

async function ask(port: number, path: string, host = `127.0.0.1:${port}`): Promise<{ status: number; body: string }> {
	return await new Promise((resolve, reject) => {
		const request = get({ host: '127.0.0.1', port, path, headers: { host } }, async (answer) => {
			resolve({ status: answer.statusCode ?? 0, body: await text(answer) });
		});
		request.once('error', reject);
	});
}

test('after a class, the metrics show what happened: starts by outcome and time, queue, pool, sandboxes by state', async (t) => {
	const world = new InProcessWorld(new MemoryRuntime(), [testCourse('a', { pool: 1 })]);
	const service = new LabService(world.deps({ maxSandboxes: 3, homes: { limit: 1, days: 1 } }));
	const metrics = new Metrics(() => ({ ...noFigures, ...service.figures() }));
	service.subscribe(counted(metrics));
	t.after(async () => {
		await service.close({ keep: true });
		world.dispose();
	});
	await service.open();
	await settled();
	await world.clock.advance(1000);
	const learners = Array.from({ length: 4 }, () => world.lab());
	for (const learner of learners) service.start(learner);
	await settled();
	// New ones are begun once whoever found one ready has had time to come to a prompt.
	await world.clock.advance(1000);
	const [first, , , last] = learners;
	assert.ok(first && last);
	world.agent(service.sandbox(first).name).connection?.tell({
		memoryUsed: 1,
		memoryLimit: 2,
		oomKills: 0,
		processes: 1,
		processLimit: 10,
		processLimitHits: 0,
		mounts: [{ path: '/tmp', bytes: 1000, bytesFree: 0, inodes: 10, inodesFree: 5 }],
	});
	const all = await metrics.text();
	assert.deepEqual(lines(all, 'etabli_starts_total'), ['{course="a",outcome="pool"} 1', '{course="a",outcome="new"} 2']);
	assert.deepEqual(lines(all, 'etabli_start_seconds_count'), ['{course="a",outcome="pool"} 1', '{course="a",outcome="new"} 2']);
	assert.deepEqual(lines(all, 'etabli_queue_length '), ['1']);
	assert.deepEqual(lines(all, 'etabli_queue_max '), ['12']);
	assert.deepEqual(lines(all, 'etabli_sandboxes{'), [
		'course="a",state="pool"} 0',
		'course="a",state="starting"} 0',
		'course="a",state="ready"} 3',
		'course="a",state="stopping"} 0',
	]);
	assert.deepEqual(lines(all, 'etabli_pool_wanted'), ['{course="a"} 1']);
	assert.deepEqual(lines(all, 'etabli_engine_up '), ['1']);
	assert.deepEqual(lines(all, 'etabli_errors_total'), ['{code="disk-full"} 1']);
	assert.match(all, /etabli_nodejs_eventloop_lag_p99_seconds \d/);
	await service.end(last);
	assert.deepEqual(lines(await metrics.text(), 'etabli_starts_total{course="a",outcome="called-off"} '), ['1']);
	// A prompt is what counts for whoever has clicked: not until it is there.
	assert.deepEqual(lines(all, 'etabli_prompt_seconds_count'), []);
	const sandbox = service.sandbox(first);
	await service.terminal(first, { lesson: 'first', number: '1', size: { cols: 80, rows: 24 }, language: 'en' });
	await world.clock.advance(500);
	world.agent(sandbox.name).print('first/1', '$ ');
	world.agent(sandbox.name).print('first/1', 'ls');
	await settled();
	assert.deepEqual(lines(await metrics.text(), 'etabli_prompt_seconds_count'), ['{course="a",outcome="pool"} 1']);
	assert.deepEqual(lines(await metrics.text(), 'etabli_prompt_seconds_sum'), ['{course="a",outcome="pool"} 1.5']);
	await service.end(first);
	assert.deepEqual(lines(await metrics.text(), 'etabli_sandboxes_ended_total'), ['{course="a",cause="asked"} 1']);
	for (const { owner } of learners)
		assert.equal((await metrics.text()).includes(owner.name) || all.includes(owner.id), false, 'nobody is named');
});

test('checks, traffic and refusals are counted', async () => {
	const metrics = new Metrics(() => noFigures);
	metrics.checked({ course: 'a', lesson: 'first', step: 'one', verdict: 'passed' }, 0.03);
	metrics.traffic('out', 5);
	metrics.traffic('out', 7);
	metrics.error('too-many');
	const all = await metrics.text();
	assert.deepEqual(lines(all, 'etabli_check_seconds_count'), ['{course="a",lesson="first",step="one",verdict="passed"} 1']);
	assert.deepEqual(lines(all, 'etabli_websocket_bytes_total'), ['{direction="out"} 12']);
	assert.deepEqual(lines(all, 'etabli_errors_total'), ['{code="too-many"} 1']);
});

test('the door is on the loopback, for its own names, and shows one page', async () => {
	const door = await listenMetrics(new Metrics(() => noFigures), 0);
	assert.equal((await ask(door.port, '/metrics')).status, 200);
	assert.equal((await ask(door.port, '/')).status, 404);
	assert.equal((await ask(door.port, '/metrics', 'evil.example.org')).status, 403);
	await door.close();
});

test('the dashboard and the operator’s page ask for metrics that there are, and for every one of them', async () => {
	const metrics = new Metrics(() => noFigures);
	const real = [...(await metrics.text()).matchAll(/^# TYPE (etabli_(?!nodejs|process)\w+)/gm)].map(([, name]) => name ?? '');
	const dashboard = readFileSync(new URL('docs/operator/grafana.json', root), 'utf8');
	const page = readFileSync(new URL('docs/operator/metrics.md', root), 'utf8');
	assert.deepEqual([...page.matchAll(/^\| `(etabli_\w+)/gm)].map(([, name]) => name).sort(), [...real].sort());
	const panels = (JSON.parse(dashboard) as { panels: { targets?: { expr: string }[] }[] }).panels;
	const asked = panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => expr.match(/etabli_\w+/g) ?? []));
	assert.ok(asked.length > 10);
	const all = await metrics.text();
	for (const name of asked) assert.match(all, new RegExp(`# TYPE ${name.replace(/_(bucket|count|sum)$/, '')} `), name);
});
