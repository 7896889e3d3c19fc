/** Connections that ask nothing do not keep those away that do. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../tests/fixtures/eventually.ts';
import { connectionLimits } from './connections.ts';
import { connect, TestServer } from './stand-ins.ts';

const limits = { perAddress: 20, total: 30, headersMs: 600_000, sockets: 2, previews: 2 };

async function listening(t: TestContext, changes = {}) {
	const server = await TestServer.start({ connectionLimits: { ...limits, ...changes } });
	const port = await server.listen();
	const sockets: Socket[] = [];
	t.after(async () => {
		for (const socket of sockets) socket.destroy();
		await server.stop();
	});
	/** Connections that stay open whatever the server says, each having sent `text`. */
	const hold = async (count: number, text: string, localAddress = '127.0.0.1') => {
		const own = Array.from({ length: count }, () => connectTcp({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true }));
		sockets.push(...own);
		await Promise.all(own.map((socket) => once(socket, 'connect')));
		for (const socket of own) {
			socket.on('error', () => undefined); // A reset: what the server does is looked at on its side.
			socket.resume();
			if (text !== '') socket.write(text);
		}
		return own;
	};
	const open = () => new Promise<number>((resolve) => server.app.server.getConnections((_, count) => resolve(count)));
	return { server, port, hold, open };
}

/** By a connection that is closed afterwards, and does not count among those that wait. */
const asked = async (port: number) => (await fetch(`http://127.0.0.1:${port}/healthz`, { headers: { connection: 'close' } })).status;
const upgrade = 'GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

test('a hundred connections of one address that say nothing, half or nonsense: twenty stay, and whoever asks is answered', async (t) => {
	const { port, hold, open } = await listening(t);
	for (const text of ['', 'GET /healthz HTTP/1.1\r\nHo', 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n']) {
		await hold(100, text);
		await eventually(async () => (await open()) <= limits.perAddress + 1, `few of those that said ${JSON.stringify(text)}`);
		assert.equal(await asked(port), 200);
	}
});

test('refused upgrades and garbage are closed at once, though their other end stays', async (t) => {
	const { port, hold, open } = await listening(t);
	for (const text of [upgrade, 'this is no HTTP\r\n\r\n']) {
		await hold(15, text);
		await eventually(async () => (await open()) === 0, 'none of them');
		assert.equal(await asked(port), 200);
		await eventually(async () => (await open()) <= 1, 'the asking one at most');
	}
});

test('who has most pays first: another address keeps its connections', async (t) => {
	const { hold, open } = await listening(t);
	const neighbours = await hold(8, '', '127.0.0.2');
	await hold(20, '');
	await hold(20, '', '127.0.0.3');
	await eventually(async () => (await open()) <= limits.total, 'the total');
	assert.deepEqual([...new Set(neighbours.map(({ destroyed }) => destroyed))], [false]);
	assert.ok(neighbours.every((socket) => !socket.readableEnded));
});

test('the head of a request has its time, and no more', async (t) => {
	const { hold, open } = await listening(t, { headersMs: 300 });
	await hold(5, '');
	await hold(5, 'GET /healthz HTTP/1.1\r\nHo');
	await eventually(async () => (await open()) === 0, 'none of them');
});

test('pages of all learners together are bounded', async (t) => {
	const { server, port } = await listening(t);
	const open = async () => {
		const browser = await server.visitor();
		const { ticket } = (await browser.ask('POST', '/api/tickets', { course: 'apptainer', lesson: 'first', language: 'fr' })).json();
		const headers = { origin: `http://127.0.0.1:${port}`, cookie: browser.cookie };
		return await connect(port, { protocols: ['etabli.v1', `ticket.${ticket}`], headers });
	};
	const [one, two] = [await open(), await open()];
	assert.ok('socket' in one && 'socket' in two);
	assert.deepEqual(await open(), { status: 429, code: 'too-many' });
	one.socket.close();
	await eventually(async () => 'socket' in (await open()), 'a place');
});

test('limits follow from the files that may be open', () => {
	assert.deepEqual(connectionLimits(1024), { perAddress: 128, total: 256, headersMs: 10_000, sockets: 512, previews: 64 });
	assert.equal(connectionLimits(2 ** 20).total, 4096);
});
