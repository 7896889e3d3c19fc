import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Agent, StreamSink } from '../agent/agent.ts';
import { Terminal } from './terminal.ts';

/** An agent whose learner plays it: it is asked for streams, and the test says what it sends. */
function played() {
	const sinks: StreamSink[] = [];
	let detached = 0;
	const agent = {
		terminals: new Map(),
		attach(_: unknown, sink: StreamSink) {
			sinks.push(sink);
			return { credit() {}, pace() {}, detach: () => void detached++ };
		},
	} as unknown as Agent;
	const reader = () => ({ push() {} }) as never;
	const terminal = new Terminal({ agent, term: 1, watchFrom: 'start', reader, used() {}, prompted() {}, unwatched() {} });
	return { terminal, sinks, detached: () => detached };
}

test('a record is what came until it was live; the bytes are its own', async () => {
	const { terminal, sinks } = played();
	const record = terminal.record(new AbortController().signal);
	const bytes = Buffer.from('one');
	sinks[1]?.resized(80, 24);
	sinks[1]?.output(bytes, 0n);
	bytes.fill('x');
	sinks[1]?.live();
	assert.deepEqual(await record, {
		parts: [
			{ cols: 80, rows: 24 },
			{ bytes: Uint8Array.from(Buffer.from('one')), from: 0 },
		],
	});
});

test('sizes and preambles without end fill no memory: the record is given up', async () => {
	for (const send of [(sink: StreamSink) => sink.resized(80, 24), (sink: StreamSink) => sink.preamble(new Uint8Array(1000))]) {
		const { terminal, sinks, detached } = played();
		const record = terminal.record(new AbortController().signal);
		for (let count = 0; count < 100_000 && detached() === 0; count++) send(sinks[1] as StreamSink);
		assert.equal(await Promise.race([record, Promise.resolve('still collecting')]), undefined);
		assert.equal(detached() > 0, true);
	}
});
