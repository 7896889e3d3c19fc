/** What an operator reads after a class. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { InProcessWorld, testCourse } from '../../../tests/fixtures/in-process-sandboxes.ts';
import { settled } from '../../../tests/fixtures/manual-clock.ts';
import { bareLab } from '../../labs/lab.ts';
import { LabService } from '../../labs/lab-service.ts';
import { AwayRuntime } from '../../runtimes/fakes/fakes.ts';
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
	const engine = new AwayRuntime();
	engine.away = false;
	const world = new InProcessWorld(engine, [testCourse('a', { idle: '10 min' })]);
	const { log, lines } = open(t, () => world.clock.now());
	const service = new LabService(world.deps({ maxSandboxes: 1 }));
	service.subscribe(log.listener);
	t.after(async () => {
		await service.close({ keep: false });
		world.dispose();
	});
	await service.open();
	await settled();
	const [anne, bob] = [world.lab(), world.lab()];
	service.start(anne);
	await settled();
	service.start(bob);
	await service.end(bob);
	await world.clock.advance(11 * 60_000);
	service.start(bob);
	await settled();
	engine.end(service.sandbox(bob).name);
	await settled();
	const said = lines().map((line) => line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC {2}/, ''));
	assert.deepEqual(said, [
		`${anne.owner.name}  a  has a sandbox: new, after 0.0 s`,
		`${bob.owner.name}  a  does not wait any more`,
		`${anne.owner.name}  a  sandbox put away: nobody looked at it`,
		`${bob.owner.name}  a  has a sandbox: new, after 0.0 s`,
		`${bob.owner.name}  a  sandbox ended by itself, or from outside`,
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
	const lab = bareLab({ owner: { id: '', name: 'learner-1', seed: '', created: 0 }, course: testCourse('a') });
	log.refused('bad-request');
	assert.equal(existsSync(path) && lines().length, 0);
	for (let i = 0; i < 100; i++) log.refused('queue-full');
	assert.equal(lines().length, 30);
	now += 61_000;
	log.refused('queue-full');
	assert.match(lines().at(-1) ?? '', /queue is full.*\(queue-full\) \[and 70 more such lines left out\]$/);
	log.listener.notice(lab, 'disk-full', { path: '/tmp/\x1b[2J\nx\x9b\u202e' });
	assert.equal(lines().length, 32, 'on one line');
	assert.match(lines().at(-1) ?? '', /\/tmp\/\\u001b\[2J\\u000ax\\u009b\\u202e/);
	assert.doesNotMatch(readFileSync(path, 'utf8'), /(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
	for (let i = 0; i < 50_000; i++) log.say('x'.repeat(100));
	assert.ok(statSync(path).size < 2.2 * 2 ** 20 && statSync(`${path}.old`).size < 2.2 * 2 ** 20);
});
