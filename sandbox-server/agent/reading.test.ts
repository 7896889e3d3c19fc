import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { patience } from '../tools/testing/slowness.ts';
import { LendingSocket, readBy } from './reading.ts';

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

/** A line that lends, and who writes on it. */
async function lending(t: TestContext): Promise<{ line: LendingSocket; client: Socket }> {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-'));
	const path = join(folder, 's');
	const { promise: came, resolve } = Promise.withResolvers<LendingSocket>();
	const server = createServer({ pauseOnConnect: true }, (socket) => resolve(new LendingSocket(socket)));
	await new Promise<void>((listening) => server.listen(path, listening));
	const client = connect(path);
	t.after(async () => {
		client.destroy();
		await new Promise((closed) => server.close(closed));
		rmSync(folder, { recursive: true });
	});
	return { line: await came, client };
}

test('what is lent is read into one memory, none of which is overwritten while it is in use', { timeout: patience(60_000) }, async (t) => {
	const { line, client } = await lending(t);
	const whole = Buffer.from(Uint32Array.from({ length: 1 << 20 }, (_, at) => at * 2_654_435_761).buffer);
	client.end(whole);
	const lent: { piece: Buffer; seen: Buffer }[] = [];
	const memories = new Map<ArrayBufferLike, number>();
	const got: Buffer[] = [];
	line.lend(() => lent.length === 0);
	line.on('data', (piece: Buffer) => {
		assert.ok(!lent.some(({ piece: { buffer } }) => buffer === piece.buffer), 'it is in use');
		memories.set(piece.buffer, (memories.get(piece.buffer) ?? 0) + 1);
		got.push(Buffer.from(piece));
		lent.push({ piece, seen: Buffer.from(piece) });
		// Whoever wishes to go on does not while it is in use; some stay long.
		line.resume();
		setTimeout(
			() => {
				for (const { piece: one, seen } of lent.splice(0)) assert.ok(one.equals(seen));
				line.goOn();
			},
			got.length % 8 === 0 ? 5 : 0,
		);
	});
	await new Promise((ended) => line.once('end', ended).resume());
	assert.ok(Buffer.concat(got).equals(whole));
	assert.ok(memories.size <= 3 && Math.max(...memories.values()) > 8, 'the same memory again and again');
});

test('an end that comes while something is in use is told once it is not', { timeout: patience(60_000) }, async (t) => {
	const { line, client } = await lending(t);
	let inUse = false;
	const first = new Promise((heard) => line.once('data', heard));
	line.resume();
	client.write('a short answer, all of it');
	await first;
	line.lend(() => !inUse);
	inUse = true;
	const { promise: ended, resolve } = Promise.withResolvers<void>();
	line.once('end', resolve);
	client.end();
	// By then the end has been read, and nobody could be told.
	await new Promise((after) => setTimeout(after, 50));
	inUse = false;
	line.goOn();
	await ended;
});
