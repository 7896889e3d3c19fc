import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { after, before, test } from 'node:test';
import type { WebSocket } from 'ws';
import { maxClientFrame, subprotocol } from '../../src/shared/protocol/messages.ts';
import { ticketSeconds } from '../auth/tickets.ts';
import { type Browser, connect, TestServer } from './stand-ins.ts';
import { connectionsPerLearner } from './upgrade.ts';

let server: TestServer;
let port: number;
let origin: string;
before(async () => {
	server = await TestServer.start();
	port = await server.listen();
	origin = `http://127.0.0.1:${port}`;
});
after(() => server.stop());

async function ticketOf(browser: Browser, lesson = 'first'): Promise<string> {
	return (await browser.ask('POST', '/api/tickets', { course: 'apptainer', lesson, language: 'en' })).json().ticket;
}

const page = (browser: Browser, ticket: string, headers: Record<string, string> = {}) =>
	connect(port, { protocols: [subprotocol, `ticket.${ticket}`], headers: { origin, cookie: browser.cookie, ...headers } });

async function opened(attempt: ReturnType<typeof page>): Promise<WebSocket> {
	const result = await attempt;
	assert.ok('socket' in result, JSON.stringify(result));
	return result.socket;
}

async function ended(socket: WebSocket): Promise<number> {
	const [code] = await once(socket, 'close');
	return code;
}

test('a page with its ticket is let in, as the learner and lesson of the ticket', async () => {
	const browser = await server.visitor();
	const socket = await opened(page(browser, await ticketOf(browser, 'second')));
	assert.equal(socket.protocol, subprotocol);
	assert.equal(socket.extensions, '', 'no compression');
	socket.send('?');
	const [answer] = await once(socket, 'message');
	assert.equal(String(answer), `${browser.name} apptainer/second en`);
	socket.terminate();
});

test('a page that cannot be served is closed, and the server goes on', async (t) => {
	const connections = { accept: () => assert.fail('the store does not answer'), close: async () => undefined };
	const broken = await TestServer.start({ connections });
	t.after(() => broken.stop());
	const own = await broken.listen();
	for (let attempt = 0; attempt < 2; attempt++) {
		const browser = await broken.visitor();
		const protocols = [subprotocol, `ticket.${await ticketOf(browser)}`];
		const result = await connect(own, { protocols, headers: { origin: `http://127.0.0.1:${own}`, cookie: browser.cookie } });
		assert.ok('socket' in result);
		assert.equal(await ended(result.socket), 1011);
	}
	assert.ok(broken.log.some((line) => line.includes('the store does not answer')));
});

test('another or no origin is refused, and does not use the ticket up', async () => {
	const browser = await server.visitor();
	const ticket = await ticketOf(browser);
	const wrong = { status: 403, code: 'wrong-origin' };
	assert.deepEqual(await page(browser, ticket, { origin: 'http://evil.example' }), wrong);
	assert.deepEqual(await page(browser, ticket, { origin: `http://localhost:${port}` }), wrong);
	assert.deepEqual(await page(browser, ticket, { origin: `http://evil.example:${port}`, host: `evil.example:${port}` }), wrong);
	const missing = await connect(port, { protocols: [subprotocol, `ticket.${ticket}`], headers: { cookie: browser.cookie } });
	assert.deepEqual(missing, wrong);
	(await opened(page(browser, ticket))).terminate();
});

test('no cookie, or a forged one, is refused', async () => {
	const browser = await server.visitor();
	const ticket = await ticketOf(browser);
	for (const cookie of ['', 'etabli=forged.AAAA'])
		assert.deepEqual(await page(browser, ticket, { cookie }), { status: 401, code: 'no-identity' });
});

test('a ticket that is used, expired, foreign, unknown or missing is refused', async () => {
	const [browser, other] = [await server.visitor(), await server.visitor()];
	const bad = { status: 403, code: 'bad-ticket' };
	const used = await ticketOf(browser);
	(await opened(page(browser, used))).terminate();
	assert.deepEqual(await page(browser, used), bad);

	const foreign = await ticketOf(browser);
	assert.deepEqual(await page(other, foreign), bad);
	assert.deepEqual(await page(browser, foreign), bad, 'a ticket that somebody else has shown is void');

	assert.deepEqual(await page(browser, 'unknown'), bad);
	assert.deepEqual(await connect(port, { protocols: [subprotocol], headers: { origin, cookie: browser.cookie } }), bad);

	const late = await ticketOf(browser);
	server.clock.ahead += ticketSeconds * 1000;
	assert.deepEqual(await page(browser, late), bad);
	const inTime = await ticketOf(browser);
	server.clock.ahead += ticketSeconds * 1000 - 1000;
	(await opened(page(browser, inTime))).terminate();
});

