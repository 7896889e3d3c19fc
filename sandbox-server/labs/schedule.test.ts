/** What follows from a snapshot, by whole-object equality. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Pool, pauseAfter, type Snapshot, schedule, type Waiting } from './schedule.ts';

const now = 1_000_000;
const calm: Snapshot = {
	now,
	engine: true,
	capacity: 10,
	size: 0,
	starts: 0,
	parallelStarts: 3,
	waiting: [],
	pools: [],
	claiming: false,
	quiet: true,
	refilling: false,
	givingUp: false,
};
const waits = (lab: string, more: Partial<Waiting> = {}): Waiting => ({
	lab,
	course: 'a',
	asked: now,
	seen: now,
	skipPool: false,
	busy: false,
	...more,
});
const pool = (course: string, ready: string[], wanted = ready.length, retryAt = 0): Pool => ({ course, ready, wanted, retryAt });
const decides = (change: Partial<Snapshot>, actions: ReturnType<typeof schedule>) =>
	assert.deepEqual(schedule({ ...calm, ...change }), actions);

test('nothing to do', () => decides({ size: 2, pools: [pool('a', ['s1', 's2'])] }, []));

test('who finds a sandbox ready is given it, in the order of their turn, each of their own course', () =>
	decides(
		{ waiting: [waits('anne'), waits('bob', { course: 'b' }), waits('chloe')], pools: [pool('a', ['s1']), pool('b', ['s2'])], size: 2 },
		[
			{ do: 'claim', lab: 'anne' },
			{ do: 'claim', lab: 'bob' },
		],
	));

test('a sandbox of the pool is given although the engine is away: nothing is asked of it', () =>
	decides({ engine: false, waiting: [waits('anne'), waits('bob')], pools: [pool('a', ['s1'])], size: 1 }, [{ do: 'claim', lab: 'anne' }]));

test('whose sandbox of the pool was dead has one made', () =>
	decides({ waiting: [waits('anne', { skipPool: true })], pools: [pool('a', ['s1'])], size: 1 }, [{ do: 'start', lab: 'anne' }]));

test('as many starts at once as there may be, and as there is room for', () => {
	const waiting = ['anne', 'bob', 'chloe', 'dora'].map((lab) => waits(lab));
	decides({ waiting, starts: 1 }, [
		{ do: 'start', lab: 'anne' },
		{ do: 'start', lab: 'bob' },
	]);
	decides({ waiting, size: 9 }, [{ do: 'start', lab: 'anne' }]);
	decides({ waiting, size: 10 }, []);
	decides({ waiting, engine: false }, []);
});

test('new sandboxes wait while somebody is on the way to a prompt, but not for long, and nobody overtakes', () => {
	decides({ waiting: [waits('anne')], claiming: true }, []);
	decides({ waiting: [waits('anne', { asked: now - 3000 }), waits('bob')], claiming: true }, [{ do: 'start', lab: 'anne' }]);
	decides({ waiting: [waits('anne'), waits('bob', { asked: now - 3000 })], claiming: true }, []);
});

test('a lab with an operation of its own under way is passed over; the others have their turn', () =>
	decides({ waiting: [waits('anne', { busy: true }), waits('bob')], pools: [pool('a', ['s1'])], size: 1 }, [{ do: 'claim', lab: 'bob' }]));

test('for who is ahead and busy, room is left', () => {
	const waiting = [waits('anne', { busy: true }), waits('bob')];
	decides({ size: 9, waiting }, []);
	decides({ size: 8, waiting }, [{ do: 'start', lab: 'bob' }]);
});

test('who waits with no page open has left', () =>
	decides({ size: 10, waiting: [waits('anne', { seen: now - 120_001 }), waits('bob', { seen: now - 120_000 })] }, [
		{ do: 'callOff', lab: 'anne' },
	]));

test('without room a sandbox that is ready for another course makes room, one at a time', () => {
	const full = { size: 10, waiting: [waits('anne')], pools: [pool('a', []), pool('b', ['s1', 's2'])] };
	decides(full, [{ do: 'giveUp', sandbox: 's2' }]);
	decides({ ...full, givingUp: true }, []);
	decides({ ...full, engine: false }, []);
	decides({ ...full, starts: 3 }, []);
	decides({ ...full, claiming: true }, []);
});

test('what is given away in the same moment is not given up', () =>
	decides({ size: 10, waiting: [waits('anne'), waits('bob', { asked: now - 5000 })], pools: [pool('a', ['s1'])] }, [
		{ do: 'claim', lab: 'anne' },
	]));

test('the pool that is too small is filled, one start at a time, when nobody waits and all is quiet', () => {
	const small = { pools: [pool('a', ['s1']), pool('b', ['s2'], 3)], size: 2 };
	decides(small, [{ do: 'refill', course: 'b' }]);
	for (const change of [
		{ quiet: false },
		{ refilling: true },
		{ engine: false },
		{ starts: 3 },
		{ capacity: 2 },
		{ claiming: true },
		{ size: 10, waiting: [waits('anne', { course: 'c', busy: true })] },
	])
		decides({ ...small, ...change }, []);
});

test('a course whose starts fail is left alone for a while; the others’ pools are filled', () => {
	decides({ pools: [pool('a', [], 1, now + 1), pool('b', [], 1)] }, [{ do: 'refill', course: 'b' }]);
	decides({ pools: [pool('a', [], 1, now), pool('b', [], 1)] }, [{ do: 'refill', course: 'a' }]);
	assert.deepEqual([0, 1, 2, 3, 4, 5, 50].map(pauseAfter), [0, 60_000, 120_000, 240_000, 480_000, 480_000, 480_000]);
});

test('what is more than wanted goes, also while somebody waits', () => {
	decides({ pools: [pool('a', ['s1', 's2', 's3'], 1)], size: 3 }, [{ do: 'giveUp', sandbox: 's3' }]);
	decides({ pools: [pool('a', ['s1', 's2', 's3'], 1)], size: 10, waiting: [waits('anne', { course: 'b' })] }, [
		{ do: 'giveUp', sandbox: 's3' },
	]);
});

test('the snapshot is not touched', () => {
	const snapshot = { ...calm, waiting: [waits('anne')], pools: [pool('a', ['s1'])] };
	const before = structuredClone(snapshot);
	schedule(snapshot);
	assert.deepEqual(snapshot, before);
});
