/** Trouble that must stay where it is: one sandbox's, one course's, one turn's of the clock. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InProcessWorld, testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import { settled } from '../../tests/fixtures/manual-clock.ts';
import { foldersOf, namesOf, openLabs, storyOf } from '../../tests/fixtures/open-labs.ts';
import { FailingRuntime, MemoryRuntime, UndyingRuntime } from '../runtimes/fakes/fakes.ts';
import type { SandboxRecord, SandboxSpec } from '../runtimes/runtime.ts';
import { RuntimeAway, StartFailed } from '../runtimes/runtime.ts';
import { LabService } from './lab-service.ts';

const minute = 60_000;

test('a sandbox that cannot be ended costs its own place: its learner has another, nobody else hears of it, and it goes in the end', async (t) => {
	const runtime = new UndyingRuntime();
	const { world, service, learner } = await openLabs(t, new InProcessWorld(runtime, [testCourse('a')]), { maxSandboxes: 3 });
	const [anne, bob] = [learner(), learner()];
	for (const lab of [anne, bob]) service.start(lab);
	await settled();
	for (const lab of [anne, bob]) service.enter(lab);
	const bobs = storyOf(service, bob);
	const told: string[] = [];
	service.subscribe({
		stuck: ({ learner: name }, gone) => told.push(`${name} ${gone ? 'gone' : 'stuck'}`),
		engine: (answers) => told.push(`engine ${answers}`),
	});
	const undying = service.sandbox(anne).name;
	runtime.undying.add(undying);
	const ended = service.end(anne);
	await settled();
	await world.clock.advance(31_000);
	await ended;
	assert.deepEqual([service.report(anne, 'en').state, told], ['none', [`${anne.owner.name} stuck`]]);
	assert.ok(world.log.lines.some((line) => line.startsWith('ERROR the sandbox cannot be ended') && line.includes(undying)));
	service.start(anne);
	await settled();
	assert.notEqual(service.sandbox(anne).name, undying);
	assert.equal(service.figures().stuck, 1);
	// It keeps its place: three fit, and two are in use.
	const chloe = learner();
	service.enter(chloe);
	service.start(chloe);
	await settled();
	assert.equal(service.report(chloe, 'en').place, 1);
	await world.clock.advance(5 * minute);
	assert.ok(runtime.vain > 3, `tried ${runtime.vain} times`);
	assert.deepEqual([bobs, told.length], [[], 1], 'nobody else hears of it, and the operator once');
	runtime.undying.clear();
	await world.clock.advance(2 * minute);
	assert.deepEqual([service.report(chloe, 'en').state, told.at(-1), service.figures().stuck], ['ready', `${anne.owner.name} gone`, 0]);
	assert.ok(!runtime.records.has(undying) && !foldersOf(world).includes(undying) && !namesOf(world).includes(undying));
});

test('a sandbox whose own file systems keep it from ending is released from them, and gone at the second try', async (t) => {
	const runtime = new UndyingRuntime();
	const { world, service, learner } = await openLabs(t, new InProcessWorld(runtime, [testCourse('a')]));
	const anne = learner();
	service.start(anne);
	await settled();
	const told: boolean[] = [];
	service.subscribe({ stuck: (_, gone) => told.push(gone) });
	const { name } = service.sandbox(anne);
	runtime.undying.add(name);
	runtime.held.add(name);
	const ended = service.end(anne);
	await settled();
	await world.clock.advance(31_000);
	await ended;
	assert.deepEqual([runtime.vain, told, service.figures().stuck, runtime.records.size], [1, [], 0, 0]);
	assert.ok(world.log.lines.some((line) => line.includes('were cut off') && line.includes(name)));
});

test('an engine that dies while it ends a sandbox, and is back at once, is asked again before the sandbox counts as stuck', async (t) => {
	const runtime = new MemoryRuntime();
	const { world, service, learner } = await openLabs(t, new InProcessWorld(runtime, [testCourse('a')]));
	const anne = learner();
	service.start(anne);
	await settled();
	const { name } = service.sandbox(anne);
	const destroy = t.mock.method(runtime, 'destroy');
	destroy.mock.mockImplementationOnce(() => Promise.reject(new RuntimeAway('read ECONNRESET')), 0);
	await service.end(anne);
	assert.equal(destroy.mock.callCount(), 2);
	assert.deepEqual([service.report(anne, 'en').state, service.figures().stuck, runtime.records.has(name)], ['none', 0, false]);
	assert.deepEqual(
		world.log.lines.filter((line) => line.startsWith('ERROR')),
		[],
	);
});

test('a sandbox that cannot be ended is remembered over a restart, and holds nobody up there', async (t) => {
	const runtime = new UndyingRuntime();
	const world = new InProcessWorld(runtime, [testCourse('a')]);
	t.after(() => world.dispose());
	const anne = world.lab();
	const first = new LabService(world.deps());
	await first.open();
	first.start(anne);
	await settled();
	const undying = first.sandbox(anne).name;
	runtime.undying.add(undying);
	const ended = first.end(anne);
	await settled();
	await world.clock.advance(31_000);
	await ended;
	await first.close({ keep: true });
	const second = new LabService(world.deps());
	await second.open();
	second.start(anne);
	await settled();
	assert.equal(second.report(anne, 'en').state, 'ready', 'while the old one is still being tried');
	await world.clock.advance(31_000);
	assert.equal(second.figures().stuck, 1);
	runtime.undying.clear();
	await world.clock.advance(2 * minute);
	assert.deepEqual([second.figures().stuck, namesOf(world)], [0, [second.sandbox(anne).name]]);
	await second.close({ keep: true });
});

test('one course whose sandboxes do not start does not keep the others’ pools empty', async (t) => {
	const runtime = new MemoryRuntime();
	const start = runtime.start.bind(runtime);
	let tries = 0;
	runtime.start = async (spec: SandboxSpec, signal?: AbortSignal) => {
		if (spec.labels['etabli.course'] === 'a') {
			tries++;
			throw new StartFailed('no such image');
		}
		await start(spec, signal);
	};
	const world = new InProcessWorld(runtime, [testCourse('a', { pool: 2 }), testCourse('b', { pool: 2 }), testCourse('c', { pool: 1 })]);
	await openLabs(t, world);
	await world.clock.advance(1000);
	assert.deepEqual(
		world.store
			.sandboxes()
			.map(({ course }) => course)
			.sort(),
		['b', 'b', 'c'],
	);
	await world.clock.advance(10 * minute);
	assert.equal(tries, 4, 'after 1, 2 and 4 minutes');
});

test('a sandbox of the pool that becomes ready while the engine is asked for its list is not taken for an orphan', async (t) => {
	const runtime = new MemoryRuntime();
	const world = new InProcessWorld(runtime, [testCourse('a')]);
	const { service } = await openLabs(t, world);
	const list = runtime.list.bind(runtime);
	let answer: (() => void) | undefined;
	runtime.list = async (...asked): Promise<SandboxRecord[]> => {
		await new Promise<void>((resolve) => {
			answer = resolve;
		});
		return await list(...asked);
	};
	await world.clock.advance(minute);
	assert.ok(answer, 'the engine is being asked');
	service.orderPool('a', { ready: 1, from: 0, until: undefined });
	await settled();
	const [ready] = namesOf(world);
	answer();
	await settled();
	assert.deepEqual([ready !== undefined, namesOf(world), runtime.records.has(ready ?? '')], [true, [ready], true]);
});

test('a store that is busy in a turn of the clock is told, and the next turn does the work', async (t) => {
	const { world, service, learner } = await openLabs(t, new InProcessWorld(new MemoryRuntime(), [testCourse('a', { idle: '10 min' })]));
	const [anne, bob] = [learner(), learner()];
	for (const lab of [anne, bob]) service.start(lab);
	await settled();
	let faults = 0;
	service.subscribe({ fault: () => faults++ });
	const { store } = world;
	const { claim, putSandbox, putReason, addCommand } = store;
	const busy = () => {
		throw Object.assign(new Error('database is locked'), { errcode: 5 });
	};
	// A command ends meanwhile: in the middle of its output is no place for a fault.
	const size = { cols: 80, rows: 24 };
	await service.terminal(anne, { lesson: 'first', number: '1', size, language: 'en' });
	const { name } = service.sandbox(anne);
	store.addCommand = busy;
	world.agent(name).printCommand('first/1', 'apptainer pull x', 0);
	await world.clock.advance(6000);
	assert.deepEqual([store.commands(name, 9).length, faults], [0, 0]);
	store.addCommand = addCommand;
	await world.clock.advance(6000);
	assert.equal(store.commands(name, 9).length, 1, 'stored in the next turn');
	Object.assign(store, { claim: busy, putSandbox: busy, putReason: busy, addCommand: busy });
	await world.clock.advance(11 * minute);
	assert.deepEqual([service.report(anne, 'en').state, service.report(bob, 'en').state], ['none', 'none'], 'put away all the same');
	service.start(anne);
	await world.clock.advance(1000);
	assert.equal(service.report(anne, 'en').state, 'none', 'a start that cannot be noted is refused');
	Object.assign(store, { claim, putSandbox, putReason, addCommand });
	service.start(anne);
	await settled();
	assert.equal(service.report(anne, 'en').state, 'ready');
	assert.ok(world.log.lines.some((line) => line.includes('database is locked')));
});

test('a listener that fails keeps neither the others nor the labs from going on, and a failed task is told', async (t) => {
	const { world, service, learner } = await openLabs(t, new InProcessWorld(new FailingRuntime(), [testCourse('a')]));
	const told: string[] = [];
	service.subscribe({
		failed: () => {
			throw new Error('the events file cannot be written');
		},
	});
	service.subscribe({ failed: (_, code) => told.push(code) });
	service.start(learner());
	await settled();
	assert.deepEqual(told, ['start-failed']);
	assert.ok(world.log.lines.some((line) => line.includes('cannot be written')));
});
