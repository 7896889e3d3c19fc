/**
 * Web pages of programs in a sandbox, from the browser's side: the real agent dials, real servers answer, as well and as badly as they can. The
 * sandbox is this machine here; tests/integration/preview-sandbox.test.ts has a real one. (Over 400 lines: the cases share one
 * platform, and each stands for itself.)
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { type TestContext, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { type Browser, TestServer } from '../../sandbox-server/http/stand-ins.ts';
import { systemClock } from '../../sandbox-server/platform/clock.ts';
import { MountedFolder } from '../../sandbox-server/runtimes/mounted-folder.ts';
import { Lines } from '../../sandbox-server/sandboxes/lines.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { eventually } from '../fixtures/eventually.ts';
import { Sandbox } from './agent-harness.ts';

const timeout = patience(60_000);

/** A platform with one sandbox, whose programs are servers of this process. */
async function platform(t: TestContext) {
	const sandbox = new Sandbox();
	const transport = new MountedFolder(dirname(sandbox.folder), basename(sandbox.folder));
	const lines = await Lines.listen(transport, systemClock, (error) => assert.fail(String(error)));
	await sandbox.start({ args: ['--dial', `${sandbox.folder}/preview.sock`] });
	const server = await TestServer.start();
	server.labs.connections = lines;
	const port = await server.listen();
	t.after(async () => {
		await lines.close();
		await server.stop();
		await sandbox.stop();
	});
	const learner = async () => {
		const browser = await server.visitor();
		await ask(server, browser, port, 'POST', '/api/sandboxes/apptainer');
		return browser;
	};
	return { server, lines, sandbox, port, learner };
}

/** As a page of the platform asks. */
async function ask(server: TestServer, browser: Browser, port: number, method: 'POST', url: string, body?: object) {
	const host = `127.0.0.1:${port}`;
	const answer = await server.app.inject({
		method,
		url,
		headers: { host, origin: `http://${host}`, cookie: browser.cookie },
		...(body && { payload: body }),
	});
	return { status: answer.statusCode, body: answer.json() };
}

interface Got {
	status: number;
	headers: IncomingMessage['headers'];
	text: string;
}

