/** What is asked of one lab at the same time, or at the wrong moment: one operation after the other, and the last word counts. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { InProcessWorld, testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import { settled } from '../../tests/fixtures/manual-clock.ts';
import { namesOf, openLabs } from '../../tests/fixtures/open-labs.ts';
import { AwayRuntime, MemoryRuntime, NeverRuntime } from '../runtimes/fakes/fakes.ts';
import type { SandboxSettings } from '../sandboxes/sandbox-deps.ts';
import type { Lab } from './lab.ts';

const homes = { limit: 2 ** 20, days: 30 };
const open = (t: TestContext, settings: Partial<SandboxSettings> = {}, pool = 0) =>
	openLabs(t, new InProcessWorld(new MemoryRuntime(), [testCourse('a', { pool })]), settings);

/** Files that the next sandbox of the lab would begin with. */
function keep(world: InProcessWorld, lab: Lab): string {
	const path = join(world.data, 'homes/a', `${lab.owner.name}.tar.gz`);
	mkdirSync(join(world.data, 'homes/a'), { recursive: true });
	writeFileSync(path, '');
	const saved = world.clock.now();
	world.store.putHome({ ...lab.key, file: `a/${lab.owner.name}.tar.gz`, saved, bytes: 1, lessons: [], leftOut: [] });
	return path;
}

test('two resets at once are one: one sandbox, which is its learner’s, and nobody’s is left', async (t) => {
	const { world, service, learner } = await open(t, { homes });
	const anne = learner();
	service.start(anne);
	await settled();
	await Promise.all([service.reset(anne), service.reset(anne)]);
	await settled();
	assert.equal(service.report(anne, 'en').state, 'ready');
	assert.deepEqual(namesOf(world), [service.sandbox(anne).name]);
	assert.deepEqual(
		world.log.lines.filter((line) => line.startsWith('ERROR')),
		[],
	);
});

test('a page that starts the sandbox while a reset removes the kept files: one sandbox, without them', async (t) => {
	const { world, service, learner } = await open(t, { homes });
	const anne = learner();
	const kept = keep(world, anne);
	const reset = service.reset(anne);
	service.start(anne);
	await reset;
	await settled();
	assert.equal(service.report(anne, 'en').state, 'ready');
	assert.deepEqual([namesOf(world).length, existsSync(kept), world.store.home(anne.key)], [1, false, undefined]);
});

test('a reset while one waits, starts or stops takes the kept files away and gives a sandbox', async (t) => {
	const { world, service, learner } = await open(t, { homes, maxSandboxes: 1 });
	const [anne, bob] = [learner(), learner()];
	service.start(anne);
	await settled();
	service.enter(bob);
	service.start(bob);
	const kept = keep(world, bob);
	await service.reset(bob);
	assert.deepEqual([service.report(bob, 'en').place, existsSync(kept)], [1, false], 'queued: the place stays');
	const ended = service.end(anne);
	keep(world, anne);
	const reset = service.reset(anne);
	await Promise.all([ended, reset]);
	await settled();
	assert.deepEqual([service.report(bob, 'en').state, world.store.home(anne.key)], ['ready', undefined], 'stopping');
	assert.equal(service.report(anne, 'en').place, 1);
});

test('a reset while the sandbox is being made: that start is given up, and another one follows', async (t) => {
	const runtime = new NeverRuntime();
	const { world, service, learner } = await openLabs(t, new InProcessWorld(runtime, [testCourse('a')]), { homes });
	const anne = learner();
	service.start(anne);
	await settled();
	const [first] = namesOf(world);
	const kept = keep(world, anne);
	await service.reset(anne);
	await settled();
	assert.deepEqual([service.report(anne, 'en').state, existsSync(kept)], ['starting', false]);
	assert.equal(namesOf(world).length, 1);
	assert.notEqual(namesOf(world)[0], first);
});

test('ended while a sandbox of the pool is being given to them: they have none, and it is nobody else’s', async (t) => {
	const { world, service, learner } = await open(t, {}, 1);
	await world.clock.advance(2000);
	const [pooled] = namesOf(world);
	// Its agent is away for a moment, so that the claim takes one.
	world.agent(pooled ?? '').connection?.drop();
	const anne = learner();
	service.start(anne);
	await settled();
	assert.equal(service.report(anne, 'en').state, 'starting');
	await service.end(anne);
	world.connect(pooled ?? '');
	await settled();
	assert.equal(service.report(anne, 'en').state, 'none');
	assert.ok(!namesOf(world).includes(pooled ?? ''));
	await world.clock.advance(5000);
	const bob = learner();
	service.start(bob);
	await settled();
	assert.notEqual(service.sandbox(bob).name, pooled);
});

test('ended after a reset that is under way: the last word counts', async (t) => {
	const { world, service, learner } = await open(t, { homes });
	const anne = learner();
	service.start(anne);
	await settled();
	await Promise.all([service.reset(anne), service.end(anne)]);
	await settled();
	assert.deepEqual([service.report(anne, 'en').state, namesOf(world)], ['none', []]);
});

test('whose sandbox of the pool was dead, and who then called it off, is given one of the pool the next time', async (t) => {
	const runtime = new AwayRuntime();
	runtime.away = false;
	const { world, service, learner } = await openLabs(t, new InProcessWorld(runtime, [testCourse('a', { pool: 1 })]));
	const [dead] = namesOf(world);
	const anne = learner();
	const given: boolean[] = [];
	service.subscribe({ given: (_, { pool }) => given.push(pool) });
	runtime.away = true;
	world.agent(dead ?? '').connection?.drop();
	service.start(anne);
	await world.clock.advance(6000);
	assert.equal(service.report(anne, 'en').state, 'unavailable');
	await service.end(anne);
	runtime.away = false;
	await world.clock.advance(10_000);
	service.start(anne);
	await settled();
	assert.deepEqual(given, [true]);
});

test('a newcomer’s reset waits like everybody else, and finds a full queue full', async (t) => {
	const { world, service, learner } = await open(t, { homes, maxSandboxes: 1 });
	const crowd = Array.from({ length: 4 }, learner);
	for (const lab of crowd) {
		service.enter(lab);
		service.start(lab, lab.owner.name);
	}
	await settled();
	const newcomer = learner();
	await service.reset(newcomer, 'elsewhere');
	assert.deepEqual(
		[...crowd.slice(1), newcomer].map((lab) => service.report(lab, 'en').place),
		[1, 2, 3, 4],
	);
	const late = learner();
	const kept = keep(world, late);
	await assert.rejects(service.reset(late, 'elsewhere'), { code: 'queue-full' });
	assert.ok(existsSync(kept), 'who is refused loses nothing');
	assert.match(service.report(late, 'en').reason ?? '', /queue is full/);
});
