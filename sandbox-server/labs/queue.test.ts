/** Who comes next when many want what is scarce, and who gives way when there are too many. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { InProcessWorld, testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import { settled } from '../../tests/fixtures/manual-clock.ts';
import { MemoryRuntime } from '../runtimes/fakes/fakes.ts';
import type { Lab } from './lab.ts';
import { LabService } from './lab-service.ts';

interface Room {
	service: LabService;
	/** Somebody at an address asks for a sandbox. */
	come: (from: string) => Lab;
	/** "place" of everybody who waits, "ready" of whoever has one. */
	how: (who: Lab) => string;
}

async function open(t: TestContext, maxSandboxes: number): Promise<Room> {
	const world = new InProcessWorld(new MemoryRuntime(), [testCourse('a')]);
	const service = new LabService(world.deps({ maxSandboxes }));
	await service.open();
	t.after(async () => {
		await service.close({ keep: true });
		world.dispose();
	});
	return {
		service,
		come(from) {
			const learner = world.lab();
			service.start(learner, from);
			return learner;
		},
		how(who) {
			const { state, place } = service.report(who, 'en');
			return place === undefined ? state : String(place);
		},
	};
}

test('a script with many identities waits behind itself: whoever comes from elsewhere is next', async (t) => {
	const { service, come, how } = await open(t, 2);
	const greedy = Array.from({ length: 8 }, () => come('192.0.2.1'));
	await settled();
	const [anne, bob] = [come('192.0.2.2'), come('192.0.2.3')];
	assert.deepEqual([how(anne), how(bob)], ['1', '2']);
	assert.deepEqual(greedy.map(how), ['ready', 'ready', '3', '4', '5', '6', '7', '8']);
	await service.end(greedy[0] as Lab);
	await settled();
	assert.deepEqual([how(anne), how(bob), how(greedy[2] as Lab)], ['ready', '1', '2']);
});

test('a lecture hall behind one address gets all there is, in the order in which it came', async (t) => {
	const { service, come, how } = await open(t, 3);
	const hall = Array.from({ length: 10 }, () => come('198.51.100.1'));
	await settled();
	assert.deepEqual(hall.map(how), ['ready', 'ready', 'ready', '1', '2', '3', '4', '5', '6', '7']);
	await service.end(hall[1] as Lab);
	await settled();
	assert.deepEqual(hall.map(how), ['ready', 'none', 'ready', 'ready', '1', '2', '3', '4', '5', '6']);
});

test('two halls take turns', async (t) => {
	const { come, how } = await open(t, 1);
	const first = come('h1');
	await settled();
	const [a, b] = [come('h1'), come('h1')];
	const [x, y] = [come('h2'), come('h2')];
	assert.equal(how(first), 'ready');
	assert.deepEqual([x, a, y, b].map(how), ['1', '2', '3', '4']);
});

test('the queue has an end: who comes after it is told why; but nobody fills it alone', async (t) => {
	const { service, come, how } = await open(t, 1);
	const greedy = Array.from({ length: 5 }, () => come('192.0.2.1'));
	await settled();
	assert.deepEqual(greedy.map(how), ['ready', '1', '2', '3', '4']);
	assert.throws(() => come('192.0.2.1'), { code: 'queue-full', status: 429 });
	const anne = come('192.0.2.2');
	assert.equal(how(anne), '1');
	assert.deepEqual(greedy.map(how), ['ready', '2', '3', '4', 'none']);
	assert.match(service.report(greedy[4] as Lab, 'en').reason ?? '', /queue is full.*most of its places/);
});

test('whoever finds the queue full has the reason on their page, and gets in once there is room', async (t) => {
	const { service, come, how } = await open(t, 1);
	const crowd = ['a', 'b', 'c', 'd', 'e'].map(come);
	await settled();
	let late: Lab | undefined;
	const stop = service.subscribe({
		changed: (who) => {
			late = who;
		},
	});
	assert.throws(() => come('f'), { code: 'queue-full' });
	stop();
	assert.ok(late);
	assert.match(service.report(late, 'en').reason ?? '', /queue is full.*try again/);
	await service.end(crowd[4] as Lab);
	service.start(late, 'f');
	assert.equal(how(late), '4');
	assert.equal(service.report(late, 'en').reason, undefined);
});
