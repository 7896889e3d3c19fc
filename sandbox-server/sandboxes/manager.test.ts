/** Who gets a sandbox, and for how long. (Over 400 lines: the cases share one world, and each stands for itself.) */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { InProcessHolder } from '../../tests/fixtures/in-process-holder.ts';
import { InProcessWorld, testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import { settled } from '../../tests/fixtures/manual-clock.ts';
import { AwayEngine, FailingEngine, MemoryEngine, NeverEngine } from '../engines/fakes.ts';
import type { LearnerRow } from '../store/store.ts';
import type { SandboxSettings } from './deps.ts';
import { SandboxManager } from './manager.ts';

const minute = 60_000;

interface Setting {
	world: InProcessWorld;
	manager: SandboxManager;
	learner: () => LearnerRow;
	/** What happened to a learner: states of their report, notices, failures. */
	story: (learner: LearnerRow, course?: string) => string[];
}

async function open(t: TestContext, world: InProcessWorld, settings: Partial<SandboxSettings> = {}): Promise<Setting> {
	const manager = new SandboxManager(world.deps(settings));
	await manager.open();
	await settled();
	t.after(async () => {
		await manager.close({ keep: true });
		assert.equal(world.clock.pending, 0, 'every timer is disposed of');
		world.dispose();
	});
	return {
		world,
		manager,
		learner: () => world.store.createLearner(),
		story: (learner, course = 'a') => storyOf(manager, learner, course),
	};
}

function storyOf(manager: SandboxManager, learner: LearnerRow, course: string): string[] {
	const story: string[] = [];
	manager.subscribe({
		changed: (who, where) => {
			if (who.id !== learner.id || where !== course) return;
			const { state, place } = manager.report(who, where, 'en');
			const line = place ? `${state} ${place}` : state;
			if (story.at(-1) !== line) story.push(line);
		},
		notice: (who, _where, code, values) => who.id === learner.id && story.push(`! ${code}${values['path'] ? ` ${values['path']}` : ''}`),
		failed: (who, _where, code) => who.id === learner.id && story.push(`failed ${code}`),
	});
	return story;
}

const names = (world: InProcessWorld) => world.store.sandboxes().map(({ name }) => name);
const folders = (world: InProcessWorld) => readdirSync(join(world.data, 'sandboxes'));

test('a learner gets a sandbox of the pool at once, however often they click, and the pool is filled again', async (t) => {
	const { world, manager, learner } = await open(t, new InProcessWorld(new MemoryEngine(), [testCourse('a', { pool: 1 })]));
	const [ready] = names(world);
	const who = learner();
	for (let i = 0; i < 5; i++) manager.start(who, 'a');
	await settled();
	assert.equal(manager.report(who, 'a', 'en').state, 'ready');
	assert.equal(manager.bench(who, 'a').name, ready);
	assert.equal(world.registries.get(join(world.data, 'sandboxes', ready ?? '', 'registry.sock')), who.name);
	assert.equal(names(world).length, 1, 'not while somebody is on the way to a prompt');
	await world.clock.advance(2000);
	assert.equal(names(world).length, 2);
});

test('the pool follows the hour and the operator: filled ahead of a class, put away after it', async (t) => {
	const world = new InProcessWorld(new MemoryEngine(), [testCourse('a', { pool: 1 })]);
	const { manager } = await open(t, world);
	assert.equal(names(world).length, 1);
	const now = world.clock.now();
	manager.orderPool('a', { ready: 4, from: now + 10 * minute, until: now + 40 * minute });
	await settled();
	assert.equal(names(world).length, 1);
	await world.clock.advance(11 * minute);
	assert.equal(names(world).length, 4);
	await world.clock.advance(30 * minute);
	assert.equal(names(world).length, 1);
	manager.orderPool('a', { ready: 0, from: 0, until: undefined });
	await settled();
	assert.equal(names(world).length, 0);
	manager.orderPool('a', undefined);
	await settled();
	assert.equal(names(world).length, 1);
	assert.throws(() => manager.orderPool('b', undefined), /not-found/);
});

test('what the operator ordered, and why a sandbox is not there any more, is known after a restart of the server', async (t) => {
	const engine = new MemoryEngine();
	const world = new InProcessWorld(engine, [testCourse('a', { idle: '10 min' }), testCourse('b')]);
	t.after(() => world.dispose());
	const [anne, bob] = [world.store.createLearner(), world.store.createLearner()];
	const first = new SandboxManager(world.deps());
	await first.open();
	first.orderPool('b', { ready: 2, from: 0, until: world.clock.now() + 60 * minute });
	first.start(anne, 'a');
	first.start(bob, 'a');
	await settled();
	const leave = first.enter(bob, 'a');
	await world.clock.advance(11 * minute);
	engine.end(first.bench(bob, 'a').name);
	await settled();
	leave();
	await first.close({ keep: true });
	const second = new SandboxManager(world.deps());
	await second.open();
	await settled();
	await world.clock.advance(10_000);
	assert.deepEqual(second.figures().pool, [
		{ course: 'a', count: 0 },
		{ course: 'b', count: 2 },
	]);
	assert.match(second.report(anne, 'a', 'en').reason ?? '', /put away after 10 min without a visit/);
	assert.deepEqual([second.report(bob, 'a', 'en').state, second.report(bob, 'b', 'en').state], ['lost', 'none']);
	assert.match(second.report(bob, 'a', 'fr').reason ?? '', /arrêté de lui-même/);
	second.start(anne, 'a');
	await settled();
	await second.end(anne, 'a');
	assert.equal(second.report(anne, 'a', 'en').reason, undefined, 'it has been said');
	second.orderPool('b', undefined);
	await world.clock.advance(25 * 60 * minute);
	await second.close({ keep: true });
	const third = new SandboxManager(world.deps());
	await third.open();
	assert.equal(third.figures().pool[1]?.count, 0);
	assert.equal(third.report(bob, 'a', 'en').state, 'none', 'after a day nobody cares');
	await third.close({ keep: false });
});

test('two learners who want the last pooled sandbox at the same moment get one each', async (t) => {
	const { world, manager, learner } = await open(t, new InProcessWorld(new MemoryEngine(), [testCourse('a', { pool: 1 })]));
	const [anne, bob] = [learner(), learner()];
	manager.start(anne, 'a');
	manager.start(bob, 'a');
	await world.clock.advance(1000);
	assert.notEqual(manager.bench(anne, 'a').name, manager.bench(bob, 'a').name);
});

test('who found a sandbox ready comes to a prompt before new ones are made, which the next learner is told', async (t) => {
	const { world, manager, learner, story } = await open(t, new InProcessWorld(new MemoryEngine(), [testCourse('a', { pool: 1 })]));
	const [anne, bob] = [learner(), learner()];
	const bobs = story(bob);
	manager.start(anne, 'a');
	manager.start(bob, 'a');
	await settled();
	assert.deepEqual([names(world).length, bobs], [1, ['queued 1']]);
	const size = { cols: 80, rows: 24 };
	await manager.terminal(anne, { course: 'a', lesson: 'first', number: '1', size, language: 'en' });
	await settled();
	assert.equal(names(world).length, 1);
	world.holder(manager.bench(anne, 'a').name).print('first/1', '$ ');
	await settled();
	assert.equal(bobs.at(-1), 'ready');
	assert.equal(names(world).length, 2, 'and the pool is not filled yet');
	await world.clock.advance(1000);
	assert.equal(names(world).length, 3);
});

test('with no room learners wait in order, see their place move, and start by themselves', async (t) => {
	const { world, manager, learner, story } = await open(t, new InProcessWorld(new MemoryEngine(), [testCourse('a', { idle: '10 min' })]), {
		maxSandboxes: 1,
	});
	const [anne, bob, chloe] = [learner(), learner(), learner()];
	manager.start(anne, 'a');
	await settled();
	const [bobs, chloes] = [story(bob), story(chloe)];
	for (const who of [bob, chloe]) {
		manager.enter(who, 'a');
		manager.start(who, 'a');
	}
	assert.deepEqual(manager.report(chloe, 'a', 'en').place, 2);
	assert.ok((manager.report(bob, 'a', 'en').wait ?? 0) <= 600, 'Anne is put away after 10 minutes without a page');
	await manager.end(anne, 'a');
	await settled();
	assert.deepEqual(bobs, ['queued 1', 'starting', 'ready']);
	assert.deepEqual(chloes, ['queued 2', 'queued 1']);
	await manager.end(bob, 'a');
	await settled();
	assert.deepEqual(chloes.slice(-2), ['starting', 'ready']);
	assert.equal(names(world).length, 1);
});

test('while somebody waits, a sandbox that nobody looks at is put away sooner', async (t) => {
	const { world, manager, learner } = await open(t, new InProcessWorld(new MemoryEngine(), [testCourse('a', { idle: '60 min' })]), {
		maxSandboxes: 1,
	});
	const [anne, bob] = [learner(), learner()];
	manager.start(anne, 'a');
	await settled();
	await world.clock.advance(4 * minute);
	assert.equal(manager.report(anne, 'a', 'en').state, 'ready');
	manager.enter(bob, 'a');
	manager.start(bob, 'a');
	await world.clock.advance(2 * minute);
	await settled();
	assert.equal(manager.report(bob, 'a', 'en').state, 'ready');
	assert.match(manager.report(anne, 'a', 'en').reason ?? '', /5 min/);
});

test('who leaves the queue with no page open gives the place up, and is told why', async (t) => {
	const { world, manager, learner } = await open(t, new InProcessWorld(new MemoryEngine(), [testCourse('a')]), { maxSandboxes: 1 });
	const [anne, bob] = [learner(), learner()];
	manager.enter(anne, 'a');
	manager.start(anne, 'a');
	await settled();
	const leave = manager.enter(bob, 'a');
	manager.start(bob, 'a');
	leave();
	await world.clock.advance(3 * minute);
	const report = manager.report(bob, 'a', 'en');
	assert.equal(report.state, 'none');
	assert.match(report.reason ?? '', /place in the queue/);
});

test('a sandbox kept ready for another course makes room', async (t) => {
	const world = new InProcessWorld(new MemoryEngine(), [testCourse('a'), testCourse('b', { pool: 1 })]);
	const { manager, learner } = await open(t, world, { maxSandboxes: 1 });
	assert.equal(world.store.sandboxes()[0]?.course, 'b');
	const anne = learner();
	manager.start(anne, 'a');
	await settled();
	assert.equal(manager.report(anne, 'a', 'en').state, 'ready');
	assert.deepEqual(
		world.store.sandboxes().map(({ course }) => course),
		['a'],
	);
});

test('a start that fails leaves nothing behind and is told; the next one works', async (t) => {
	const engine = new FailingEngine();
	const { world, manager, learner, story } = await open(t, new InProcessWorld(engine, [testCourse('a')]));
	const anne = learner();
	const annes = story(anne);
	manager.start(anne, 'a');
	await settled();
	assert.deepEqual(annes, ['starting', 'none', 'failed start-failed']);
	assert.match(manager.report(anne, 'a', 'en').reason ?? '', /could not start/);
	assert.deepEqual([names(world), folders(world), [...engine.records]], [[], [], []]);
	engine.failing = false;
	manager.start(anne, 'a');
	await settled();
	assert.equal(manager.report(anne, 'a', 'en').state, 'ready');
});

test('a start that never ends is given up after a minute', async (t) => {
	const { world, manager, learner } = await open(t, new InProcessWorld(new NeverEngine(), [testCourse('a')]));
	const anne = learner();
	manager.start(anne, 'a');
	await world.clock.advance(59_000);
	assert.equal(manager.report(anne, 'a', 'en').state, 'starting');
	await world.clock.advance(2000);
	assert.equal(manager.report(anne, 'a', 'en').state, 'none');
	assert.deepEqual([names(world), folders(world)], [[], []]);
});

test('a sandbox that ends before its holder has connected is given up at once', async (t) => {
	const engine = new MemoryEngine();
	const world = new InProcessWorld(engine, [testCourse('a')]);
	world.connects = false;
	const { manager, learner } = await open(t, world);
	const anne = learner();
	manager.start(anne, 'a');
	await settled();
	engine.end(names(world)[0] ?? '');
	await world.clock.advance(3000);
	assert.equal(manager.report(anne, 'a', 'en').state, 'none');
	assert.deepEqual([names(world), folders(world), [...engine.records]], [[], [], []]);
});

test('sandboxes of the pool that are dead when they are handed out: who asked has a new one, made for them, and hears of no failure', async (t) => {
	const engine = new MemoryEngine();
	const { world, manager, learner, story } = await open(t, new InProcessWorld(engine, [testCourse('a', { pool: 3 })]));
	await world.clock.advance(3000);
	const dead = names(world);
	assert.equal(dead.length, 3);
	// Their programs have ended, and the engine's word of it has not come yet.
	for (const name of dead) {
		world.holder(name).connection?.drop();
		engine.records.delete(name);
	}
	const anne = learner();
	const annes = story(anne);
	manager.start(anne, 'a');
	await world.clock.advance(10_000);
	assert.deepEqual(annes, ['starting', 'ready']);
	assert.ok(!dead.includes(manager.bench(anne, 'a').name));
	assert.equal(manager.report(anne, 'a', 'en').reason, undefined);
});

test('a sandbox of the pool that ends before its learner has seen a prompt is replaced; one that is made then and fails is told', async (t) => {
	const engine = new FailingEngine();
	engine.failing = false;
	const { world, manager, learner, story } = await open(t, new InProcessWorld(engine, [testCourse('a', { pool: 1 })]));
	const [anne, bob] = [learner(), learner()];
	const bobs = story(bob);
	await world.clock.advance(1000);
	manager.start(anne, 'a');
	await settled();
	const first = manager.bench(anne, 'a').name;
	engine.end(first);
	await world.clock.advance(5000);
	assert.notEqual(manager.bench(anne, 'a').name, first);
	assert.equal(manager.report(anne, 'a', 'en').state, 'ready');
	await world.clock.advance(5000);
	engine.failing = true;
	manager.start(bob, 'a');
	await settled();
	engine.end(manager.bench(bob, 'a').name);
	await world.clock.advance(5000);
	assert.deepEqual(bobs.slice(-2), ['none', 'failed start-failed']);
});

test('a sandbox that nobody looks at is put away, with a word for the next visit; one with an open page stays until its lifetime', async (t) => {
	const course = testCourse('a', { idle: '10 min', lifetime: '1 h' });
	const { world, manager, learner } = await open(t, new InProcessWorld(new MemoryEngine(), [course]));
	const [anne, bob] = [learner(), learner()];
	const leave = manager.enter(anne, 'a');
	manager.enter(bob, 'a');
	manager.start(anne, 'a');
	manager.start(bob, 'a');
	await world.clock.advance(30 * minute);
	assert.equal(manager.report(anne, 'a', 'en').state, 'ready');
	leave();
	await world.clock.advance(9 * minute);
	assert.equal(manager.report(anne, 'a', 'en').state, 'ready');
	await world.clock.advance(2 * minute);
	assert.match(manager.report(anne, 'a', 'en').reason ?? '', /put away after 10 min without a visit/);
	assert.equal(manager.report(bob, 'a', 'en').state, 'ready');
	await world.clock.advance(20 * minute);
	assert.match(manager.report(bob, 'a', 'en').reason ?? '', /60 min, the longest/);
	assert.deepEqual([names(world), folders(world)], [[], []]);
});

test('the end is told ten and two minutes ahead, and can be put off as often as the course allows, across restarts', async (t) => {
	const course = testCourse('a', { lifetime: '1 h', extend: { by: '30 min', times: 2 } });
	const { world, manager, learner, story } = await open(t, new InProcessWorld(new MemoryEngine(), [course]));
	const anne = learner();
	manager.enter(anne, 'a');
	manager.start(anne, 'a');
	await settled();
	const ends = manager.report(anne, 'a', 'en').ends ?? 0;
	const annes = story(anne);
	await world.clock.advance(49 * minute);
	assert.deepEqual(annes, []);
	await world.clock.advance(2 * minute);
	assert.deepEqual(annes, ['! ends-soon']);
	// The same at the next prompt, in the learner's language, with what to do; the shell fills in the minutes.
	const posted = (language: string): string | undefined => {
		const path = join(world.data, 'sandboxes', names(world)[0] ?? '', `notice.${language}`);
		return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
	};
	const [key, when, words] = posted('fr')?.split('\n') ?? [];
	assert.deepEqual([key, when], [`${ends}-10`, String(ends / 1000)]);
	assert.match(words ?? '', /rangé dans \{minutes\} min.*« Garder 30 min de plus »/);
	assert.match(posted('en') ?? '', /put away in \{minutes\} min.*"Keep it 30 min longer"/);
	manager.extend(anne, 'a');
	await settled();
	assert.equal(posted('fr'), undefined, 'it does not hold any more');
	assert.deepEqual(manager.report(anne, 'a', 'en'), { state: 'ready', ends: ends + 30 * minute, extend: 1800 });
	await world.clock.advance(38 * minute);
	assert.deepEqual(annes, ['! ends-soon', 'ready', '! ends-soon', '! ends-soon'], 'anew for the new end');
	manager.extend(anne, 'a');
	assert.deepEqual(manager.report(anne, 'a', 'en'), { state: 'ready', ends: ends + 60 * minute });
	assert.throws(() => manager.extend(anne, 'a'), /no-extension/);
	assert.equal(world.store.sandboxes()[0]?.extended, 2, 'the next server knows');
	await world.clock.advance(29 * minute);
	assert.equal(manager.report(anne, 'a', 'en').state, 'ready');
	await world.clock.advance(3 * minute);
	assert.match(manager.report(anne, 'a', 'en').reason ?? '', /put away after 120 min/);
	assert.throws(() => manager.extend(anne, 'a'), /no-sandbox/);
});

test('files are kept every five minutes while somebody types, and only then; what is left out is told once', async (t) => {
	const world = new InProcessWorld(new MemoryEngine(), [testCourse('a')]);
	const { manager, learner, story } = await open(t, world, { homes: { limit: 1000, days: 30 } });
	const anne = learner();
	manager.enter(anne, 'a');
	manager.start(anne, 'a');
	await settled();
	const annes = story(anne);
	const holder = world.holder(manager.bench(anne, 'a').name);
	let large = false;
	holder.answer = async ({ name, env, onOutput }) => {
		if (name !== 'keep home') return { outcome: 'exited', code: 0, ms: 1, stdout: '', stderr: '' };
		const tooLarge = large && Number(env['LARGEST']) > 1000;
		await onOutput?.(Buffer.from('archive'));
		return {
			outcome: tooLarge ? 'output-limit' : 'exited',
			code: 0,
			ms: 1,
			stdout: '',
			stderr: large ? 'left out\t3145728\tbig\x1b[2J.sif\n' : '',
		};
	};
	const saves = () => holder.scripts.filter(({ name }) => name === 'keep home').length;
	const { terminal } = await manager.terminal(anne, {
		course: 'a',
		lesson: 'first',
		number: '1',
		size: { cols: 80, rows: 24 },
		language: 'en',
	});
	const nothing = { output() {}, preamble() {}, resized() {}, live() {}, gap() {}, exited() {}, gone() {} };
	const viewer = terminal.view({ cols: 80, rows: 24 }, 1000, nothing);
	await world.clock.advance(20 * minute);
	assert.equal(saves(), 0);
	viewer.input(Buffer.from('x'));
	await world.clock.advance(minute);
	assert.equal(saves(), 1);
	viewer.input(Buffer.from('x'));
	await world.clock.advance(3 * minute);
	assert.equal(saves(), 1);
	await world.clock.advance(2 * minute);
	assert.equal(saves(), 2);
	await world.clock.advance(30 * minute);
	assert.equal(saves(), 2);
	large = true;
	for (let i = 0; i < 3; i++) {
		viewer.input(Buffer.from('x'));
		await world.clock.advance(6 * minute);
	}
	assert.deepEqual(annes, ['! home-too-large']);
	assert.deepEqual(world.store.home(anne.id, 'a')?.leftOut, ['big.sif']);
	assert.equal(readdirSync(join(world.data, 'homes/a')).length, 1);
});

test('a sandbox that ends by itself is lost with a reason, cleaned up, and can be had anew', async (t) => {
	const engine = new MemoryEngine();
	const { world, manager, learner, story } = await open(t, new InProcessWorld(engine, [testCourse('a')]));
	const anne = learner();
	manager.start(anne, 'a');
	await settled();
	const annes = story(anne);
	const { name } = manager.bench(anne, 'a');
	engine.end(name);
	await settled();
	assert.deepEqual(annes, ['lost']);
	assert.match(manager.report(anne, 'a', 'fr').reason ?? '', /arrêté/);
	assert.equal(existsSync(join(world.data, 'sandboxes', name)), false);
	manager.start(anne, 'a');
	await settled();
	assert.equal(annes.at(-1), 'ready');
});

test('a holder that goes and comes back is a short wait; one that stays away is a lost sandbox', async (t) => {
	const { world, manager, learner, story } = await open(t, new InProcessWorld(new MemoryEngine(), [testCourse('a')]));
	const anne = learner();
	manager.start(anne, 'a');
	await settled();
	const annes = story(anne);
	const { name } = manager.bench(anne, 'a');
	world.holder(name).connection?.drop();
	assert.throws(() => manager.bench(anne, 'a'), /sandbox-busy/);
	await world.clock.advance(200);
	world.connect(name);
	assert.deepEqual(annes, ['starting', 'ready']);
	world.holder(name).connection?.drop();
	await world.clock.advance(30_000);
	assert.equal(annes.at(-1), 'lost');
	assert.equal(names(world).length, 0);
});

test('while the engine is away living sandboxes go on, new ones wait, and everything is put right when it is back', async (t) => {
	const engine = new AwayEngine();
	engine.away = false;
	const { world, manager, learner, story } = await open(t, new InProcessWorld(engine, [testCourse('a')]));
	const [anne, bob, chloe] = [learner(), learner(), learner()];
	manager.start(anne, 'a');
	manager.start(chloe, 'a');
	await settled();
	const gone = manager.bench(chloe, 'a').name;
	const [annes, bobs] = [story(anne), story(bob)];
	engine.away = true;
	manager.enter(bob, 'a');
	await settled();
	assert.deepEqual(annes, ['ready', '! engine-away']);
	manager.start(bob, 'a');
	assert.equal(manager.report(bob, 'a', 'en').state, 'unavailable');
	assert.match(manager.report(bob, 'a', 'en').reason ?? '', /does not answer/);
	assert.ok(manager.bench(anne, 'a').ready);
	await assert.rejects(manager.end(anne, 'a'), /engine-away/);
	assert.ok(manager.bench(anne, 'a').ready, 'what could not be ended is still there');
	await world.clock.advance(5 * minute);
	engine.records.delete(gone);
	engine.away = false;
	await world.clock.advance(30_000);
	assert.deepEqual(bobs.slice(-2), ['starting', 'ready']);
	assert.equal(manager.report(chloe, 'a', 'en').state, 'lost');
	assert.ok(manager.bench(anne, 'a').ready);
});

test('the server starts while the engine is away, and begins when it comes', async (t) => {
	const engine = new AwayEngine();
	const { world, manager, learner } = await open(t, new InProcessWorld(engine, [testCourse('a', { pool: 1 })]));
	const anne = learner();
	assert.equal(manager.report(anne, 'a', 'en').state, 'unavailable');
	manager.start(anne, 'a');
	engine.away = false;
	await world.clock.advance(20_000);
	assert.equal(manager.report(anne, 'a', 'en').state, 'ready');
});

test('after a restart living sandboxes are adopted; orphans, half-made ones and stale folders are removed', async (t) => {
	const engine = new MemoryEngine();
	const world = new InProcessWorld(engine, [testCourse('a', { pool: 1 })]);
	const first = new SandboxManager(world.deps());
	await first.open();
	await settled();
	const [anne, bob] = [world.store.createLearner(), world.store.createLearner()];
	first.start(anne, 'a');
	first.start(bob, 'a');
	await world.clock.advance(1000);
	const [annes, bobs] = [first.bench(anne, 'a').name, first.bench(bob, 'a').name];
	await first.close({ keep: true });
	// While no server runs: Bob's container dies, and there are remains of a server that was killed.
	engine.records.delete(bobs);
	world.holders.delete(bobs);
	world.store.putSandbox({
		name: 'etabli-half',
		course: 'a',
		learner: undefined,
		state: 'starting',
		created: 1,
		claimed: undefined,
		seen: 1,
	});
	mkdirSync(join(world.data, 'sandboxes', 'etabli-0123456789ab'));
	engine.records.set('etabli-orphan', { name: 'etabli-orphan', running: true, labels: { 'etabli.instance': 'test' }, created: 1 });
	engine.records.set('other', { name: 'other', running: true, labels: { 'etabli.instance': 'another' }, created: 1 });

	const { manager } = await open(t, world);
	world.connect(annes);
	await settled();
	assert.equal(manager.bench(anne, 'a').name, annes);
	assert.equal(world.registries.get(join(world.data, 'sandboxes', annes, 'registry.sock')), anne.name);
	assert.equal(manager.report(bob, 'a', 'en').state, 'lost');
	assert.match(manager.report(bob, 'a', 'en').reason ?? '', /while the server was down/);
	assert.ok(engine.records.has('other'), 'sandboxes of another server are none of our business');
	engine.records.delete('other');
	assert.deepEqual(names(world).sort(), [...engine.records.keys()].sort());
	assert.deepEqual(folders(world).sort(), [...engine.records.keys()].sort());
});

test('a pool sandbox of yesterday’s image is not given to anybody', async (t) => {
	const engine = new MemoryEngine();
	const world = new InProcessWorld(engine, [testCourse('a', { pool: 1 })]);
	const first = new SandboxManager(world.deps());
	await first.open();
	await settled();
	const [old] = names(world);
	await first.close({ keep: true });
	world.image = 'image:2';
	await open(t, world);
	await settled();
	assert.deepEqual(names(world).includes(old ?? ''), false);
	assert.deepEqual(
		[...engine.specs.values()].map(({ image }) => image),
		['image:2'],
	);
});

test('reset gives another sandbox before anybody who waits', async (t) => {
	const { manager, learner } = await open(t, new InProcessWorld(new MemoryEngine(), [testCourse('a')]), { maxSandboxes: 1 });
	const [anne, bob] = [learner(), learner()];
	manager.start(anne, 'a');
	await settled();
	const { name } = manager.bench(anne, 'a');
	manager.start(bob, 'a');
	await manager.reset(anne, 'a');
	await settled();
	assert.notEqual(manager.bench(anne, 'a').name, name);
	assert.equal(manager.report(bob, 'a', 'en').place, 1);
});

test('a start can be called off', async (t) => {
	const { world, manager, learner } = await open(t, new InProcessWorld(new NeverEngine(), [testCourse('a')]));
	const anne = learner();
	manager.start(anne, 'a');
	await manager.end(anne, 'a');
	await settled();
	assert.deepEqual([manager.report(anne, 'a', 'en').state, names(world)], ['none', []]);
});

test('close without keeping destroys every sandbox', async (t) => {
	const engine = new MemoryEngine();
	const { world, manager, learner } = await open(t, new InProcessWorld(engine, [testCourse('a', { pool: 2 })]));
	manager.start(learner(), 'a');
	await settled();
	await manager.close({ keep: false });
	assert.deepEqual([[...engine.records], names(world), folders(world)], [[], [], []]);
});

test('a full disk, memory or process table is told once a minute, and only while somebody looks', async (t) => {
	const { world, manager, learner, story } = await open(t, new InProcessWorld(new MemoryEngine(), [testCourse('a')]));
	const anne = learner();
	manager.start(anne, 'a');
	await settled();
	const holder: InProcessHolder = world.holder(manager.bench(anne, 'a').name);
	assert.equal(holder.vitalsMs, 0);
	const leave = manager.enter(anne, 'a');
	assert.equal(holder.vitalsMs, 3000);
	const annes = story(anne);
	const well = {
		memoryUsed: 1,
		memoryLimit: 100,
		oomKills: 3,
		processes: 5,
		processLimit: 256,
		processLimitHits: 0,
		places: [{ path: '/home/learner', bytes: 1000, bytesFree: 500, inodes: 1000, inodesFree: 500 }],
	};
	const full = [{ path: '/home/learner', bytes: 1000, bytesFree: 500, inodes: 1000, inodesFree: 0 }];
	holder.connection?.tell(well);
	assert.deepEqual(annes, []);
	holder.connection?.tell({ ...well, oomKills: 4, places: full });
	holder.connection?.tell({ ...well, oomKills: 5, places: full, processes: 255 });
	assert.deepEqual(annes, ['! memory-full', '! disk-full /home/learner', '! processes-full']);
	await world.clock.advance(2 * minute);
	holder.connection?.tell({ ...well, oomKills: 5, places: full });
	assert.deepEqual(annes.slice(3), ['! disk-full /home/learner']);
	leave();
	assert.equal(holder.vitalsMs, 0);
});
