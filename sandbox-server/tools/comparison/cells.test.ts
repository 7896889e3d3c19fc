import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer, figure, withRatios } from './cells.ts';
import { cameWith } from './processes.ts';
import { absent } from './trial.ts';

test('a figure is a sample that was seen, with its spread', () => {
	assert.deepEqual(figure([3, 1, 2], { unit: 'ms', how: 'start' }), {
		kind: 'figure',
		value: 2,
		low: 1,
		high: 3,
		unit: 'ms',
		samples: 3,
		ratios: {},
		how: 'start',
	});
	const few = figure([3, 1, 2], { unit: 'ms', how: 'start', p: 95 });
	assert.equal(few.value, 3);
	assert.equal(few.note, 'fewSamples', 'p95 of three samples is the greatest, which is said');
	assert.equal(figure([1234.567], { unit: 'ms', how: 'start' }).value, 1230, 'three digits');
	assert.throws(() => figure([], { unit: 'ms', how: 'start' }), RangeError);
});

test('ratios are to the references of the same row, never to nothing, to itself, or to an answer', () => {
	const ms = (value: number) => figure([value], { unit: 'ms', how: 'start' });
	const ratiosOf = (cells: Parameters<typeof withRatios>[0], id: string) => {
		const cell = withRatios(cells)[id];
		return cell?.kind === 'figure' ? cell.ratios : cell?.kind;
	};
	const cells = { unshare: ms(10), docker: ms(400), runc: ms(40), lxc: absent('late'), odd: answer('yes', 'start') };
	assert.deepEqual(ratiosOf(cells, 'runc'), { unshare: 4, docker: 0.1 });
	assert.deepEqual(ratiosOf(cells, 'unshare'), { docker: 0.025 });
	assert.equal(ratiosOf(cells, 'lxc'), 'none');
	assert.equal(ratiosOf(cells, 'odd'), 'answer');
	assert.deepEqual(ratiosOf({ unshare: absent('missing'), docker: ms(0), runc: ms(40) }, 'runc'), {});
	assert.deepEqual(ratiosOf({ unshare: figure([1], { unit: 's', how: 'start' }), runc: ms(40) }, 'runc'), {}, 'of another unit');
});

test('what came with a container: its helper above, its children below, and nobody who was there before or has nothing to do with it', () => {
	const one = (pid: number, parent: number, line = 'x') => ({ pid, parent, comm: 'x', line });
	const all = [
		one(1, 0, 'init'),
		one(10, 1, 'dockerd'),
		one(20, 1, 'node etabli compare'),
		one(30, 20, 'docker run --name ec-1'),
		one(40, 1, 'containerd-shim'),
		one(41, 40, '/bin/sh -s ec-1'),
		one(42, 41, 'sleep'),
		one(43, 40, 'another child of the helper'),
		one(50, 1, 'somebody else who has just come'),
	];
	const before = new Set([1, 10, 20]);
	assert.deepEqual(cameWith(all, { before, names: ['ec-1'], clients: [30] }), [30, 40, 41, 42, 43]);
	assert.deepEqual(cameWith(all, { before: new Set([...before, 40]), names: ['ec-1'], clients: [] }), [30, 41, 42]);
	assert.deepEqual(cameWith(all, { before, names: ['ec-2'], clients: [] }), []);
});
