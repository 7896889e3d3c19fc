/** What waits for browsers that do not read has bounds: for each, and for all together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WebSocket } from 'ws';
import { Backlog } from './backlog.ts';
import { Outbox } from './outbox.ts';

/** A socket whose browser never reads: everything waits. */
class DeafSocket {
	readonly OPEN = 1;
	readyState = 1;
	bufferedAmount = 0;
	send(data: string | Uint8Array): void {
		this.bufferedAmount += data.length;
	}
	terminate(): void {
		this.readyState = 3;
		this.bufferedAmount = 0;
	}
}

const mib = 2 ** 20;
const deaf = (backlog: Backlog) => {
	const socket = new DeafSocket();
	return { socket, outbox: new Outbox(socket as unknown as WebSocket, () => undefined, undefined, backlog) };
};
const fill = (outbox: Outbox, bytes: number) => {
	for (let sent = 0; sent < bytes; sent += 10_000) outbox.message({ type: 'notice', code: 'x', message: 'x'.repeat(10_000) });
};

test('a browser that never reads is cut off at 8 MiB', () => {
	const { socket, outbox } = deaf(new Backlog(256 * mib));
	fill(outbox, 7.9 * mib);
	assert.equal(socket.readyState, 1);
	fill(outbox, mib);
	assert.equal(socket.readyState, 3);
});

test('many that never read are cut off before they take the memory together, those with most first; who reads stays', () => {
	const backlog = new Backlog(16 * mib);
	const reader = deaf(backlog);
	fill(reader.outbox, 40_000);
	const all = Array.from({ length: 100 }, () => deaf(backlog));
	for (const { outbox } of all) fill(outbox, mib);
	const waiting = all.reduce((sum, { socket }) => sum + socket.bufferedAmount, 0);
	assert.ok(waiting <= 18 * mib, `${waiting} bytes wait`);
	assert.equal(reader.socket.readyState, 1);
	assert.ok(all.filter(({ socket }) => socket.readyState === 1).length >= 10);
});
