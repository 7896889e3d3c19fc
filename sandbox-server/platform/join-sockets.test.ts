import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { joinSockets } from './join-sockets.ts';

async function listening(t: TestContext, take: (socket: Socket) => void): Promise<number> {
	const server: Server = createServer(take);
	t.after(() => server.close());
	await once(server.listen(0, '127.0.0.1'), 'listening');
	return (server.address() as AddressInfo).port;
}

/** A proxy between two connections: `client` is joined to `behind`, the end that a server has. `front` is the proxy's own end of the first. */
async function joined(t: TestContext): Promise<{ client: Socket; front: Socket; behind: Socket }> {
	const served = Promise.withResolvers<Socket>();
	const fronted = Promise.withResolvers<Socket>();
	const server = await listening(t, (socket) => served.resolve(socket.resume()));
	const proxy = await listening(t, (socket) => {
		joinSockets(socket, connect(server, '127.0.0.1'));
		fronted.resolve(socket);
	});
	const client = connect(proxy, '127.0.0.1').pause();
	t.after(() => client.destroy());
	return { client, front: await fronted.promise, behind: await served.promise };
}

test('an answer arrives whole, though its sender has closed before its reader has read', async (t) => {
	const { client, front, behind } = await joined(t);
	let said = 0;
	// Until nothing more fits between the proxy and its client: the end of the answer waits in the proxy.
	for (; front.writableLength === 0; said += 4096) {
		await new Promise((written) => behind.write(Buffer.alloc(4096), written));
		await setImmediate();
	}
	behind.end();
	await once(behind, 'close');
	let read = 0;
	for await (const bytes of client) read += (bytes as Buffer).length;
	assert.equal(read, said);
});

test('when one is gone, so is the other', async (t) => {
	const { client, behind } = await joined(t);
	client.resetAndDestroy();
	await once(behind, 'close');
});
