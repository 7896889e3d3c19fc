import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enoughFor, median, percentile } from './statistics.ts';

test('percentiles are samples that were seen, whatever their order', () => {
	const samples = [5, 1, 4, 2, 3, 10, 9, 8, 7, 6];
	assert.equal(percentile(samples, 50), 5);
	assert.equal(percentile(samples, 90), 9);
	assert.equal(percentile(samples, 95), 10);
	assert.equal(percentile(samples, 0), 1);
	assert.equal(percentile(samples, 100), 10);
	assert.deepEqual(samples, [5, 1, 4, 2, 3, 10, 9, 8, 7, 6], 'the samples stay as they were');
});

test('one sample is every percentile; numbers are not sorted as words', () => {
	assert.equal(percentile([7], 99), 7);
	assert.equal(median([100, 9, 20]), 20);
});

test('nothing is said of no samples, nor of a percentile that does not exist', () => {
	assert.throws(() => percentile([], 50), /no samples/);
	assert.throws(() => percentile([1], 101), /no such percentile/);
	assert.throws(() => percentile([1], Number.NaN), /no such percentile/);
});

test('how many samples a percentile needs', () => {
	assert.equal(enoughFor(50), 2);
	assert.equal(enoughFor(95), 20);
	assert.equal(enoughFor(99), 100);
});