/** As a browser asks, of which every name below localhost is this machine. */
function get(
	port: number,
	address: string,
	{ method = 'GET', headers = {}, body }: { method?: string; headers?: OutgoingHttpHeaders; body?: string } = {},
): Promise<Got> {
	const { host, pathname, search } = new URL(address);
	return new Promise((resolve, reject) => {
		const asked = httpRequest(
			{ host: '127.0.0.1', port, method, path: pathname + search, headers: { host, ...headers }, agent: false },
			(answer) => {
				let text = '';
				answer.setEncoding('utf8').on('data', (piece: string) => {
					text += piece;
				});
				answer.on('close', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
			},
		);
		asked.on('error', reject);
		asked.end(body);
	});
}

async function listening(t: TestContext, server: Server, host = '127.0.0.1'): Promise<number> {
	server.listen(0, host);
	await once(server, 'listening');
	const sockets = new Set<Socket>();
	server.on('connection', (socket) => {
		sockets.add(socket);
		socket.on('error', () => undefined);
		socket.on('close', () => sockets.delete(socket));
	});
	t.after(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	return (server.address() as AddressInfo).port;
}

const web = (t: TestContext, listener: RequestListener) => listening(t, createServer(listener));
const tcp = (t: TestContext, onConnection: (socket: Socket) => void) => listening(t, createTcpServer(onConnection));

type Platform = Awaited<ReturnType<typeof platform>>;

/** Opens a preview as the lesson page does: what the browser then has. */
async function opened({ server, port }: Platform, browser: Browser, of: number, path = '/') {
	const { status, body } = await ask(server, browser, port, 'POST', '/api/sandboxes/apptainer/previews?language=en', { port: of, path });
	assert.equal(status, 200, JSON.stringify(body));
	const first = await get(port, body.address);
	assert.equal(first.status, 303, first.text);
	const set = String(first.headers['set-cookie']);
	const cookie = set.split(';')[0] ?? '';
	const at = (to: string, more: Parameters<typeof get>[2] = {}) =>
		get(port, `${body.origin}${to}`, { ...more, headers: { cookie, ...more.headers } });
	return { address: body.address as string, origin: body.origin as string, location: first.headers.location, set, cookie, at };
}

test('a page is shown to the learner whose it is, at an origin of its own, and to nobody else', { timeout }, async (t) => {
	const all = await platform(t);
	const seen: IncomingMessage['headers'][] = [];
	const program = await web(t, (request, response) => {
		seen.push(request.headers);
		let text = '';
		request.on('data', (piece) => {
			text += piece;
		});
		request.on('end', () => response.setHeader('x-mine', 'yes').end(`${request.method} ${request.url} ${text}`));
	});
	const learner = await all.learner();
	const preview = await opened(all, learner, program, '/docs?page=2');
	assert.match(preview.origin, new RegExp(`^http://p${program}-[a-z2-7]{24}\\.localhost:${all.port}$`));
	assert.equal(preview.location, '/docs?page=2');
	assert.match(preview.set, /; Path=\/; HttpOnly; Secure; SameSite=None; Partitioned$/);
	const page = await preview.at('/docs?page=2');
	assert.deepEqual([page.status, page.text, page.headers['x-mine']], [200, 'GET /docs?page=2 ', 'yes']);
	assert.equal(page.headers['content-security-policy'], `frame-ancestors 'self' http://127.0.0.1:${all.port}`);
	const posted = await preview.at('/form', {
		method: 'POST',
		body: 'a=b',
		headers: { origin: preview.origin, referer: `${preview.origin}/docs`, cookie: `${preview.cookie}; etabli=stolen; mine=1` },
	});
	assert.equal(posted.text, 'POST /form a=b');
	const { host, origin, referer, cookie } = seen.at(-1) ?? {};
	const own = `localhost:${program}`;
	assert.deepEqual(
		{ host, origin, referer, cookie },
		{ host: own, origin: `http://${own}`, referer: `http://${own}/docs`, cookie: 'mine=1' },
	);

	// The first address works once; the second gives the same origin.
	const again = await get(all.port, preview.address);
	assert.equal(again.status, 403);
	assert.match(again.text, /<html lang="en">.*open only to the person whose workbench it is/s);
	assert.equal((await opened(all, learner, program)).origin, preview.origin);

	// Somebody else: the address alone, another preview's cookie, a cookie that was made up; their own lab leads elsewhere.
	const before = seen.length;
	assert.equal((await get(all.port, `${preview.origin}/`)).status, 403);
	assert.equal((await get(all.port, `${preview.origin}/`, { headers: { cookie: learner.cookie } })).status, 403);
	const other = await opened(all, await all.learner(), await web(t, (_, response) => response.end('other')));
	assert.notEqual(other.origin, preview.origin);
	assert.equal((await preview.at('/', { headers: { cookie: other.cookie } })).status, 403);
	assert.equal(seen.length, before, 'the program has heard of none of it');

	// Signed out: no more.
	all.server.store.people.endSession(all.server.session(learner).digest);
	assert.equal((await preview.at('/')).status, 403);
});

test('names that nobody has, and that nobody has any more, are over for ever', { timeout }, async (t) => {
	const all = await platform(t);
	const program = await web(t, (_, response) => response.end('there'));
	const preview = await opened(all, await all.learner(), program);
	assert.equal((await preview.at('/')).text, 'there');
	const never = await get(all.port, `http://p8000-${'a'.repeat(24)}.localhost:${all.port}/`);
	assert.equal(never.status, 410);
	assert.match(never.text, /aperçu est terminé/);
	// The interface of the platform is not to be had at such a name.
	assert.equal((await get(all.port, `http://p8000-${'a'.repeat(24)}.localhost:${all.port}/api/session`)).status, 410);
	assert.equal(
		(await preview.at('/', { headers: { host: new URL(preview.origin).host.replace('localhost', 'example.org') } })).status,
		410,
	);
	await all.lines.close();
	const over = await preview.at('/');
	assert.equal(over.status, 410);
	assert.match(over.text, /Cet aperçu est terminé/);
});

test('nothing listens yet: a sentence, and the page comes when something does', { timeout }, async (t) => {
	const all = await platform(t);
	const free = createServer();
	const port = await listening(t, free);
	free.close();
	await once(free, 'close');
	const preview = await opened(all, await all.learner(), port);
	const nothing = await preview.at('/');
	assert.equal(nothing.status, 502);
	assert.match(nothing.text, new RegExp(`Nothing listens on port ${port} of the workbench yet.*opens by itself`, 's'));
	assert.equal((await preview.at('/.etabli/ready')).status, 502);
	const six = createServer((_, response) => response.end('at last')).listen(port, '::1');
	await once(six, 'listening');
	t.after(() => six.close());
	assert.equal((await preview.at('/.etabli/ready')).status, 204);
	assert.equal((await preview.at('/')).text, 'at last', 'at the address of IPv6, too');
});

test('what is refused as a WebSocket leaves no connection behind, however much its sender says', { timeout }, async (t) => {
	const all = await platform(t);
	const program = await listening(
		t,
		createServer((_, response) => response.writeHead(404).end('none here')),
	);
	const preview = await opened(all, await all.learner(), program);
	const { host } = new URL(preview.origin);
	const count = () => new Promise<number>((resolve) => all.server.app.server.getConnections((_, connections) => resolve(connections)));
	const head = [
		'GET /chat HTTP/1.1',
		`Host: ${host}`,
		`Origin: ${preview.origin}`,
		`Cookie: ${preview.cookie}`,
		'Connection: Upgrade',
		'Upgrade: websocket',
		'Sec-WebSocket-Version: 13',
		'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
	];
	const before = await count();
	for (let tries = 0; tries < 5; tries++) {
		const front = connect(all.port, '127.0.0.1');
		let said = '';
		front.setEncoding('latin1').on('data', (text: string) => {
			said += text;
		});
		front.on('error', () => undefined); // It may be cut off while it still talks.
		front.write(`${head.join('\r\n')}\r\n\r\n`);
		front.end(Buffer.alloc(300_000));
		await once(front, 'close');
		assert.match(said, /^HTTP\/1\.1 404 /);
	}
	await eventually(async () => (await count()) <= before, 'all of them to be gone');
});

test('WebSockets go through, to their own origin alone', { timeout }, async (t) => {
	const all = await platform(t);
	const server = createServer((_, response) => response.end('plain'));
	const sockets = new WebSocketServer({ server, handleProtocols: () => 'chat' });
	sockets.on('connection', (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })));
	t.after(() => sockets.close());
	const program = await listening(t, server);
	const preview = await opened(all, await all.learner(), program);
	const open = (headers: Record<string, string>) =>
		new Promise<WebSocket | number>((resolve, reject) => {
			const socket = new WebSocket(`ws://127.0.0.1:${all.port}/chat`, ['chat'], {
				headers: { host: new URL(preview.origin).host, ...headers },
			});
			socket.once('open', () => resolve(socket));
			socket.once('unexpected-response', (asked, answer) => {
				resolve(answer.statusCode ?? 0);
				asked.destroy();
			});
			socket.once('error', reject);
		});
	assert.equal(await open({ origin: preview.origin }), 403, 'without the cookie');
	assert.equal(await open({ origin: 'http://evil.localhost', cookie: preview.cookie }), 403, 'of another page');
	const socket = await open({ origin: preview.origin, cookie: preview.cookie });
	assert.ok(socket instanceof WebSocket);
	assert.equal(socket.protocol, 'chat');
	const large = Buffer.alloc(3 << 20, 7);
	for (const said of ['hello', large]) {
		socket.send(said);
		const [heard] = (await once(socket, 'message')) as [Buffer];
		assert.ok(Buffer.from(said).equals(heard));
	}
	assert.equal(all.lines.used, 1);
	socket.close();
	await once(socket, 'close');
	// What the program answers in place of a WebSocket is passed on.
	const plain = await opened(all, await all.learner(), await web(t, (_, response) => response.writeHead(418).end()));
	preview.cookie = plain.cookie;
	preview.origin = plain.origin;
	assert.equal(await open({ origin: plain.origin, cookie: plain.cookie }), 418);
	// The end of the sandbox ends them.
	const last = await opened(all, await all.learner(), program);
	Object.assign(preview, { cookie: last.cookie, origin: last.origin });
	const ended = await open({ cookie: last.cookie });
	assert.ok(ended instanceof WebSocket);
	await all.lines.close();
	await once(ended, 'close');
});

