/** Who gets a sandbox, and for how long. (Over 400 lines: the cases share one world, and each stands for itself.) */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { InProcessAgent } from '../../tests/fixtures/in-process-agent.ts';
import { InProcessWorld, testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import { settled } from '../../tests/fixtures/manual-clock.ts';
import { foldersOf as folders, namesOf as names, openLabs as open } from '../../tests/fixtures/open-labs.ts';
import { AwayRuntime, FailingRuntime, MemoryRuntime, NeverRuntime } from '../runtimes/fakes/fakes.ts';
import { LabService } from './lab-service.ts';

const minute = 60_000;

test('a learner gets a sandbox of the pool at once, however often they click, and the pool is filled again', async (t) => {
	const { world, service, learner } = await open(t, new InProcessWorld(new MemoryRuntime(), [testCourse('a', { pool: 1 })]));
	const [ready] = names(world);
	const who = learner();
	for (let i = 0; i < 5; i++) service.start(who);
	await settled();
	assert.equal(service.report(who, 'en').state, 'ready');
	assert.equal(service.sandbox(who).name, ready);
	assert.equal(world.registries.get(ready ?? ''), who.owner.name);
	assert.equal(names(world).length, 1, 'not while somebody is on the way to a prompt');
	await world.clock.advance(2000);
	assert.equal(names(world).length, 2);
});

test('a sandbox of the pool is ready once its course’s cluster runs, and is claimed with it; one whose cluster does not start is a sandbox all the same', async (t) => {
	const world = new InProcessWorld(new MemoryRuntime(), [testCourse('a', { pool: 1, cluster: 'slurm' })]);
	const started: string[] = [];
	let answer = (_code: number) => {};
	const connect = world.connect.bind(world);
	world.connect = (name) => {
		world.agent(name).answer = async (request) => {
			const done = { outcome: 'exited', code: 0, ms: 1, stdout: '', stderr: '' } as const;
			if (request.name === 'jobs' || request.name === 'cluster-watch') return await new Promise(() => undefined);
			if (request.name !== 'cluster') return done;
			started.push(name);
			return { ...done, code: await new Promise<number>((resolve) => (answer = resolve)) };
		};
		connect(name);
	};
	const { service, learner } = await open(t, world);
	const pooled = () => service.figures().sandboxes.find(({ state }) => state === 'pool')?.count;
	const [first] = names(world);
	assert.deepEqual([started, pooled()], [[first], 0]);
	answer(0);
	await settled();
	assert.equal(pooled(), 1);
	const anne = learner();
	service.start(anne);
	await settled();
	const size = { cols: 80, rows: 24 };
	await service.terminal(anne, { lesson: 'first', number: '1', size, language: 'en' });
	await settled();
	const scripts = () => world.agent(first ?? '').scripts.map(({ name }) => name);
	assert.deepEqual(scripts(), ['cluster'], 'nothing beside the prompt');
	await world.clock.advance(500);
	assert.deepEqual(scripts(), ['cluster', 'jobs']);
	await world.clock.advance(3000);
	assert.deepEqual([started.length, pooled()], [2, 0]);
	answer(1);
	await settled();
	assert.equal(pooled(), 1);
	assert.ok(
		world.log.lines.some((line) => /could not be started ahead/.test(line)),
		world.log.lines.join('\n'),
	);
	const bob = learner();
	service.start(bob);
	await settled();
	const opened = service.terminal(bob, { lesson: 'first', number: '1', size, language: 'en' });
	await settled();
	assert.deepEqual(started.slice(1), [service.sandbox(bob).name, service.sandbox(bob).name]);
	answer(0);
	await opened;
	await world.clock.advance(3000);
	assert.deepEqual([started.length, pooled()], [4, 1], 'after one that could not, the next is not waited for');
});

test('the pool follows the hour and the operator: filled ahead of a class, put away after it', async (t) => {
	const world = new InProcessWorld(new MemoryRuntime(), [testCourse('a', { pool: 1 })]);
	const { service } = await open(t, world);
	assert.equal(names(world).length, 1);
	const now = world.clock.now();
	service.orderPool('a', { ready: 4, from: now + 10 * minute, until: now + 40 * minute });
	await settled();
	assert.equal(names(world).length, 1);
	await world.clock.advance(11 * minute);
	assert.equal(names(world).length, 4);
	await world.clock.advance(30 * minute);
	assert.equal(names(world).length, 1);
	service.orderPool('a', { ready: 0, from: 0, until: undefined });
	await settled();
	assert.equal(names(world).length, 0);
	service.orderPool('a', undefined);
	await settled();
	assert.equal(names(world).length, 1);
	assert.throws(() => service.orderPool('b', undefined), /not-found/);
});

test('what the operator ordered, and why a sandbox is not there any more, is known after a restart of the server', async (t) => {
	const engine = new MemoryRuntime();
	const world = new InProcessWorld(engine, [testCourse('a', { idle: '10 min' }), testCourse('b')]);
	t.after(() => world.dispose());
	const [anne, bob] = [world.lab(), world.lab()];
	const first = new LabService(world.deps());
	await first.open();
	first.orderPool('b', { ready: 2, from: 0, until: world.clock.now() + 60 * minute });
	first.start(anne);
	first.start(bob);
	await settled();
	const leave = first.enter(bob);
	await world.clock.advance(11 * minute);
	engine.end(first.sandbox(bob).name);
	await settled();
	leave();
	await first.close({ keep: true });
	const second = new LabService(world.deps());
	await second.open();
	await settled();
	await world.clock.advance(10_000);
	assert.deepEqual(second.figures().pool, [
		{ course: 'a', count: 0 },
		{ course: 'b', count: 2 },
	]);
	assert.match(second.report(anne, 'en').reason ?? '', /put away after 10 min without a visit/);
	assert.deepEqual([second.report(bob, 'en').state, second.report(world.lab('b', bob.owner), 'en').state], ['lost', 'none']);
	assert.match(second.report(bob, 'fr').reason ?? '', /arrêté de lui-même/);
	second.start(anne);
	await settled();
	await second.end(anne);
	assert.equal(second.report(anne, 'en').reason, undefined, 'it has been said');
	second.orderPool('b', undefined);
	await world.clock.advance(25 * 60 * minute);
	await second.close({ keep: true });
	const third = new LabService(world.deps());
	await third.open();
	assert.equal(third.figures().pool[1]?.count, 0);
	assert.equal(third.report(bob, 'en').state, 'none', 'after a day nobody cares');
	await third.close({ keep: false });
});

test('two learners who want the last pooled sandbox at the same moment get one each', async (t) => {
	const { world, service, learner } = await open(t, new InProcessWorld(new MemoryRuntime(), [testCourse('a', { pool: 1 })]));
	const [anne, bob] = [learner(), learner()];
	service.start(anne);
	service.start(bob);
	await world.clock.advance(1000);
	assert.notEqual(service.sandbox(anne).name, service.sandbox(bob).name);
});

test('who found a sandbox ready comes to a prompt before new ones are made, which the next learner is told', async (t) => {
	const { world, service, learner, story } = await open(t, new InProcessWorld(new MemoryRuntime(), [testCourse('a', { pool: 1 })]));
	const [anne, bob] = [learner(), learner()];
	const bobs = story(bob);
	service.start(anne);
	service.start(bob);
	await settled();
	assert.deepEqual([names(world).length, bobs], [1, ['queued 1']]);
	const size = { cols: 80, rows: 24 };
	await service.terminal(anne, { lesson: 'first', number: '1', size, language: 'en' });
	await settled();
	assert.equal(names(world).length, 1);
	world.agent(service.sandbox(anne).name).print('first/1', '$ ');
	await settled();
	assert.equal(bobs.at(-1), 'ready');
	assert.equal(names(world).length, 2, 'and the pool is not filled yet');
	await world.clock.advance(1000);
	assert.equal(names(world).length, 3);
});

test('with no room learners wait in order, see their place move, and start by themselves', async (t) => {
	const { world, service, learner, story } = await open(t, new InProcessWorld(new MemoryRuntime(), [testCourse('a', { idle: '10 min' })]), {
		maxSandboxes: 1,
	});
	const [anne, bob, chloe] = [learner(), learner(), learner()];
	service.start(anne);
	await settled();
	const [bobs, chloes] = [story(bob), story(chloe)];
	for (const who of [bob, chloe]) {
		service.enter(who);
		service.start(who);
	}
	assert.deepEqual(service.report(chloe, 'en').place, 2);
	assert.ok((service.report(bob, 'en').wait ?? 0) <= 600, 'Anne is put away after 10 minutes without a page');
	await service.end(anne);
	await settled();
	assert.deepEqual(bobs, ['queued 1', 'starting', 'ready']);
	assert.deepEqual(chloes, ['queued 2', 'queued 1']);
	await service.end(bob);
	await settled();
	assert.deepEqual(chloes.slice(-2), ['starting', 'ready']);
	assert.equal(names(world).length, 1);
});

test('while somebody waits, a sandbox that nobody looks at is put away sooner', async (t) => {
	const { world, service, learner } = await open(t, new InProcessWorld(new MemoryRuntime(), [testCourse('a', { idle: '60 min' })]), {
		maxSandboxes: 1,
	});
	const [anne, bob] = [learner(), learner()];
	service.start(anne);
	await settled();
	await world.clock.advance(4 * minute);
	assert.equal(service.report(anne, 'en').state, 'ready');
	service.enter(bob);
	service.start(bob);
	await world.clock.advance(2 * minute);
	await settled();
	assert.equal(service.report(bob, 'en').state, 'ready');
	assert.match(service.report(anne, 'en').reason ?? '', /5 min/);
});

test('who leaves the queue with no page open gives the place up, and is told why', async (t) => {
	const { world, service, learner } = await open(t, new InProcessWorld(new MemoryRuntime(), [testCourse('a')]), { maxSandboxes: 1 });
	const [anne, bob] = [learner(), learner()];
	service.enter(anne);
	service.start(anne);
	await settled();
	const leave = service.enter(bob);
	service.start(bob);
	leave();
	await world.clock.advance(3 * minute);
	const report = service.report(bob, 'en');
	assert.equal(report.state, 'none');
	assert.match(report.reason ?? '', /place in the queue/);
});

test('a sandbox kept ready for another course makes room', async (t) => {
	const world = new InProcessWorld(new MemoryRuntime(), [testCourse('a'), testCourse('b', { pool: 1 })]);
	const { service, learner } = await open(t, world, { maxSandboxes: 1 });
	assert.equal(world.store.sandboxes()[0]?.course, 'b');
	const anne = learner();
	service.start(anne);
	await settled();
	assert.equal(service.report(anne, 'en').state, 'ready');
	assert.deepEqual(
		world.store.sandboxes().map(({ course }) => course),
		['a'],
	);
});

test('a start that fails leaves nothing behind and is told; the next one works', async (t) => {
	const engine = new FailingRuntime();
	const { world, service, learner, story } = await open(t, new InProcessWorld(engine, [testCourse('a')]));
	const anne = learner();
	const annes = story(anne);
	service.start(anne);
	await settled();
	assert.deepEqual(annes, ['starting', 'none', 'failed start-failed']);
	assert.match(service.report(anne, 'en').reason ?? '', /could not start/);
	assert.deepEqual([names(world), folders(world), [...engine.records]], [[], [], []]);
	engine.failing = false;
	service.start(anne);
	await settled();
	assert.equal(service.report(anne, 'en').state, 'ready');
});

test('a start that never ends is given up after a minute', async (t) => {
	const { world, service, learner } = await open(t, new InProcessWorld(new NeverRuntime(), [testCourse('a')]));
	const anne = learner();
	service.start(anne);
	await world.clock.advance(59_000);
	assert.equal(service.report(anne, 'en').state, 'starting');
	await world.clock.advance(2000);
	assert.equal(service.report(anne, 'en').state, 'none');
	assert.deepEqual([names(world), folders(world)], [[], []]);
});

test('a sandbox that ends before its agent has connected is given up at once', async (t) => {
	const engine = new MemoryRuntime();
	const world = new InProcessWorld(engine, [testCourse('a')]);
	world.connects = false;
	const { service, learner } = await open(t, world);
	const anne = learner();
	service.start(anne);
	await settled();
	engine.end(names(world)[0] ?? '');
	await world.clock.advance(3000);
	assert.equal(service.report(anne, 'en').state, 'none');
	assert.deepEqual([names(world), folders(world), [...engine.records]], [[], [], []]);
});

test('sandboxes of the pool that are dead when they are claimed: who asked has a new one, made for them, and hears of no failure', async (t) => {
	const engine = new MemoryRuntime();
	const { world, service, learner, story } = await open(t, new InProcessWorld(engine, [testCourse('a', { pool: 3 })]));
	await world.clock.advance(3000);
	const dead = names(world);
	assert.equal(dead.length, 3);
	// Their programs have ended, and the engine's word of it has not come yet.
	for (const name of dead) {
		world.agent(name).connection?.drop();
		engine.records.delete(name);
	}
	const anne = learner();
	const annes = story(anne);
	service.start(anne);
	await world.clock.advance(10_000);
	assert.deepEqual(annes, ['starting', 'ready']);
	assert.ok(!dead.includes(service.sandbox(anne).name));
	assert.equal(service.report(anne, 'en').reason, undefined);
});

test('a sandbox of the pool that ends before its learner has seen a prompt is replaced; one that is made then and fails is told', async (t) => {
	const engine = new FailingRuntime();
	engine.failing = false;
	const { world, service, learner, story } = await open(t, new InProcessWorld(engine, [testCourse('a', { pool: 1 })]));
	const [anne, bob] = [learner(), learner()];
	const bobs = story(bob);
	await world.clock.advance(1000);
	service.start(anne);
	await settled();
	const first = service.sandbox(anne).name;
	engine.end(first);
	await world.clock.advance(5000);
	assert.notEqual(service.sandbox(anne).name, first);
	assert.equal(service.report(anne, 'en').state, 'ready');
	await world.clock.advance(5000);
	engine.failing = true;
	service.start(bob);
	await settled();
	engine.end(service.sandbox(bob).name);
	await world.clock.advance(5000);
	assert.deepEqual(bobs.slice(-2), ['none', 'failed start-failed']);
});

test('a sandbox that nobody looks at is put away, with a word for the next visit; one with an open page stays until its lifetime', async (t) => {
	const course = testCourse('a', { idle: '10 min', lifetime: '1 h' });
	const { world, service, learner } = await open(t, new InProcessWorld(new MemoryRuntime(), [course]));
	const [anne, bob] = [learner(), learner()];
	const leave = service.enter(anne);
	service.enter(bob);
	service.start(anne);
	service.start(bob);
	await world.clock.advance(30 * minute);
	assert.equal(service.report(anne, 'en').state, 'ready');
	leave();
	await world.clock.advance(9 * minute);
	assert.equal(service.report(anne, 'en').state, 'ready');
	await world.clock.advance(2 * minute);
	assert.match(service.report(anne, 'en').reason ?? '', /put away after 10 min without a visit/);
	assert.equal(service.report(bob, 'en').state, 'ready');
	await world.clock.advance(20 * minute);
	assert.match(service.report(bob, 'en').reason ?? '', /60 min, the longest/);
	assert.deepEqual([names(world), folders(world)], [[], []]);
});

test('a page that is only left open does not hold a sandbox for ever: told five minutes ahead, and any sign of life keeps it', async (t) => {
	const course = testCourse('a', { idle: '10 min', lifetime: '8 h' });
	const { world, service, learner, story } = await open(t, new InProcessWorld(new MemoryRuntime(), [course]), { maxSandboxes: 2 });
	const [anne, bob, chloe] = [learner(), learner(), learner()];
	for (const who of [anne, bob]) {
		service.enter(who);
		service.start(who);
	}
	await settled();
	const [annes, bobs] = [story(anne), story(bob)];
	const eased: string[] = [];
	service.subscribe({ eased: (lab, code) => eased.push(`${lab.owner.name} ${code}`) });
	await world.clock.advance(114 * minute);
	assert.deepEqual([annes, bobs], [[], []]);
	await world.clock.advance(2 * minute);
	assert.deepEqual([annes, bobs], [['! unattended'], ['! unattended']]);
	service.active(anne);
	await world.clock.advance(5 * minute);
	assert.equal(service.report(anne, 'en').state, 'ready');
	assert.match(service.report(bob, 'en').reason ?? '', /nobody did anything there for 120 min/);
	assert.equal(annes.length, 1);

	assert.deepEqual(eased, [`${anne.owner.name} unattended`], 'what was said is taken back');

	service.start(bob);
	await settled();
	await world.clock.advance(60 * minute);
	service.active(bob);
	assert.equal(annes.length, 1);
	// Somebody waits: an hour is too long now, and it is told before it is acted on.
	const leave = service.enter(chloe);
	service.start(chloe);
	await world.clock.advance(minute);
	assert.deepEqual([annes.length, service.report(anne, 'en').state, service.report(chloe, 'en').state], [2, 'ready', 'queued']);
	leave();
	await world.clock.advance(3 * minute);
	assert.deepEqual([service.report(chloe, 'en').state, eased.length], ['none', 2], 'nobody waits any more');
	await world.clock.advance(10 * minute);
	assert.equal(service.report(anne, 'en').state, 'ready');
	service.enter(chloe);
	service.start(chloe);
	await world.clock.advance(4 * minute);
	assert.deepEqual([annes.length, service.report(anne, 'en').state], [3, 'ready']);
	await world.clock.advance(2 * minute);
	assert.match(service.report(anne, 'en').reason ?? '', /nobody did anything there for 45 min/);
	await settled();
	assert.equal(service.report(chloe, 'en').state, 'ready');
});

test('the end is told ten and two minutes ahead, and can be put off as often as the course allows, across restarts', async (t) => {
	const course = testCourse('a', { lifetime: '1 h', extend: { by: '30 min', times: 2 } });
	const { world, service, learner, story } = await open(t, new InProcessWorld(new MemoryRuntime(), [course]));
	const anne = learner();
	service.enter(anne);
	service.start(anne);
	await settled();
	const ends = service.report(anne, 'en').ends ?? 0;
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
	service.extend(anne);
	await settled();
	assert.equal(posted('fr'), undefined, 'it does not hold any more');
	assert.deepEqual(service.report(anne, 'en'), { state: 'ready', ends: ends + 30 * minute, extend: 1800 });
	await world.clock.advance(38 * minute);
	assert.deepEqual(annes, ['! ends-soon', 'ready', '! ends-soon', '! ends-soon'], 'skipPool for the new end');
	service.extend(anne);
	assert.deepEqual(service.report(anne, 'en'), { state: 'ready', ends: ends + 60 * minute });
	assert.throws(() => service.extend(anne), /no-extension/);
	assert.equal(world.store.sandboxes()[0]?.extended, 2, 'the next server knows');
	await world.clock.advance(29 * minute);
	assert.equal(service.report(anne, 'en').state, 'ready');
	await world.clock.advance(3 * minute);
	assert.match(service.report(anne, 'en').reason ?? '', /put away after 120 min/);
	assert.throws(() => service.extend(anne), /no-sandbox/);
});

test('files are kept every five minutes while somebody types, and only then; what is left out is told once', async (t) => {
	const world = new InProcessWorld(new MemoryRuntime(), [testCourse('a')]);
	const { service, learner, story } = await open(t, world, { homes: { limit: 1000, days: 30 } });
	const anne = learner();
	service.enter(anne);
	service.start(anne);
	await settled();
	const annes = story(anne);
	const agent = world.agent(service.sandbox(anne).name);
	let large = false;
	agent.answer = async ({ name, env, onOutput }) => {
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
	const saves = () => agent.scripts.filter(({ name }) => name === 'keep home').length;
	const { terminal } = await service.terminal(anne, {
		lesson: 'first',
		number: '1',
		size: { cols: 80, rows: 24 },
		language: 'en',
	});
	const nothing = { output() {}, preamble() {}, resized() {}, live() {}, gap() {}, refused() {}, exited() {}, gone() {} };
	const viewer = terminal.drive({ size: { cols: 80, rows: 24 }, credit: 1000, sink: nothing });
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
	assert.deepEqual(world.store.home(anne.key)?.leftOut, ['big.sif']);
	assert.equal(readdirSync(join(world.data, 'homes/a')).length, 1);
});

test('a sandbox that ends by itself is lost with a reason, cleaned up, and can be had anew', async (t) => {
	const engine = new MemoryRuntime();
	const { world, service, learner, story } = await open(t, new InProcessWorld(engine, [testCourse('a')]));
	const anne = learner();
	service.start(anne);
	await settled();
	const annes = story(anne);
	const { name } = service.sandbox(anne);
	engine.end(name);
	await settled();
	assert.deepEqual(annes, ['lost']);
	assert.match(service.report(anne, 'fr').reason ?? '', /arrêté/);
	assert.equal(existsSync(join(world.data, 'sandboxes', name)), false);
	service.start(anne);
	await settled();
	assert.equal(annes.at(-1), 'ready');
});

test('an agent that goes and comes back is a short wait; one that stays away is a lost sandbox', async (t) => {
	const { world, service, learner, story } = await open(t, new InProcessWorld(new MemoryRuntime(), [testCourse('a')]));
	const anne = learner();
	service.start(anne);
	await settled();
	const annes = story(anne);
	const { name } = service.sandbox(anne);
	world.agent(name).connection?.drop();
	assert.throws(() => service.sandbox(anne), /sandbox-busy/);
	await world.clock.advance(200);
	world.connect(name);
	assert.deepEqual(annes, ['starting', 'ready']);
	world.agent(name).connection?.drop();
	await world.clock.advance(30_000);
	assert.equal(annes.at(-1), 'lost');
	assert.equal(names(world).length, 0);
});

test('while the engine is away living sandboxes go on, new ones wait, and everything is put right when it is back', async (t) => {
	const engine = new AwayRuntime();
	engine.away = false;
	const { world, service, learner, story } = await open(t, new InProcessWorld(engine, [testCourse('a')]));
	const [anne, bob, chloe] = [learner(), learner(), learner()];
	service.start(anne);
	service.start(chloe);
	await settled();
	const gone = service.sandbox(chloe).name;
	const [annes, bobs] = [story(anne), story(bob)];
	engine.away = true;
	service.enter(bob);
	await settled();
	assert.deepEqual(annes, ['ready', '! engine-away']);
	service.start(bob);
	assert.equal(service.report(bob, 'en').state, 'unavailable');
	assert.match(service.report(bob, 'en').reason ?? '', /does not answer/);
	assert.ok(service.sandbox(anne).ready);
	await assert.rejects(service.end(anne), /engine-away/);
	assert.ok(service.sandbox(anne).ready, 'what could not be ended is still there');
	await world.clock.advance(5 * minute);
	engine.records.delete(gone);
	engine.away = false;
	await world.clock.advance(30_000);
	assert.deepEqual(bobs.slice(-2), ['starting', 'ready']);
	assert.equal(service.report(chloe, 'en').state, 'lost');
	assert.ok(service.sandbox(anne).ready);
});

test('the server starts while the engine is away, and begins when it comes', async (t) => {
	const engine = new AwayRuntime();
	const { world, service, learner } = await open(t, new InProcessWorld(engine, [testCourse('a', { pool: 1 })]));
	const anne = learner();
	assert.equal(service.report(anne, 'en').state, 'unavailable');
	service.start(anne);
	engine.away = false;
	await world.clock.advance(20_000);
	assert.equal(service.report(anne, 'en').state, 'ready');
});

test('after a restart living sandboxes are adopted; orphans, half-made ones and stale folders are removed', async (t) => {
	const engine = new MemoryRuntime();
	const world = new InProcessWorld(engine, [testCourse('a', { pool: 1 })]);
	const first = new LabService(world.deps());
	await first.open();
	await settled();
	const [anne, bob] = [world.lab(), world.lab()];
	first.start(anne);
	first.start(bob);
	await world.clock.advance(1000);
	const [annes, bobs] = [first.sandbox(anne).name, first.sandbox(bob).name];
	await first.close({ keep: true });
	// While no server runs: Bob's container dies, and there are remains of a server that was killed.
	engine.records.delete(bobs);
	world.agents.delete(bobs);
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

	const { service } = await open(t, world);
	world.connect(annes);
	await settled();
	assert.equal(service.sandbox(anne).name, annes);
	assert.equal(world.registries.get(annes), anne.owner.name);
	assert.equal(service.report(bob, 'en').state, 'lost');
	assert.match(service.report(bob, 'en').reason ?? '', /while the server was down/);
	assert.ok(engine.records.has('other'), 'sandboxes of another server are none of our business');
	engine.records.delete('other');
	assert.deepEqual(names(world).sort(), [...engine.records.keys()].sort());
	assert.deepEqual(folders(world).sort(), [...engine.records.keys()].sort());
});

test('a pool sandbox of yesterday’s image is not given to anybody', async (t) => {
	const engine = new MemoryRuntime();
	const world = new InProcessWorld(engine, [testCourse('a', { pool: 1 })]);
	const first = new LabService(world.deps());
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
	const { service, learner } = await open(t, new InProcessWorld(new MemoryRuntime(), [testCourse('a')]), { maxSandboxes: 1 });
	const [anne, bob] = [learner(), learner()];
	service.start(anne);
	await settled();
	const { name } = service.sandbox(anne);
	service.start(bob);
	await service.reset(anne);
	await settled();
	assert.notEqual(service.sandbox(anne).name, name);
	assert.equal(service.report(bob, 'en').place, 1);
});

test('a start can be called off', async (t) => {
	const { world, service, learner } = await open(t, new InProcessWorld(new NeverRuntime(), [testCourse('a')]));
	const anne = learner();
	service.start(anne);
	await service.end(anne);
	await settled();
	assert.deepEqual([service.report(anne, 'en').state, names(world)], ['none', []]);
});

test('close without keeping destroys every sandbox', async (t) => {
	const engine = new MemoryRuntime();
	const { world, service, learner } = await open(t, new InProcessWorld(engine, [testCourse('a', { pool: 2 })]));
	service.start(learner(), 'a');
	await settled();
	await service.close({ keep: false });
	assert.deepEqual([[...engine.records], names(world), folders(world)], [[], [], []]);
});

test('a full disk, memory or process table is told once a minute, and only while somebody looks', async (t) => {
	const { world, service, learner, story } = await open(t, new InProcessWorld(new MemoryRuntime(), [testCourse('a')]));
	const anne = learner();
	service.start(anne);
	await settled();
	const agent: InProcessAgent = world.agent(service.sandbox(anne).name);
	assert.equal(agent.vitalsMs, 0);
	const leave = service.enter(anne);
	assert.equal(agent.vitalsMs, 3000);
	const annes = story(anne);
	const well = {
		memoryUsed: 1,
		memoryLimit: 100,
		oomKills: 3,
		processes: 5,
		processLimit: 256,
		processLimitHits: 0,
		mounts: [{ path: '/home/learner', bytes: 1000, bytesFree: 500, inodes: 1000, inodesFree: 500 }],
	};
	const full = [{ path: '/home/learner', bytes: 1000, bytesFree: 500, inodes: 1000, inodesFree: 0 }];
	agent.connection?.tell(well);
	assert.deepEqual(annes, []);
	agent.connection?.tell({ ...well, oomKills: 4, mounts: full });
	agent.connection?.tell({ ...well, oomKills: 5, mounts: full, processes: 255 });
	assert.deepEqual(annes, ['! memory-full', '! disk-full /home/learner', '! processes-full']);
	await world.clock.advance(2 * minute);
	agent.connection?.tell({ ...well, oomKills: 5, mounts: full });
	assert.deepEqual(annes.slice(3), ['! disk-full /home/learner']);
	leave();
	assert.equal(agent.vitalsMs, 0);
});
