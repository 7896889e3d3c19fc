import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { delayedWay } from './delayed.ts';

test('every byte comes back, in order, and no sooner than it is far away', async (t) => {
	const server = createServer((socket) => socket.pipe(socket));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	const way = await delayedWay(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 80);
	t.after(() => way.close());
	const client = connect(Number(new URL(way.address).port), '127.0.0.1');
	await once(client, 'connect');
	const sent = Buffer.from(Array.from({ length: 200_000 }, (_, n) => String(n)).join());
	const begun = performance.now();
	const first = once(client, 'readable').then(() => performance.now() - begun);
	client.end(sent);
	// Less than both ways, as a timer may end a little early; more than one.
	assert.ok((await first) >= 60, `${await first} ms`);
	assert.ok(sent.equals(await buffer(client)));
});

test('a server that is not there is a connection that ends', async (t) => {
	const way = await delayedWay('http://127.0.0.1:1', 10);
	t.after(() => way.close());
	const client = connect(Number(new URL(way.address).port), '127.0.0.1');
	client.on('error', () => undefined);
	client.resume();
	await once(client, 'close');
});
