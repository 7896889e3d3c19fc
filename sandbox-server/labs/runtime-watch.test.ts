import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeptLog } from '../../tests/fixtures/in-process-sandboxes.ts';
import { ManualClock, settled } from '../../tests/fixtures/manual-clock.ts';
import { MemoryRuntime } from '../runtimes/fakes/fakes.ts';
import type { RuntimeInfo } from '../runtimes/runtime.ts';
import { RuntimeWatch } from './runtime-watch.ts';

/** Answers `info` when the test says so, and counts the watches that are open. */
class SlowlyAnsweringRuntime extends MemoryRuntime {
	open = 0;
	/** Answers that are held back, oldest first. */
	readonly held: (() => void)[] = [];
	holding = false;

	override async info(signal?: AbortSignal): Promise<RuntimeInfo> {
		if (this.holding) await new Promise<void>((resolve) => this.held.push(resolve));
		return await super.info(signal);
	}

	override async watch(onEnd: (name: string) => void, onBreak: (error: Error) => void): Promise<() => void> {
		let stopped = false;
		const over = () => {
			if (!stopped) this.open--;
			stopped = true;
		};
		const stop = await super.watch(onEnd, (error) => {
			over();
			onBreak(error);
		});
		this.open++;
		return () => {
			over();
			stop();
		};
	}
}

test('events that break while the engine is given up and found again: one watch is open, not two', async () => {
	const runtime = new SlowlyAnsweringRuntime();
	const clock = new ManualClock();
	let back = 0;
	const watch = new RuntimeWatch({ runtime, clock, log: new KeptLog(), onEnd() {}, onAway() {}, onBack: () => back++ });
	await watch.start();
	assert.deepEqual([runtime.open, back, watch.away], [1, 1, false]);
	runtime.holding = true;
	runtime.breakWatches();
	await settled();
	// The new watch is still on its way when somebody's call gets no answer, and another one is begun.
	watch.lost(new Error('no answer'));
	await clock.advance(1000);
	assert.equal(runtime.held.length, 2);
	for (const answer of runtime.held.splice(0)) answer();
	await settled();
	assert.deepEqual([runtime.open, back, watch.away], [1, 2, false]);
	watch.close();
	assert.deepEqual([runtime.open, clock.pending], [0, 0]);
});

test('an attempt that fails after a later one has succeeded does not say that the engine is away', async () => {
	const runtime = new SlowlyAnsweringRuntime();
	const clock = new ManualClock();
	const watch = new RuntimeWatch({ runtime, clock, log: new KeptLog(), onEnd() {}, onAway() {}, onBack() {} });
	await watch.start();
	runtime.holding = true;
	runtime.breakWatches();
	await settled();
	watch.lost(new Error('no answer'));
	runtime.holding = false;
	await clock.advance(1000);
	assert.equal(watch.away, false);
	// The first one's time is over.
	await clock.advance(10_000);
	assert.deepEqual([watch.away, runtime.open], [false, 1]);
	watch.close();
});

/** Its events end as soon as they have begun. */
class BrokenEventsRuntime extends MemoryRuntime {
	watches = 0;
	readonly #soon: (action: () => void) => unknown;

	constructor(soon: (action: () => void) => unknown) {
		super();
		this.#soon = soon;
	}

	override async watch(onEnd: (name: string) => void, onBreak: (error: Error) => void): Promise<() => void> {
		this.watches++;
		const stop = await super.watch(onEnd, onBreak);
		this.#soon(() => onBreak(new Error('the events have ended')));
		return stop;
	}
}

for (const [when, soon] of [
	['before the engine counts as there', queueMicrotask],
	['right after', setImmediate],
] as const) {
	test(`events that end each time, ${when}: they are asked for again, with pauses in between`, async () => {
		const runtime = new BrokenEventsRuntime(soon);
		const clock = new ManualClock();
		let back = 0;
		const watch = new RuntimeWatch({ runtime, clock, log: new KeptLog(), onEnd() {}, onAway() {}, onBack: () => back++ });
		await watch.start();
		await settled();
		assert.deepEqual([runtime.watches, watch.away], [2, false]);
		// 500 + 1000 + 2000 ms, then 3000 each.
		await clock.advance(3500);
		assert.equal(runtime.watches, 5);
		const before = back;
		await clock.advance(30_000);
		// Ends may have been missed each time.
		assert.deepEqual([runtime.watches, back - before, watch.away], [15, 10, false]);
		watch.close();
		assert.equal(clock.pending, 0);
	});
}