test('what a program says about more than itself does not reach the browser', { timeout }, async (t) => {
	const all = await platform(t);
	const program: number = await web(t, (request, response) => {
		if (request.url === '/away') return void response.writeHead(302, { location: 'https://example.org/x' }).end();
		if (request.url === '/other') return void response.writeHead(302, { location: `http://localhost:${program + 1}/x` }).end();
		if (request.url === '/here') return void response.writeHead(302, { location: `http://127.0.0.1:${program}/x?y#z` }).end();
		if (request.url === '/bare') return void response.writeHead(302, { location: `HTTP://LOCALHOST:${program}` }).end();
		response.writeHead(200, [
			...['Set-Cookie', 'a=1; Domain=localhost; Path=/', 'Set-Cookie', 'b=2; Secure; SameSite=Strict; HttpOnly'],
			...[
				'Set-Cookie',
				'etabli-preview=theirs',
				'Clear-Site-Data',
				'"cookies"',
				'Strict-Transport-Security',
				'max-age=1; includeSubDomains',
			],
			...['Alt-Svc', 'h2=":1"', 'Connection', 'X-Hop', 'X-Hop', '1', 'Keep-Alive', 'timeout=5', 'X-Mine', '1', 'Referrer-Policy', 'origin'],
		]);
		response.end();
	});
	const { at, origin } = await opened(all, await all.learner(), program);
	const location = async (path: string) => (await at(path)).headers.location;
	assert.equal(await location('/here'), `${origin}/x?y#z`);
	assert.equal(await location('/bare'), `${origin}/`);
	assert.equal(await location('/away'), 'https://example.org/x');
	assert.equal(await location('/other'), `http://localhost:${program + 1}/x`);
	const { headers } = await at('/');
	assert.deepEqual(headers['set-cookie'], [
		'a=1; Path=/; Secure; SameSite=None; Partitioned',
		'b=2; HttpOnly; Secure; SameSite=None; Partitioned',
	]);
	for (const name of ['clear-site-data', 'strict-transport-security', 'alt-svc', 'x-hop']) assert.equal(headers[name], undefined, name);
	assert.deepEqual([headers['x-mine'], headers['referrer-policy'], headers['origin-agent-cluster']], ['1', 'origin', '?1']);
});

