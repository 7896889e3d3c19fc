/** Who comes next when many want what is scarce, and who gives way when there are too many. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { InProcessWorld, testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import { settled } from '../../tests/fixtures/manual-clock.ts';
import { MemoryEngine } from '../engines/fakes.ts';
import type { LearnerRow } from '../store/store.ts';
import { SandboxManager } from './manager.ts';

interface Room {
	manager: SandboxManager;
	/** Somebody at an address asks for a sandbox. */
	come: (from: string) => LearnerRow;
	/** "place" of everybody who waits, "ready" of whoever has one. */
	how: (who: LearnerRow) => string;
}

async function open(t: TestContext, maxSandboxes: number): Promise<Room> {
	const world = new InProcessWorld(new MemoryEngine(), [testCourse('a')]);
	const manager = new SandboxManager(world.deps({ maxSandboxes }));
	await manager.open();
	t.after(async () => {
		await manager.close({ keep: true });
		world.dispose();
	});
	return {
		manager,
		come(from) {
			const learner = world.store.createLearner();
			manager.start(learner, 'a', from);
			return learner;
		},
		how(who) {
			const { state, place } = manager.report(who, 'a', 'en');
			return place === undefined ? state : String(place);
		},
	};
}

test('a script with many identities waits behind itself: whoever comes from elsewhere is next', async (t) => {
	const { manager, come, how } = await open(t, 2);
	const greedy = Array.from({ length: 8 }, () => come('192.0.2.1'));
	await settled();
	const [anne, bob] = [come('192.0.2.2'), come('192.0.2.3')];
	assert.deepEqual([how(anne), how(bob)], ['1', '2']);
	assert.deepEqual(greedy.map(how), ['ready', 'ready', '3', '4', '5', '6', '7', '8']);
	await manager.end(greedy[0] as LearnerRow, 'a');
	await settled();
	assert.deepEqual([how(anne), how(bob), how(greedy[2] as LearnerRow)], ['ready', '1', '2']);
});

test('a lecture hall behind one address gets all there is, in the order in which it came', async (t) => {
	const { manager, come, how } = await open(t, 3);
	const hall = Array.from({ length: 10 }, () => come('198.51.100.1'));
	await settled();
	assert.deepEqual(hall.map(how), ['ready', 'ready', 'ready', '1', '2', '3', '4', '5', '6', '7']);
	await manager.end(hall[1] as LearnerRow, 'a');
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
	const { manager, come, how } = await open(t, 1);
	const greedy = Array.from({ length: 5 }, () => come('192.0.2.1'));
	await settled();
	assert.deepEqual(greedy.map(how), ['ready', '1', '2', '3', '4']);
	assert.throws(() => come('192.0.2.1'), { code: 'queue-full', status: 429 });
	const anne = come('192.0.2.2');
	assert.equal(how(anne), '1');
	assert.deepEqual(greedy.map(how), ['ready', '2', '3', '4', 'none']);
	assert.match(manager.report(greedy[4] as LearnerRow, 'a', 'en').reason ?? '', /queue is full.*most of its places/);
});

test('whoever finds the queue full has the reason on their page, and gets in once there is room', async (t) => {
	const { manager, come, how } = await open(t, 1);
	const crowd = ['a', 'b', 'c', 'd', 'e'].map(come);
	await settled();
	let late: LearnerRow | undefined;
	const stop = manager.subscribe({
		changed: (who) => {
			late = who;
		},
	});
	assert.throws(() => come('f'), { code: 'queue-full' });
	stop();
	assert.ok(late);
	assert.match(manager.report(late, 'a', 'en').reason ?? '', /queue is full.*try again/);
	await manager.end(crowd[4] as LearnerRow, 'a');
	manager.start(late, 'a', 'f');
	assert.equal(how(late), '4');
	assert.equal(manager.report(late, 'a', 'en').reason, undefined);
});
