import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { patience } from '../tools/testing/slowness.ts';
import { readBy } from './reading.ts';

/** Sockets as a server reads them: what came, by connection, in pieces. */
async function listen(t: TestContext, take: (from: number, bytes: Buffer, socket: () => Socket) => void, mayRead = () => true) {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-'));
	const path = join(folder, 's');
	let accepted = 0;
	const server = createServer({ pauseOnConnect: true }, (socket) => {
		const number = accepted++;
		const used: Socket = readBy(socket, (bytes) => take(number, bytes, () => used), mayRead);
	});
	await new Promise<void>((resolve) => server.listen(path, resolve));
	const clients: Socket[] = [];
	t.after(async () => {
		for (const client of clients) client.destroy();
		await new Promise((resolve) => server.close(resolve));
		rmSync(folder, { recursive: true });
	});
	return async () => {
		const client = connect(path);
		clients.push(client);
		await new Promise((resolve) => client.once('connect', resolve));
		return client;
	};
}

test('a socket that has much to say lets the others have their turns', { timeout: patience(60_000) }, async (t) => {
	const pieces: { from: number; length: number }[] = [];
	const { promise, resolve } = Promise.withResolvers<void>();
	let flooded = 0;
	const join = await listen(t, (from, { length }) => {
		pieces.push({ from, length });
		if (from === 0) flooded += length;
		if (flooded === 8 << 20) resolve();
	});
	const [flooder, typist] = [await join(), await join()];
	flooder.write(Buffer.alloc(8 << 20));
	const typing = setInterval(() => typist.write('x'), 1);
	await promise;
	clearInterval(typing);
	assert.ok(
		pieces.every(({ length }) => length <= 64 << 10),
		'never more at once than one turn has',
	);
});

test('one memory serves all, and a socket that is paused is not read', { timeout: patience(60_000) }, async (t) => {
	const memories = new Set<ArrayBufferLike>();
	let paused = true;
	let bytes = 0;
	const { promise, resolve } = Promise.withResolvers<Socket>();
	const join = await listen(
		t,
		(_, piece, socket) => {
			memories.add(piece.buffer);
			bytes += piece.length;
			if (!paused) return;
			socket().pause();
			resolve(socket());
		},
		() => !paused,
	);
	(await join()).write(Buffer.alloc(1 << 20));
	const socket = await promise;
	const before = bytes;
	await new Promise((after) => setTimeout(after, 50));
	assert.equal(bytes, before);
	paused = false;
	socket.resume();
	while (bytes < 1 << 20) await new Promise((after) => setImmediate(after));
	(await join()).write('another');
	while (bytes < (1 << 20) + 7) await new Promise((after) => setImmediate(after));
	assert.equal(memories.size, 1);
});
