import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBucket, TokenBuckets } from './token-bucket.ts';

test('so many at once, so many a second after that, and never more than the bucket holds', () => {
	let now = 1000;
	const bucket = new TokenBucket({ burst: 3, perSecond: 2, now: () => now });
	assert.deepEqual([bucket.take(), bucket.take(2), bucket.take()], [true, true, false]);
	now += 500;
	assert.deepEqual([bucket.take(), bucket.take()], [true, false]);
	now += 60_000;
	assert.equal(bucket.left, 3);
	assert.equal(bucket.full, true);
	now -= 3_600_000;
	assert.deepEqual([bucket.take(4), bucket.left], [false, 3], 'a clock that is set back takes nothing');
});

test('what is spent beyond what is there has to come back first', () => {
	let now = 0;
	const bucket = new TokenBucket({ burst: 10, perSecond: 10, now: () => now });
	bucket.spend(30);
	assert.equal(bucket.left, -20);
	now += 2000;
	assert.equal(bucket.take(), false);
	now += 100;
	assert.equal(bucket.take(), true);
});

test('keys have a bucket each; of very many, the full and then the oldest are forgotten', () => {
	let now = 0;
	const buckets = new TokenBuckets({ burst: 1, perSecond: 1, now: () => now });
	assert.deepEqual([buckets.take('a'), buckets.take('a'), buckets.has('a'), buckets.take('b')], [true, false, false, true]);
	for (let key = 0; key < 10_000; key++) buckets.take(`${key}`);
	assert.deepEqual([buckets.has('a'), buckets.has('9999')], [true, false], 'the oldest is forgotten, the newest is not');
	now += 1000;
	assert.equal(buckets.has('9999'), true);
});
