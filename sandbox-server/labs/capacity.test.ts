import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testCourse } from '../../tests/fixtures/in-process-sandboxes.ts';
import { capacityOf } from './capacity.ts';

const gib = 2 ** 30;

test('room is what memory and processes allow, whichever is less, for the hungriest course; the operator is told which', () => {
	const courses = [
		testCourse('small', { limits: { memory: '512 MiB', home: { size: '64 MiB', files: 1000 }, tmp: { size: '64 MiB', files: 1000 } } }),
		testCourse('large'),
	];
	const roomy = capacityOf(courses, { memory: 8 * gib, processes: 4_194_304 }, undefined);
	assert.deepEqual([roomy.sandboxes, roomy.by], [25, 'memory']);
	assert.match(roomy.text, /^Room for 25 sandboxes: 80 % of 8 GiB of memory, a quarter of 1 GiB each/);
	const crowded = capacityOf(courses, { memory: 64 * gib, processes: 32_768 }, undefined);
	assert.deepEqual([crowded.sandboxes, crowded.by], [102, 'processes']);
	assert.match(crowded.text, /32768 processes, 256 each.*kernel\.pid_max/);
	assert.equal(
		capacityOf(courses, { memory: 64 * gib, processes: undefined }, undefined).sandboxes,
		204,
		'an engine elsewhere: by memory alone',
	);
});

test('a sandbox under gVisor is counted with the processes that it may have on the machine', () => {
	const courses = [testCourse('plain'), testCourse('walled', { runtime: 'runsc' })];
	const { sandboxes, text } = capacityOf(courses, { memory: 64 * gib, processes: 32_768 }, undefined);
	assert.equal(sandboxes, 22);
	assert.match(text, /32768 processes, 1152 each/);
});

test('where the memory of sandboxes has no limit there are few', () => {
	const courses = [testCourse('a')];
	const { sandboxes, text } = capacityOf(courses, { memory: 256 * gib, processes: 4_194_304, unbounded: true }, undefined);
	assert.equal(sandboxes, 4);
	assert.match(text, /not limited.*--max-sandboxes/);
	assert.equal(capacityOf(courses, { memory: 2 * gib, processes: 10, unbounded: true }, undefined).sandboxes, 1);
	assert.equal(capacityOf(courses, { memory: 2 * gib, processes: 10, unbounded: true }, 12).sandboxes, 12);
});

test('what the operator says counts; at least one sandbox fits', () => {
	const courses = [testCourse('a')];
	assert.equal(capacityOf(courses, { memory: gib, processes: 10 }, 40).sandboxes, 40);
	assert.equal(capacityOf(courses, { memory: gib / 100, processes: 10 }, undefined).sandboxes, 1);
	assert.equal(capacityOf([], { memory: gib, processes: 10 }, undefined).sandboxes, 1);
});