test('another address or protocol is refused', async () => {
	const browser = await server.visitor();
	const headers = { origin, cookie: browser.cookie };
	assert.deepEqual(await connect(port, { path: '/api/session', protocols: [subprotocol], headers }), { status: 404, code: 'not-found' });
	assert.deepEqual(await connect(port, { protocols: ['other.v9'], headers }), { status: 400, code: 'bad-request' });
});

test('a frame that is too large ends that connection alone', async () => {
	const browser = await server.visitor();
	const [big, small] = [await opened(page(browser, await ticketOf(browser))), await opened(page(browser, await ticketOf(browser)))];
	big.send(Buffer.alloc(maxClientFrame + 1));
	assert.equal(await ended(big), 1009);
	small.send(Buffer.alloc(maxClientFrame));
	await once(small, 'message');
	small.terminate();
});

test('bytes that are no frame, and a browser that leaves in the middle, hurt nobody', async () => {
	const browser = await server.visitor();
	const ticket = await ticketOf(browser);
	const plain = connectPlain(port, '127.0.0.1');
	plain.write(
		[
			'GET /ws HTTP/1.1',
			`Host: 127.0.0.1:${port}`,
			'Connection: Upgrade',
			'Upgrade: websocket',
			'Sec-WebSocket-Version: 13',
			'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
			`Sec-WebSocket-Protocol: ${subprotocol}, ticket.${ticket}`,
			`Origin: ${origin}`,
			`Cookie: ${browser.cookie}`,
			'',
			'',
		].join('\r\n'),
	);
	const [answer] = await once(plain, 'data');
	assert.match(String(answer), /^HTTP\/1\.1 101/);
	plain.write(Buffer.alloc(1000, 0xff));
	await once(plain, 'close');

	const garbage = connectPlain(port, '127.0.0.1');
	garbage.write('not http at all\r\n\r\n');
	const [refused] = await once(garbage, 'data');
	assert.match(String(refused), /^HTTP\/1\.1 400[\s\S]*"bad-request"/);
	const leaving = connectPlain(port, '127.0.0.1');
	leaving.write('GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n');
	leaving.resetAndDestroy();
	(await opened(page(browser, await ticketOf(browser)))).terminate();
});

test('one learner has so many pages open and no more; another is not concerned; a closed page makes room', async () => {
	const [browser, other] = [await server.visitor(), await server.visitor()];
	const sockets: WebSocket[] = [];
	for (let i = 0; i < connectionsPerLearner; i++) sockets.push(await opened(page(browser, await ticketOf(browser))));
	assert.deepEqual(await page(browser, await ticketOf(browser)), { status: 429, code: 'too-many' });
	(await opened(page(other, await ticketOf(other)))).terminate();
	const first = sockets.pop();
	first?.close();
	assert.ok(first);
	await once(first, 'close');
	sockets.push(await opened(page(browser, await ticketOf(browser))));
	for (const socket of sockets) socket.terminate();
});

test('a stopping server says so to open pages', async () => {
	const own = await TestServer.start();
	const ownPort = await own.listen();
	const browser = await own.visitor();
	const headers = { origin: `http://127.0.0.1:${ownPort}`, cookie: browser.cookie };
	const socket = await opened(connect(ownPort, { protocols: [subprotocol, `ticket.${await ticketOf(browser)}`], headers }));
	const [code] = await Promise.all([ended(socket), own.stop()]);
	assert.equal(code, 1001);
});

test('who asks for a page’s connection while the server stops is let go of, and does not keep it from stopping', async (t) => {
	let release = () => {};
	const held = new Promise<void>((resolve) => {
		release = resolve;
	});
	let stopping = () => {};
	const stops = new Promise<void>((resolve) => {
		stopping = resolve;
	});
	const close = () => {
		stopping();
		return held;
	};
	const stopped = await TestServer.start({ connections: { accept: () => assert.fail('it stops'), close } });
	t.after(() => stopped.store.close());
	const socket = connectPlain(await stopped.listen(), '127.0.0.1');
	t.after(() => socket.destroy());
	await once(socket, 'connect');
	const over = stopped.app.close();
	await stops;
	socket.on('error', () => undefined).resume();
	socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
	await once(socket, 'close');
	release();
	await over;
});
