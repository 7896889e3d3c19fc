/** What an operator reads after a class. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { InProcessWorld, testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import { settled } from '../../tests/fixtures/manual-clock.ts';
import { AwayEngine } from '../engines/fakes.ts';
import { SandboxManager } from '../sandboxes/manager.ts';
import { EventLog } from './event-log.ts';

function open(t: TestContext, now: () => number) {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-'));
	const path = join(folder, 'events.log');
	const log = new EventLog(path, now);
	t.after(() => {
		log.close();
		rmSync(folder, { recursive: true });
	});
	return { path, log, lines: () => readFileSync(path, 'utf8').split('\n').slice(0, -1) };
}

test('who got a sandbox and why it went, who waited in vain, when the engine was away', async (t) => {
	const engine = new AwayEngine();
	engine.away = false;
	const world = new InProcessWorld(engine, [testCourse('a', { idle: '10 min' })]);
	const { log, lines } = open(t, () => world.clock.now());
	const manager = new SandboxManager(world.deps({ maxSandboxes: 1 }));
	manager.subscribe(log.listener);
	t.after(async () => {
		await manager.close({ keep: false });
		world.dispose();
	});
	await manager.open();
	await settled();
	const [anne, bob] = [world.store.createLearner(), world.store.createLearner()];
	manager.start(anne, 'a');
	await settled();
	manager.start(bob, 'a');
	await manager.end(bob, 'a');
	await world.clock.advance(11 * 60_000);
	manager.start(bob, 'a');
	await settled();
	engine.end(manager.bench(bob, 'a').name);
	await settled();
	const said = lines().map((line) => line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC {2}/, ''));
	assert.deepEqual(said, [
		`${anne.name}  a  has a sandbox: new, after 0.0 s`,
		`${bob.name}  a  does not wait any more`,
		`${anne.name}  a  sandbox put away: nobody looked at it`,
		`${bob.name}  a  has a sandbox: new, after 0.0 s`,
		`${bob.name}  a  sandbox ended by itself, or from outside`,
	]);
	const listener = log.listener;
	listener.engine(false);
	listener.engine(true);
	assert.match(lines().at(-2) ?? '', /container engine does not answer$/);
	assert.match(lines().at(-1) ?? '', /answers again$/);
});

test('refusals that tell of the room are written, sparingly; a name of a file plays no tricks; the file has a bound', (t) => {
	let now = Date.UTC(2026, 0, 31);
	const { log, lines, path } = open(t, () => now);
	log.refused('bad-request');
	assert.equal(existsSync(path) && lines().length, 0);
	for (let i = 0; i < 100; i++) log.refused('queue-full');
	assert.equal(lines().length, 30);
	now += 61_000;
	log.refused('queue-full');
	assert.match(lines().at(-1) ?? '', /queue is full.*\(queue-full\) \[and 70 more such lines left out\]$/);
	log.listener.notice({ id: '', name: 'learner-1', created: 0 }, 'a', 'disk-full', { path: '/tmp/\x1b[2J\nx' });
	assert.equal(lines().length, 32, 'on one line');
	assert.ok(!readFileSync(path, 'utf8').includes('\x1b'));
	for (let i = 0; i < 50_000; i++) log.say('x'.repeat(100));
	assert.ok(statSync(path).size < 2.2 * 2 ** 20 && statSync(`${path}.old`).size < 2.2 * 2 ** 20);
});