test('programs that answer badly cost a sentence', { timeout }, async (t) => {
	const all = await platform(t);
	const learner = await all.learner();
	const says = async (port: number) => {
		const { status, text } = await (await opened(all, learner, port)).at('/');
		return `${status} ${/<p>(.*?)<\/p>/.exec(text)?.[1]}`;
	};
	const answers = (bytes: string | Buffer) => tcp(t, (socket) => socket.once('data', () => socket.end(bytes)));
	const garbled = /^502 What listens on port \d+ does not answer as a web server does/;
	assert.match(await says(await answers('SSH-2.0-OpenSSH_9.2\r\n')), garbled);
	assert.match(await says(await answers(Buffer.from([0x15, 3, 1, 0, 2, 2, 70]))), garbled, 'an alert of TLS');
	assert.match(await says(await answers('')), garbled, 'nothing at all');
	assert.match(await says(await answers('HTTP/1.1 099 Odd\r\n\r\n')), garbled);
	assert.match(await says(await answers('HTTP/1.1 200 OK\r\nX: a\r\n b\0\r\n\r\n')), garbled);
	assert.match(await says(await answers('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')), garbled);
	assert.match(await says(await listening(t, createHttp2Server())), garbled, 'HTTP/2 alone');
	assert.match(
		await says(await answers(`HTTP/1.1 200 OK\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`)),
		/^502 The server on port \d+ answered with headers that are too large/,
	);
	// Headers that are large and can be read are passed on; an answer that breaks off breaks off in the browser, too.
	const large = await web(t, (_, response) => response.writeHead(200, { x: 'a'.repeat(14_000) }).end('large'));
	assert.equal((await (await opened(all, learner, large)).at('/')).text, 'large');
	const half = await answers('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
	const { status, text } = await (await opened(all, learner, half)).at('/');
	assert.deepEqual([status, text], [200, 'half']);
	await eventually(() => all.lines.used === 0, 'nothing to be left of any of them');
});

test('an answer without an end is held back by its reader, and goes with it', { timeout }, async (t) => {
	const all = await platform(t);
	let sent = 0;
	let closed = 0;
	const program = await web(t, (_, response) => {
		response.writeHead(200);
		const piece = Buffer.alloc(64 << 10);
		const more = () => {
			do sent += piece.length;
			while (!response.destroyed && response.write(piece));
		};
		response.on('drain', more).on('close', () => {
			closed++;
			for (const wake of waiting.splice(0)) wake();
		});
		more();
	});
	const waiting: (() => void)[] = [];
	const preview = await opened(all, await all.learner(), program);
	const reader = await new Promise<IncomingMessage>((resolve, reject) => {
		const { host } = new URL(preview.origin);
		httpRequest({ host: '127.0.0.1', port: all.port, headers: { host, cookie: preview.cookie }, agent: false }, resolve)
			.on('error', reject)
			.end();
	});
	// It reads nothing: the program comes to a stand, after what the kernel and the streams between hold.
	let before = -1;
	while (sent === 0 || before !== sent) {
		before = sent;
		await new Promise((resolve) => setTimeout(resolve, 200));
	}
	assert.ok(sent < 32 << 20, `${sent} bytes`);
	reader.resume();
	while (sent < before + (16 << 20)) await new Promise((resolve) => setTimeout(resolve, 10));
	const gone = new Promise<void>((resolve) => waiting.push(resolve));
	reader.destroy();
	if (closed === 0) await gone;
	while (all.lines.used > 0) await new Promise((resolve) => setTimeout(resolve, 10));
});

test('connections are bounded, those beyond wait, and silent ones let go of theirs', { timeout }, async (t) => {
	const all = await platform(t);
	const held: Socket[] = [];
	// Takes connections, says nothing, and does not even notice that the other side has left.
	const silent = createTcpServer({ allowHalfOpen: true }, (socket) => held.push(socket));
	const program = await listening(t, silent);
	const learner = await all.learner();
	const preview = await opened(all, learner, program);
	const asked = Array.from({ length: 32 }, () => {
		const { host } = new URL(preview.origin);
		const one = httpRequest({ host: '127.0.0.1', port: all.port, headers: { host, cookie: preview.cookie }, agent: false });
		one.on('error', () => undefined);
		one.end();
		return one;
	});
	while (held.length < 32) await new Promise((resolve) => setTimeout(resolve, 10));
	const other = await opened(all, learner, await web(t, (_, response) => response.end('after all')));
	const waits = other.at('/');
	for (const one of asked) one.destroy();
	assert.equal((await waits).text, 'after all');
	// The dialler has let go, too: as many again are to be had.
	for (let round = 0; round < 3; round++) assert.equal((await other.at('/')).text, 'after all');
	await eventually(() => all.lines.used === 0, 'all of them to be let go');
});

test('a sandbox that makes no lines, and one whose dialler is killed', { timeout }, async (t) => {
	const all = await platform(t);
	const program = await web(t, (_, response) => response.end('again'));
	const preview = await opened(all, await all.learner(), program);
	const agent = all.sandbox.child?.pid ?? 0;
	const children = () => readFileSync(`/proc/${agent}/task/${agent}/children`, 'utf8').trim().split(' ').filter(Boolean);
	const dialler = async () => Number(await eventually(() => children()[0], 'the dialler'));
	assert.deepEqual(children(), [], 'there is none while nobody looks');
	assert.equal((await preview.at('/')).text, 'again');
	const first = await dialler();
	process.kill(first, 'SIGKILL');
	await eventually(async () => children()[0] !== `${first}` && (await preview.at('/')).text === 'again', 'the agent to start another');
	const second = await dialler();
	process.kill(second, 'SIGSTOP');
	let said = await preview.at('/');
	// The line that waited may have been used before it stood still.
	while (said.status === 200) said = await preview.at('/');
	assert.equal(said.status, 503);
	assert.match(said.text, /does not answer requests for previews/);
	process.kill(second, 'SIGCONT');
	while ((await preview.at('/')).status !== 200) await new Promise((resolve) => setTimeout(resolve, 10));
	await eventually(() => children().length === 0, 'its end, once nobody looks any more');
	assert.equal((await preview.at('/')).text, 'again');
});

test('the platform’s interface is not to be had from the page of a preview', { timeout }, async (t) => {
	const all = await platform(t);
	const learner = await all.learner();
	const preview = await opened(all, learner, await web(t, (_, response) => response.end()));
	const platformAt = `http://127.0.0.1:${all.port}`;
	// As the page's script would ask, were the browser to send the learner's cookie along.
	const asked = await get(all.port, `${platformAt}/api/sandboxes/apptainer`, {
		method: 'POST',
		headers: { origin: preview.origin, cookie: learner.cookie },
	});
	assert.deepEqual([asked.status, JSON.parse(asked.text).code], [403, 'wrong-origin']);
	assert.equal(asked.headers['access-control-allow-origin'], undefined, 'what is read there is not given to it either');
	const socket = new WebSocket(`ws://127.0.0.1:${all.port}/ws`, ['etabli.v1', 'ticket.x'], {
		headers: { origin: preview.origin, cookie: learner.cookie },
	});
	const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
	assert.equal(answer.statusCode, 403);
});

test('the dialler: a port in two pieces, ends of either side, as many as there may be, a server that comes back', {
	timeout,
}, async (t) => {
	const sandbox = new Sandbox();
	const transport = new MountedFolder(dirname(sandbox.folder), basename(sandbox.folder));
	const came: Socket[] = [];
	let wake = (): void => undefined;
	const listen = async () => {
		const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
			socket.on('error', () => undefined);
			came.push(socket);
			wake();
		});
		return await transport.serve('preview', server);
	};
	/** The line that waits. */
	const next = async (): Promise<Socket> => {
		for (;;) {
			const line = came.shift();
			if (line && !line.destroyed) return line;
			await new Promise<void>((resolve) => {
				wake = resolve;
			});
		}
	};
	const heard = async (line: Socket): Promise<Buffer> => ((await once(line, 'data')) as [Buffer])[0];
	const named = (port: number) => Buffer.of(port & 255, port >> 8);
	let stop = await listen();
	await sandbox.start({ args: ['--dial', `${sandbox.folder}/preview.sock`] });
	t.after(async () => {
		for (const one of [...came, ...held]) one.destroy();
		await Promise.all([stop(), sandbox.stop()]);
	});
	// A program that answers once it has heard all.
	const echo = createTcpServer({ allowHalfOpen: true }, (socket) => {
		const all: Buffer[] = [];
		socket.on('data', (piece) => all.push(piece)).on('end', () => socket.end(Buffer.concat(all)));
	});
	const program = await listening(t, echo);
	const first = await next();
	first.write(named(program).subarray(0, 1));
	await new Promise((resolve) => setTimeout(resolve, 50));
	first.write(named(program).subarray(1));
	assert.deepEqual(await heard(first), Buffer.of(0));
	const said = Buffer.alloc(1 << 20, 'said');
	const back: Buffer[] = [];
	first.on('data', (piece: Buffer) => back.push(piece));
	first.end(said);
	await once(first, 'end');
	assert.ok(Buffer.concat(back).equals(said));

	const refused = await next();
	refused.write(named(1));
	const ended = once(refused, 'end');
	assert.deepEqual(await heard(refused), Buffer.of(111));
	await ended;
	refused.destroy();

	const held: Socket[] = [];
	for (let count = 0; count < 64; count++) {
		const line = await next();
		line.write(named(program));
		assert.deepEqual(await heard(line), Buffer.of(0));
		held.push(line);
	}
	assert.equal(came.length, 0, 'no other waits while all are in use');
	held.pop()?.destroy();
	const freed = await next();
	for (const one of held.splice(0)) one.destroy();
	freed.destroy();
	await stop();
	stop = await listen();
	const again = await next();
	again.write(named(program));
	assert.deepEqual(await heard(again), Buffer.of(0));
	again.destroy();
});
