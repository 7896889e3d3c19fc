/** Files that are to be kept when a sandbox goes: nobody's trouble costs another learner's, and what cannot be kept now waits. */
import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { InProcessWorld, testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import { settled, until } from '../../tests/fixtures/manual-clock.ts';
import { foldersOf, namesOf, openLabs } from '../../tests/fixtures/open-labs.ts';
import type { ScriptRequest, ScriptResult } from '../agent/agent.ts';
import { MemoryRuntime } from '../runtimes/fakes/fakes.ts';
import type { Lab } from './lab.ts';

const minute = 60_000;
const done: ScriptResult = { outcome: 'exited', code: 0, ms: 1, stdout: '', stderr: '' };

/** A world in which `how` says what the packing of a learner's home does. */
async function open(
	t: Parameters<typeof openLabs>[0],
	how: (owner: string, request: ScriptRequest) => Promise<ScriptResult>,
	{ maxSandboxes = 10, ...totals }: { total?: number; passing?: number; free?: () => number; maxSandboxes?: number } = {},
) {
	const world = new InProcessWorld(new MemoryRuntime(), [testCourse('a', { idle: '10 min', lifetime: '8 h' })]);
	const labs = await openLabs(t, world, { maxSandboxes, homes: { limit: 2 ** 20, days: 30, ...totals } });
	/** Somebody who has a sandbox and has done something in it. */
	const work = async (): Promise<Lab> => {
		const lab = labs.learner();
		labs.service.start(lab);
		await settled();
		const sandbox = labs.service.sandbox(lab);
		sandbox.used = true;
		world.agent(sandbox.name).answer = (request) => (request.name === 'keep home' ? how(lab.owner.name, request) : Promise.resolve(done));
		return lab;
	};
	return { ...labs, work };
}

async function packed({ onOutput }: ScriptRequest): Promise<ScriptResult> {
	await onOutput?.(Buffer.from('an archive'));
	return done;
}

test('learners who stop their own packing hold up nobody: the next one’s files are kept', async (t) => {
	const stopped = new Set<string>();
	const { service, world, work } = await open(t, (owner, request) =>
		stopped.has(owner)
			? new Promise((_, reject) => request.signal?.addEventListener('abort', () => reject(request.signal?.reason)))
			: packed(request),
	);
	const labs = [await work(), await work(), await work(), await work(), await work()];
	for (const { owner } of labs.slice(0, 4)) stopped.add(owner.name);
	const ends = labs.map((lab) => service.end(lab));
	await settled();
	await world.clock.advance(6000);
	const [last] = labs.slice(4);
	assert.ok(last);
	assert.equal(service.report(last, 'en').state, 'none', 'after the five seconds for which a place is lent');
	assert.ok(world.store.home(last.key), 'and the files are kept');
	await world.clock.advance(minute);
	await Promise.all(ends);
	assert.match(service.report(labs[0] as Lab, 'en').reason ?? '', /could not be kept/, 'theirs are not, and they are told');
});

test('a whole class that ends at once: whoever waits long for a place has the whole time for their own files', async (t) => {
	const { service, world, work } = await open(t, async (_, request) => {
		await new Promise<void>((resolve) => void world.clock.after(20_000, resolve));
		return await packed(request);
	});
	const labs: Lab[] = [];
	for (let i = 0; i < 9; i++) labs.push(await work());
	const ends = labs.map((lab) => service.end(lab));
	await settled();
	await world.clock.advance(3 * minute);
	await Promise.all(ends);
	assert.equal(labs.filter((lab) => world.store.home(lab.key)).length, 9);
});

test('a sandbox whose time is over while the server’s disk is full stays until its files can be kept; the operator is told once', async (t) => {
	let full = true;
	const { service, world, work } = await open(t, (_, request) => packed(request));
	const putHome = world.store.putHome.bind(world.store);
	world.store.putHome = (row) => {
		if (full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
		putHome(row);
	};
	const told: string[] = [];
	service.subscribe({ notice: (_, code) => told.push(code), ended: (_, cause) => told.push(`ended ${cause}`) });
	const anne = await work();
	await world.clock.advance(60 * minute);
	assert.deepEqual([service.report(anne, 'en').state, told], ['ready', ['home-not-kept']]);
	full = false;
	await world.clock.advance(2 * minute);
	assert.equal(service.report(anne, 'en').state, 'none');
	assert.ok(world.store.home(anne.key));
	assert.deepEqual(told, ['home-not-kept', 'ended idle']);
	assert.doesNotMatch(service.report(anne, 'en').reason ?? '', /could not be kept/);
});

test('a sandbox in which the packing never ends is put away all the same, after some tries', async (t) => {
	const { service, world, work } = await open(t, async () => ({ ...done, outcome: 'signal', code: 9 }));
	const anne = await work();
	await world.clock.advance(12 * minute);
	assert.equal(service.report(anne, 'en').state, 'ready');
	await world.clock.advance(10 * minute);
	assert.match(service.report(anne, 'en').reason ?? '', /put away after 10 min.*could not be kept/);
});

test('a server that stops ends the sandboxes whose files are kept; one whose cannot be goes on for the next server, which keeps them', async (t) => {
	const stopped = new Set<string>();
	const how = (owner: string, request: ScriptRequest) =>
		stopped.has(owner) ? Promise.resolve<ScriptResult>({ ...done, outcome: 'signal', code: 9 }) : packed(request);
	const { service, world, work } = await open(t, how);
	const [anne, bob] = [await work(), await work()];
	const bobs = service.sandbox(bob).name;
	stopped.add(bob.owner.name);
	assert.deepEqual(await service.close({ keep: false }), [bob.owner.name]);
	assert.ok(world.store.home(anne.key));
	assert.deepEqual([foldersOf(world), namesOf(world)], [[bobs], [bobs]]);
	stopped.clear();
	const next = await openLabs(t, world, { homes: { limit: 2 ** 20, days: 30 } });
	world.agent(bobs).answer = (request) => (request.name === 'keep home' ? packed(request) : Promise.resolve(done));
	const closed = next.service.close({ keep: false });
	await settled();
	// His agent had not come yet.
	world.connect(bobs);
	assert.deepEqual(await closed, []);
	assert.ok(world.store.home(bob.key), 'the next server keeps them');
	assert.deepEqual(namesOf(world), []);
});

test('a server that does not serve a course leaves its learners’ sandboxes alone, names them, and the next that does takes them over', async (t) => {
	const { service, world, work } = await open(t, (_, request) => packed(request));
	const anne = await work();
	const { name } = service.sandbox(anne);
	await service.close({ keep: true });
	const courses = world.courses.splice(0, 1, testCourse('b'));
	const without = await openLabs(t, world, { homes: { limit: 2 ** 20, days: 30 } });
	await world.clock.advance(5 * minute);
	assert.deepEqual([foldersOf(world), namesOf(world), world.agents.has(name)], [[name], [name], true]);
	assert.deepEqual(without.service.unserved(), [{ learner: anne.owner.name, course: 'a' }]);
	assert.deepEqual(await without.service.close({ keep: false }), []);
	assert.deepEqual([foldersOf(world), namesOf(world), world.agents.has(name)], [[name], [name], true], 'also when it stops');
	world.courses.splice(0, 1, ...courses);
	const next = await openLabs(t, world, { homes: { limit: 2 ** 20, days: 30 } });
	world.connect(name);
	await settled();
	assert.deepEqual([next.service.unserved(), next.service.sandbox(world.lab('a', anne.owner)).name], [[], name]);
	await next.service.close({ keep: true });
});

test('a sandbox of a course that is not served keeps its place, and goes once it has ended by itself; one of the pool goes at once', async (t) => {
	const runtime = new MemoryRuntime();
	const world = new InProcessWorld(runtime, [testCourse('a')]);
	const first = await openLabs(t, world);
	first.service.orderPool('a', { ready: 1, from: 0, until: undefined });
	const lab = first.learner();
	first.service.start(lab);
	await settled();
	await world.clock.advance(minute);
	const { name } = first.service.sandbox(lab);
	assert.equal(namesOf(world).length, 2, 'and one ahead');
	await first.service.close({ keep: true });
	world.courses.splice(0, 1, testCourse('b'));
	const next = await openLabs(t, world, { maxSandboxes: 1 });
	await world.clock.advance(2 * minute);
	assert.deepEqual(namesOf(world), [name]);
	const bob = next.learner();
	next.service.start(bob);
	await settled();
	assert.equal(next.service.report(bob, 'en').state, 'queued', 'memory of the machine is still taken');
	const record = runtime.records.get(name);
	assert.ok(record);
	record.running = false;
	await world.clock.advance(5 * minute);
	assert.deepEqual([namesOf(world), next.service.report(bob, 'en').state], [[next.service.sandbox(bob).name], 'ready']);
	assert.deepEqual(next.service.unserved(), []);
	await next.service.close({ keep: true });
});

test('a server that stops waits as long as one home after the other is kept: a large class takes its time', async (t) => {
	const { service, world, work } = await open(t, async (_, request) => {
		await new Promise<void>((resolve) => void world.clock.after(29_000, resolve));
		return await packed(request);
	});
	const labs: Lab[] = [];
	for (let i = 0; i < 9; i++) labs.push(await work());
	const closed = service.close({ keep: false });
	await settled();
	await world.clock.advance(minute);
	assert.deepEqual(await closed, []);
	assert.equal(labs.filter((lab) => world.store.home(lab.key)).length, 9);
});

test('a server that stops waits for no home that is too large as a whole, nor for one whose kept files could not be brought back', async (t) => {
	const { service, world, work } = await open(t, async () => ({ ...done, outcome: 'output-limit' }));
	const [large, apart] = [await work(), await work()];
	service.homes?.setApart(service.sandbox(apart).name);
	await service.close({ keep: true });
	const next = await openLabs(t, world, { homes: { limit: 2 ** 20, days: 30 } });
	for (const name of namesOf(world)) world.connect(name);
	await settled();
	for (const lab of [large, apart]) {
		const { name } = next.service.sandbox(lab);
		world.agent(name).answer = async () => ({ ...done, outcome: 'output-limit' });
	}
	assert.deepEqual(await next.service.close({ keep: false }), []);
	assert.deepEqual(namesOf(world), []);
});

test('a sandbox that has ended holds no files: a server that stops does not name its learner', async (t) => {
	const world = new InProcessWorld(new MemoryRuntime(), [testCourse('a')]);
	const { service, learner } = await openLabs(t, world, { homes: { limit: 2 ** 20, days: 30 } });
	const lab = learner();
	service.start(lab);
	await settled();
	const { name } = service.sandbox(lab);
	service.sandbox(lab).used = true;
	world.agent(name).answer = () => Promise.resolve({ ...done, outcome: 'signal', code: 9 });
	world.deps().runtime.status = async () => 'ended';
	assert.deepEqual(await service.close({ keep: false }), []);
});

test('played learners’ files are not kept', async (t) => {
	const { service, world, work } = await open(t, async () => ({ ...done, outcome: 'signal', code: 9 }));
	await work();
	assert.deepEqual(await service.close({ keep: false, lose: true }), []);
	assert.deepEqual(namesOf(world), []);
});

test('an end that a page asks for is refused while something cannot be kept, and done when its learner says so', async (t) => {
	let large = true;
	const { service, world, work } = await open(t, async (_, script) => {
		if (large && Number(script.env?.['LARGEST']) > 2 ** 40) return { ...done, outcome: 'output-limit' };
		await script.onOutput?.(Buffer.from('an archive'));
		return { ...done, stderr: large ? 'left out\t83886080\tbig.bin\n' : '' };
	});
	const [anne, bob] = [await work(), await work()];
	const refused = { code: 'files-unkept', values: { files: 'big.bin (80 MiB)' } };
	await assert.rejects(service.end(anne, true), refused);
	assert.equal(service.report(anne, 'en').state, 'ready');
	// Nothing was done there since: it is lost all the same.
	await assert.rejects(service.end(anne, true), refused);
	await service.end(anne);
	assert.match(service.report(anne, 'en').reason ?? '', /Too large to be kept.*big\.bin/);
	large = false;
	await service.end(bob, true);
	assert.equal(service.report(bob, 'en').state, 'none');
	assert.ok(world.store.home(bob.key));
});

test('an end waits for no download: what is being packed to be taken home is given up, and the files are kept', async (t) => {
	let first = true;
	const { service, world, work } = await open(t, (_, request) => {
		if (!first) return packed(request);
		first = false;
		return new Promise((_resolve, reject) => request.signal?.addEventListener('abort', () => reject(request.signal?.reason)));
	});
	const anne = await work();
	const taken = assert.rejects(service.takeHome(anne, 'en'), { code: 'home-not-kept' });
	await settled();
	assert.equal(first, false, 'the download is being packed');
	// No time passes.
	await service.end(anne);
	await taken;
	assert.ok(world.store.home(anne.key));
});

test('all kept homes together have an end: what is kept stays and is renewed, one more is refused, and its sandbox waits with the files', async (t) => {
	const { service, world, work } = await open(t, (_, request) => packed(request), { total: 'an archive'.length });
	const [anne, bob] = [await work(), await work()];
	const told: string[] = [];
	service.subscribe({ notice: ({ id }, code) => id === bob.id && told.push(code) });
	await service.end(anne, true);
	await assert.rejects(service.end(bob, true), { code: 'files-unkept' });
	await world.clock.advance(20 * minute);
	assert.equal(service.report(bob, 'en').state, 'ready', 'his time is over, and his files are there alone');
	assert.deepEqual(told, ['home-not-kept']);
	assert.ok(world.store.home(anne.key), 'hers are not removed for his');
	assert.deepEqual(service.figures().homes, { count: 1, bytes: 10, most: 10 });
	// Hers take their own place.
	service.start(anne);
	await until(() => service.report(anne, 'en').state === 'ready');
	service.sandbox(anne).used = true;
	world.agent(service.sandbox(anne).name).answer = (request) => packed(request);
	await service.end(anne, true);
	assert.equal(service.report(anne, 'en').state, 'none');
	// Room again: she begins afresh.
	await service.reset(anne);
	await world.clock.advance(2 * minute);
	// And he is put away with his.
	await until(() => world.store.home(bob.key) !== undefined);
});

test('a home that has no room among all others does not hold its place for a day while somebody waits for it', async (t) => {
	const { service, world, learner, work } = await open(t, (_, request) => packed(request), { total: 'an archive'.length, maxSandboxes: 1 });
	await service.end(await work(), true);
	const bob = await work();
	await world.clock.advance(60 * minute);
	assert.equal(service.report(bob, 'en').state, 'ready');
	const carol = learner();
	service.start(carol);
	await world.clock.advance(2 * minute);
	assert.match(service.report(bob, 'en').reason ?? '', /could not be kept/);
	await until(() => service.report(carol, 'en').state === 'ready');
});

test('where all kept homes together have no room for one more, it is not packed in vain', async (t) => {
	const packings: string[] = [];
	const how = (owner: string, request: ScriptRequest) => {
		packings.push(owner);
		return packed(request);
	};
	const { service, work } = await open(t, how, { total: 'an archive'.length });
	const [anne, bob] = [await work(), await work()];
	await service.end(anne, true);
	await assert.rejects(service.end(bob, true), { code: 'files-unkept' });
	assert.deepEqual(packings, [anne.owner.name]);
});

test('archives on their way to browsers have an end together: another is refused until one has been read', async (t) => {
	const { service, work } = await open(t, (_, request) => packed(request), { passing: 15 });
	const [anne, bob] = [await work(), await work()];
	const taken = await service.takeHome(anne, 'en');
	assert.deepEqual(service.figures().archives, { bytes: 10, most: 15 });
	await assert.rejects(service.takeHome(bob, 'en'), { code: 'too-many' });
	await buffer(taken);
	await until(() => service.figures().archives.bytes === 0);
	await buffer(await service.takeHome(bob, 'en'));
});

test('archives that are being packed for browsers count as they grow, however many go on without a place', async (t) => {
	const slowly = async (_: string, { onOutput }: ScriptRequest) => {
		for (const piece of ['ten bytes.', 'ten bytes.', 'ten bytes.']) {
			await onOutput?.(Buffer.from(piece));
			await new Promise<void>((go) => void world.clock.after(10_000, go));
		}
		return done;
	};
	const { service, world, work } = await open(t, slowly, { passing: 75 });
	const labs: Lab[] = [];
	for (let i = 0; i < 9; i++) labs.push(await work());
	const taken = Promise.allSettled(labs.map((lab) => service.takeHome(lab, 'en')));
	await settled();
	await world.clock.advance(5000);
	assert.equal(service.figures().archives.bytes, 70, 'seven are packed at once, four without a place; for two there is no room');
	await world.clock.advance(minute);
	const ends = await taken;
	const refused = ends.filter((end) => end.status === 'rejected');
	assert.ok(refused.length >= 7, 'there is room for two whole ones');
	for (const { reason } of refused) assert.equal(reason.code, 'too-many');
	assert.ok(service.figures().archives.bytes <= 75);
	for (const end of ends) if (end.status === 'fulfilled') await buffer(end.value);
	await until(() => service.figures().archives.bytes === 0);
});

test('the disk that fills while homes are being packed: they stop, what is left of it stays free, and nothing is lost', async (t) => {
	let free = 2 ** 30;
	const { service, world, work } = await open(
		t,
		async (_, { onOutput }) => {
			free = 2 ** 28;
			await onOutput?.(Buffer.alloc(2 ** 20 - 1));
			await onOutput?.(Buffer.from('x'));
			return done;
		},
		{ free: () => free },
	);
	const anne = await work();
	await assert.rejects(service.end(anne, true), { code: 'files-unkept' });
	assert.equal(world.store.home(anne.key), undefined);
	assert.equal(service.report(anne, 'en').state, 'ready', 'her sandbox has them');
});

test('a fresh start while files are being kept: what was being kept does not come back', async (t) => {
	let finish: (() => void) | undefined;
	const { service, world, work } = await open(t, async (_, request) => {
		await new Promise<void>((resolve) => {
			finish = resolve;
		});
		return await packed(request);
	});
	const anne = await work();
	const leave = service.enter(anne);
	await world.clock.advance(6 * minute);
	assert.ok(finish, 'files are being kept');
	const reset = service.reset(anne);
	await settled();
	finish();
	await reset;
	await settled();
	leave();
	assert.equal(world.store.home(anne.key), undefined);
});
