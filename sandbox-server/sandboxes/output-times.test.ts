import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinedMoments, OutputTimes } from './output-times.ts';

function open(fresh: boolean) {
	const clock = { now: 1000 };
	const times = new OutputTimes(() => clock.now, fresh);
	const came = (offset: number, ms = 0) => {
		clock.now += ms;
		times.came(BigInt(offset));
	};
	return { times, came, moments: () => times.moments.map(({ end, ms }) => [end, ms]) };
}

test('what comes together is one moment, what comes later another; a clock that is put back hides nothing', () => {
	const { came, moments } = open(true);
	came(3);
	came(5, 10);
	came(9, 100);
	came(12, -5000);
	came(13, 20);
	assert.deepEqual(moments(), [
		[5, 1000],
		[9, 1110],
		[12, -3890],
		[13, -3870],
	]);
});

test('what was printed while nobody was there has no time; what had one keeps it', () => {
	const { times, came, moments } = open(true);
	came(4);
	times.again(10n);
	// The replay begins before what is known, and goes on beyond what the agent said at first.
	came(2, 500);
	came(4);
	came(12, 10);
	times.live();
	came(15, 1000);
	assert.deepEqual(moments(), [
		[4, 1000],
		[12, undefined],
		[15, 2510],
	]);
	const after = open(false);
	after.times.again(10n);
	after.times.live();
	after.came(11);
	assert.equal(after.times.whole, false);
	const joined = joinedMoments([{ end: 4, ms: 7 }], after.times.moments);
	assert.deepEqual(joined, [
		{ end: 4, ms: 7 },
		{ end: 10, ms: undefined },
		{ end: 11, ms: 1000 },
	]);
});

test('hours of small pieces stay within bounds: what is old is told less finely, in order, and its end is known', () => {
	const { came, times } = open(true);
	for (let count = 1; count <= 100_000; count++) came(count, 20);
	const { moments } = times;
	assert.ok(moments.length <= 16_384, `${moments.length}`);
	assert.deepEqual(moments.at(-1), { end: 100_000, ms: 1000 + 100_000 * 20 });
	for (const [at, { end, ms = 0 }] of moments.entries()) {
		assert.equal(ms, 1000 + end * 20, 'each is a moment that was');
		assert.ok(at === 0 || end > (moments[at - 1]?.end ?? 0));
	}
});
