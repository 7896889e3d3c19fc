/** Limits by address, whose address it is, and what refusals leave behind: counts for all of them, lines in the log for some. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { eventually } from '../../tests/fixtures/eventually.ts';
import type { AppDeps } from './app-deps.ts';
import { connect, TestServer } from './stand-ins.ts';

const host = 'localhost:8080';

async function withServer(work: (server: TestServer, codes: string[]) => Promise<void>, changes: Partial<AppDeps> = {}): Promise<void> {
	const codes: string[] = [];
	const server = await TestServer.start({ onRefusal: (code) => codes.push(code), ...changes });
	try {
		await work(server, codes);
	} finally {
		await server.stop();
	}
}

const newcomer = async (server: TestServer, remoteAddress: string, headers: Record<string, string> = {}): Promise<number> =>
	(await server.app.inject({ url: '/api/session', headers: { host, ...headers }, remoteAddress })).statusCode;

test('a hall of 200 behind one address comes in within a minute; a program that makes up identities does not go on for ever', () => {
	let clock = 0;
	return withServer(
		async (server) => {
			for (let i = 0; i < 200; i++) assert.equal(await newcomer(server, '192.0.2.1'), 200, `number ${i + 1}`);
			let more = 0;
			while (more < 1000 && (await newcomer(server, '192.0.2.1')) === 200) more++;
			assert.ok(more >= 99 && more <= 110, `${more} more`);
			assert.equal(await newcomer(server, '192.0.2.2'), 200, 'others are not concerned');
			clock += 60_000;
			let later = 0;
			while (later < 1000 && (await newcomer(server, '192.0.2.1')) === 200) later++;
			assert.ok(later >= 59 && later <= 70, `${later} a minute later`);
		},
		{ requestsPerMinute: 10_000, now: () => clock },
	);
});

/** How many identities come through, each request saying that it comes from another address. */
async function made(server: TestServer, remoteAddress: string): Promise<number> {
	for (let i = 0; i < 400; i++) {
		const status = await newcomer(server, remoteAddress, { 'x-forwarded-for': `198.51.100.${i % 250}, 203.0.113.${i % 250}` });
		if (status !== 200) return i;
	}
	return 400;
}

test('X-Forwarded-For counts from a trusted proxy alone: neither a stranger nor a neighbour in the private network is one', async () => {
	const many = { requestsPerMinute: 10_000 };
	const at = { publicOrigin: 'https://etabli.example.org', host: '127.0.0.1' };
	await withServer(async (server) => assert.ok((await made(server, '127.0.0.1')) < 400), { ...many, addresses: { ...at, proxies: [] } });
	const trusting = { ...many, addresses: { ...at, proxies: ['loopback', '10.0.0.5'] } };
	await withServer(async (server) => {
		assert.equal(await made(server, '127.0.0.1'), 400);
		assert.ok((await made(server, '192.168.1.9')) < 400);
		assert.ok((await made(server, '10.0.0.6')) < 400);
	}, trusting);
	await withServer(async (server) => assert.equal(await made(server, '10.0.0.5'), 400), trusting);
});

test('a flood of refusals leaves some lines in the log, with how many were left out', () =>
	withServer(async (server, codes) => {
		const foreign = () => server.app.inject({ method: 'POST', url: '/api/tickets', headers: { host, origin: 'http://evil.example' } });
		for (let i = 0; i < 500; i++) await foreign();
		const lines = () => server.log.filter((line) => line.includes('wrong-origin') || line.includes('"status":403'));
		assert.ok(lines().length <= 60, `${lines().length} lines`);
		assert.equal(codes.filter((code) => code === 'wrong-origin').length, 500, 'each is counted');
		server.clock.ahead += 61_000;
		await foreign();
		assert.ok(lines().some((line) => JSON.parse(line).leftOut === 470));
	}));

test('what is refused before there is a request, or a WebSocket, is counted too', () =>
	withServer(async (server, codes) => {
		const port = await server.listen();
		const refused = await connect(port, { headers: { origin: 'http://evil.example' } });
		assert.deepEqual(refused, { status: 403, code: 'wrong-origin' });
		const socket = connectTcp(port, '127.0.0.1');
		socket.end('this is no HTTP\r\n\r\n');
		assert.match(await text(socket), /^HTTP\/1\.1 400 /);
		assert.deepEqual(codes, ['wrong-origin', 'bad-request']);
	}));

test('bodies of files wait in memory while they come: one person sends five at once, and one more when one is over', () =>
	withServer(async (server) => {
		const port = await server.listen();
		const own = `http://localhost:${port}`;
		const { cookie } = await server.visitor();
		const { cookie: other } = await server.visitor();
		const path = '/api/lessons/apptainer/first/file';
		/** The head of a large body, and nothing of the body. */
		const begun = async (): Promise<Socket> => {
			const socket = connectTcp(port, '127.0.0.1');
			const head = [
				`POST ${path} HTTP/1.1`,
				`Host: localhost:${port}`,
				`Origin: ${own}`,
				`Cookie: ${cookie}`,
				'Content-Type: application/json',
			];
			socket.write(`${[...head, 'Content-Length: 2000000', 'Expect: 100-continue'].join('\r\n')}\r\n\r\n`);
			// The server has taken the request up when it says so.
			await once(socket, 'data');
			return socket;
		};
		const write = async (who: string): Promise<number> => {
			const body = JSON.stringify({ path: 'a', text: 'b', mark: 'none' });
			const headers = { origin: own, cookie: who, 'content-type': 'application/json' };
			return (await fetch(`${own}${path}`, { method: 'POST', headers, body })).status;
		};
		const sockets: Socket[] = [];
		for (let n = 0; n < 5; n++) sockets.push(await begun());
		assert.equal(await write(cookie), 429);
		assert.equal(await write(other), 200, 'others are not concerned');
		sockets[0]?.destroy();
		await eventually(async () => (await write(cookie)) === 200, 'the place of a body that will not come');
		for (const socket of sockets) socket.destroy();
	}));
