import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedSize, type Size } from './shared-size.ts';

function shared() {
	const state = { fits: { cols: 80, rows: 24 } as Size | undefined, live: true, exited: false };
	const drawn: number[] = [];
	const asked: number[] = [];
	const size = new SharedSize({
		fits: () => state.fits,
		draw: ({ cols }) => drawn.push(cols),
		ask: ({ cols }) => asked.push(cols),
		live: () => state.live,
		exited: () => state.exited,
		again: () => size.take(),
	});
	const wish = (cols: number) => {
		state.fits = { cols, rows: 24 };
		size.take();
	};
	size.set(size.begin());
	return { state, size, drawn, asked, wish };
}

test('a size is drawn where it stands in the output; of those that the window had meanwhile the last is asked for', () => {
	const { size, drawn, asked, wish } = shared();
	for (const cols of [60, 50, 40, 40]) wish(cols);
	assert.deepEqual([asked, drawn], [[60], [80]]);
	size.told({ cols: 60, rows: 24 });
	assert.deepEqual(
		[asked, drawn],
		[
			[60, 40],
			[80, 60],
		],
	);
	size.told({ cols: 40, rows: 24 });
	assert.deepEqual([asked, drawn, size.foreign], [[60, 40], [80, 60, 40], false]);
	wish(40);
	assert.deepEqual(asked, [60, 40]);
});

test('there and back at once: the window has its size in the end', () => {
	const { size, asked, wish } = shared();
	wish(60);
	wish(80);
	size.told({ cols: 60, rows: 24 });
	assert.deepEqual(asked, [60, 80]);
	size.told({ cols: 80, rows: 24 });
	assert.deepEqual([asked, size.foreign], [[60, 80], false]);
});

test('another window’s size while one is asked for: it is shown, then ours', () => {
	const { size, drawn, asked, wish } = shared();
	wish(60);
	size.told({ cols: 132, rows: 24 });
	assert.equal(size.foreign, true);
	size.told({ cols: 60, rows: 24 });
	assert.deepEqual([size.foreign, drawn, asked], [false, [80, 132, 60], [60]]);
});

test('an answer that is lost with output before a replay is not waited for: once live, the size is asked for again', () => {
	const { state, size, asked, wish } = shared();
	wish(60);
	state.live = false;
	size.begun();
	size.told({ cols: 132, rows: 24 });
	state.live = true;
	size.take();
	assert.deepEqual(asked, [60, 60]);
	size.told({ cols: 60, rows: 24 });
	wish(70);
	assert.deepEqual([asked, size.foreign], [[60, 60, 70], false]);
});

test('another window’s size is shown as it is, until this one is used', () => {
	const { size, drawn, asked } = shared();
	size.told({ cols: 132, rows: 43 });
	assert.deepEqual([size.foreign, drawn.at(-1), asked], [true, 132, []]);
	size.take();
	assert.deepEqual([size.foreign, asked], [false, [80]]);
	size.told({ cols: 80, rows: 24 });
	assert.deepEqual([size.foreign, drawn.at(-1)], [false, 80]);
});

test('the screen of a shell that has ended fits at once; out of sight nothing is asked', () => {
	const { state, drawn, asked, wish, size } = shared();
	state.fits = undefined;
	size.take();
	state.exited = true;
	wish(50);
	assert.deepEqual([drawn.at(-1), asked], [50, []]);
});
