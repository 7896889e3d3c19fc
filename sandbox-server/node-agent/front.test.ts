/**
 * Servers and sandboxes as they meet: real TLS, HTTP/2 and unix sockets; pods are folders. (Over 400 lines: each
 * thing that a pod or a stranger may do needs the same stand around it.)
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect as connectSession } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { eventually } from '../../tests/fixtures/eventually.ts';
import { ManualClock, until } from '../../tests/fixtures/manual-clock.ts';
import { type Authority, authority, read, type Signed } from '../../tests/fixtures/node-agent/certificates.ts';
import { FarServer, type Parked } from '../../tests/fixtures/node-agent/far-server.ts';
import { way } from '../../tests/fixtures/node-agent/way.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import { connectUnix } from '../platform/unix-socket.ts';
import { nodeAgentName, serverName } from '../runtimes/kubernetes/names.ts';
import { Front } from './front.ts';
import { Routes } from './routes.ts';
import { Sandboxes } from './sandboxes.ts';

let folder: string;
let signer: Authority;
let own: Signed;
let certificate: Signed;

before(async () => {
	folder = mkdtempSync(join(tmpdir(), 'etabli-front-'));
	signer = await authority(folder);
	own = await signer.sign(nodeAgentName);
	certificate = await signer.sign(serverName);
});
after(() => rmSync(folder, { recursive: true, force: true }));

class Node {
	readonly state: string;
	readonly sandboxes: Sandboxes;
	readonly front: Front;
	port = 0;
	readonly said: string[] = [];

	constructor(state: string, clock: Clock) {
		this.state = state;
		const log = (_: string, what: string) => void this.said.push(what);
		this.sandboxes = new Sandboxes(state, clock, log);
		const routes = new Routes(this.sandboxes, log);
		this.front = new Front({ certificates: read(own), clients: [serverName], routes, clock, log });
	}

	static async start(t: TestContext, clock: Clock = systemClock, state = mkdtempSync(join(folder, 'state-'))): Promise<Node> {
		const node = new Node(state, clock);
		node.port = await node.front.listen(0, '127.0.0.1');
		t.after(() => node.end());
		return node;
	}

	async end(): Promise<void> {
		await this.front.close();
		this.sandboxes.close();
	}

	/** A pod comes. @returns its folder */
	pod(name: string, uid = `uid-${name}`, instance = 'here'): string {
		const target = join(this.state, 'pods', uid, 'mount');
		mkdirSync(join(target, '..'), { recursive: true });
		return this.sandboxes.publish({ instance, name, namespace: 'etabli', uid, volume: `csi-${uid}`, target });
	}

	async server(t: TestContext, instance?: string): Promise<FarServer> {
		const server = await FarServer.come(this.port, read(certificate), instance);
		t.after(() => server.leave());
		return server;
	}
}

/** A program of the sandbox connects. */
function program(t: TestContext, at: string, door = 'agent'): Socket {
	const socket = connectUnix(join(at, `${door}.sock`));
	socket.on('error', () => {});
	t.after(() => socket.destroy());
	return socket;
}

/** What comes until the end. */
async function all(from: NodeJS.ReadableStream): Promise<string> {
	let text = '';
	for await (const part of from) text += part;
	return text;
}

async function next(from: NodeJS.ReadableStream): Promise<string> {
	const [part] = (await once(from, 'data')) as [Buffer];
	return part.toString();
}

describe('who comes in', () => {
	it('has a certificate of the authority that names a server, and TLS 1.3', async (t) => {
		const node = await Node.start(t);
		const url = `https://127.0.0.1:${node.port}`;
		const other = await authority(folder, 'other');
		const strangers: [string, object][] = [
			['none', { ca: read(own).ca }],
			['of another authority', { ...read(await other.sign(serverName, 'stranger')), ca: read(own).ca }],
			['an older TLS', { ...read(certificate), maxVersion: 'TLSv1.2' }],
		];
		for (const [title, tls] of strangers) {
			const session = connectSession(url, { servername: nodeAgentName, ...tls });
			session.on('error', () => {});
			const stream = session.request({ ':path': '/v1/instances/here/sandboxes' });
			stream.on('error', () => {});
			stream.on('response', () => assert.fail(`${title}: was answered`));
			await new Promise((resolve) => stream.once('close', resolve));
			session.destroy();
		}
		const agent = await FarServer.come(node.port, read(own));
		t.after(() => agent.leave());
		const { status, text } = await agent.ask('GET', '');
		assert.equal(status, 403);
		assert.match(text, /this certificate names etabli-node-agent; servers have one for etabli-server/);
	});

	it('comes with a renewed certificate as well, and stays where the authority is the same', async (t) => {
		const node = await Node.start(t);
		const server = await node.server(t);
		node.front.renew(read(await signer.sign(nodeAgentName, 'renewed-agent')));
		const later = await FarServer.come(node.port, read(await signer.sign(serverName, 'renewed-server')));
		t.after(() => later.leave());
		assert.equal((await later.ask('GET', '')).status, 200);
		assert.equal((await server.ask('GET', '')).status, 200);
	});

	it('by an authority that is no more is no longer there', async (t) => {
		const node = await Node.start(t);
		const before = await node.server(t);
		const at = node.pod('lab1');
		const parked = before.park('lab1', 'agent');
		await parked.listening;
		const agent = program(t, at).resume();
		await parked.status;
		// Either may hear of an error first.
		const ended = [agent, before.session].map((one) => new Promise<void>((resolve) => one.once('close', () => resolve())));
		const other = await authority(folder, 'renewed');
		node.front.renew(read(await other.sign(nodeAgentName, 'other-agent')));
		await Promise.all(ended);
		const server = await FarServer.come(node.port, read(await other.sign(serverName, 'other-server')));
		t.after(() => server.leave());
		assert.equal((await server.ask('GET', '')).status, 200);
		assert.equal(node.front.sessions, 1);
	});

	it('finds a place however many come who show nothing', async (t) => {
		const node = await Node.start(t);
		const first = await node.server(t);
		const strangers: Socket[] = [];
		let turnedAway = 0;
		for (let i = 0; i < 100; i++) {
			const stranger = connect(node.port, '127.0.0.1');
			stranger.on('error', () => {}).once('close', () => turnedAway++);
			t.after(() => stranger.destroy());
			await once(stranger, 'connect');
			strangers.push(stranger.resume());
		}
		await eventually(() => turnedAway >= 84, 'the strangers to take each other’s places');
		assert.equal((await (await node.server(t)).ask('GET', '')).status, 200);
		assert.equal((await first.ask('GET', '')).status, 200);
	});

	it('and falls silent with bytes on their way to it is given up, and nobody else', async (t) => {
		const warned: Error[] = [];
		const onWarning = (warning: Error) => warned.push(warning);
		process.on('warning', onWarning);
		t.after(() => process.off('warning', onWarning));
		const clock = new ManualClock();
		const node = await Node.start(t, clock);
		const between = await way(t, node);
		const silent = await FarServer.come(between.port, read(certificate));
		const other = await node.server(t);
		silent.session.setLocalWindowSize(64 * 2 ** 20);
		await new Promise<void>((resolve) => silent.session.settings({ initialWindowSize: 64 * 2 ** 20 }, () => resolve()));
		const at = node.pod('lab1');
		const parked = silent.park('lab1', 'agent');
		await parked.listening;
		const agent = program(t, at).resume();
		await parked.status;
		between.stop();
		// As much as the way takes: the rest waits in the session.
		let taken = 0;
		for (let i = 0; i < 512; i++) agent.write(Buffer.alloc(64 * 1024), () => taken++);
		for (let before = -1, same = 0; same < 20; before = taken) {
			await other.ask('GET', '');
			same = taken === before ? same + 1 : 0;
		}
		assert.ok(taken < 512);
		const closed = new Promise((resolve) => agent.once('close', resolve));
		const connections = () => node.front.sessions;
		assert.equal(connections(), 2);
		for (const _ of [1, 2, 3]) {
			await clock.advance(10_000);
			// It answers what it was asked meanwhile.
			await other.ask('GET', '');
		}
		await closed;
		assert.equal(connections(), 1);
		assert.deepEqual(warned, []);
	});

	it('is told what is wrong with a question', async (t) => {
		const node = await Node.start(t);
		const server = await node.server(t);
		const wrong: [string, string, number][] = [
			['GET', '/v1/other', 404],
			['GET', '/v2/instances/here/sandboxes', 404],
			['GET', '/v1/instances/HERE/sandboxes', 404],
			['POST', '', 405],
			['POST', '/a/doors/kitchen', 404],
			['GET', '/a/doors/agent', 404],
			['POST', '/..%2fb/doors/agent', 404],
			['PUT', '/a/files/agent.sock', 400],
			['PUT', '/a/files/x.new', 400],
			['PUT', '/a/files/..', 400],
			['PUT', '/a/files/', 400],
			['POST', '/a/files/x', 405],
			['PUT', '/a/files/x/y', 404],
			['POST', '/a', 404],
		];
		for (const [method, path, status] of wrong) {
			const answer = await server.ask(method, path);
			assert.deepEqual([answer.status, typeof JSON.parse(answer.text).error], [status, 'string'], `${method} ${path}: ${answer.text}`);
		}
	});
});

describe('files', () => {
	it('that were put before the pod came are there when it does; others replace them', async (t) => {
		const node = await Node.start(t);
		const server = await node.server(t);
		assert.equal((await server.ask('PUT', '/lab1/files/notice.fr', 'bonjour')).status, 204);
		assert.equal((await server.ask('PUT', '/lab1/files/gone', 'x')).status, 204);
		assert.equal((await server.ask('DELETE', '/lab1/files/gone')).status, 204);
		const at = node.pod('lab1');
		assert.deepEqual(readdirSync(at), ['notice.fr']);
		assert.equal(readFileSync(join(at, 'notice.fr'), 'utf8'), 'bonjour');
		assert.equal(statSync(join(at, 'notice.fr')).mode & 0o777, 0o644);
		await server.ask('PUT', '/lab1/files/notice.fr', 'adieu');
		await server.ask('PUT', '/lab1/files/empty', '');
		assert.equal(readFileSync(join(at, 'notice.fr'), 'utf8'), 'adieu');
		assert.equal(readFileSync(join(at, 'empty'), 'utf8'), '');
		await server.ask('DELETE', '/lab1/files/notice.fr');
		assert.deepEqual(readdirSync(at), ['empty']);
	});

	it('are bounded in number and size', async (t) => {
		const node = await Node.start(t);
		const server = await node.server(t);
		node.pod('lab1');
		assert.equal((await server.ask('PUT', '/lab1/files/large', Buffer.alloc(65_537))).status, 413);
		assert.equal((await server.ask('PUT', '/lab1/files/large', Buffer.alloc(65_536))).status, 204);
		for (let i = 1; i < 32; i++) assert.equal((await server.ask('PUT', `/lab1/files/f${i}`, 'x')).status, 204);
		assert.equal((await server.ask('PUT', '/lab1/files/one-more', 'x')).status, 429);
		assert.equal((await server.ask('PUT', '/lab1/files/f1', 'y')).status, 204);
	});
});

describe('a door', () => {
	it('is a socket while somebody is parked there; what connects is the stream', async (t) => {
		const node = await Node.start(t);
		const server = await node.server(t);
		const at = node.pod('lab1');
		assert.deepEqual(readdirSync(at), []);
		const parked = server.park('lab1', 'agent');
		await parked.listening;
		assert.deepEqual(readdirSync(at), ['agent.sock']);
		assert.equal(statSync(join(at, 'agent.sock')).mode & 0o777, 0o666);
		const agent = program(t, at);
		assert.equal(await parked.status, 200);
		agent.write('HELLO');
		assert.equal(await next(parked.stream), 'HELLO');
		parked.stream.write('WELCOME');
		assert.equal(await next(agent), 'WELCOME');
		// All that it has to say; the answer comes after.
		agent.end('bye');
		assert.equal(await all(parked.stream), 'bye');
		parked.stream.end('bye to you');
		assert.equal(await all(agent), 'bye to you');
	});

	it('parked before its pod is there opens as soon as it is', async (t) => {
		const node = await Node.start(t);
		const server = await node.server(t);
		const parked = server.park('lab1', 'registry');
		await server.ask('GET', '');
		const at = node.pod('lab1');
		await parked.listening;
		program(t, at, 'registry').end('x');
		assert.equal(await parked.status, 200);
		assert.equal(await all(parked.stream), 'x');
	});

	it('ends a connection when the other side is cut', async (t) => {
		const node = await Node.start(t);
		const server = await node.server(t);
		const at = node.pod('lab1');
		for (const who of ['server', 'program'] as const) {
			const parked = server.park('lab1', 'agent');
			await parked.listening;
			const agent = program(t, at);
			await parked.status;
			const ended = [once(parked.stream, 'close'), once(agent, 'close')];
			if (who === 'server') parked.cancel();
			else agent.destroy();
			if (who === 'program') parked.stream.resume().end();
			await Promise.all(ended);
		}
	});

	it('keeps who comes between two streams waiting', async (t) => {
		const node = await Node.start(t);
		const server = await node.server(t);
		const at = node.pod('lab1');
		const first = server.park('lab1', 'preview');
		await first.listening;
		const programs = [program(t, at, 'preview'), program(t, at, 'preview'), program(t, at, 'preview')];
		for (const [index, socket] of programs.entries()) socket.write(`line ${index}`);
		await first.status;
		const lines = [first, server.park('lab1', 'preview'), server.park('lab1', 'preview')];
		const said = await Promise.all(lines.map(({ stream }) => next(stream)));
		assert.deepEqual(said.sort(), ['line 0', 'line 1', 'line 2']);
	});

	it('takes only so many parked streams', async (t) => {
		const node = await Node.start(t);
		const server = await node.server(t);
		node.pod('lab1');
		for (let i = 0; i < 16; i++) server.park('lab1', 'agent');
		assert.equal(await server.park('lab1', 'agent').status, 429);
		assert.equal((await server.ask('GET', '')).status, 200);
	});

	it('that could not be opened is tried again', async (t) => {
		const clock = new ManualClock();
		const node = await Node.start(t, clock);
		const server = await node.server(t);
		const at = node.pod('lab1');
		const inTheWay = join(at, 'agent.sock.new');
		mkdirSync(inTheWay);
		const parked = server.park('lab1', 'agent');
		await until(() => node.said.includes('a socket failed'));
		rmSync(inTheWay, { recursive: true });
		await clock.advance(1000);
		await parked.listening;
		assert.deepEqual(readdirSync(at), ['agent.sock']);
	});

	it('is shut a while after the last server has gone, and not at once', async (t) => {
		const clock = new ManualClock();
		const node = await Node.start(t, clock);
		const server = await node.server(t);
		const at = node.pod('lab1');
		const parked = server.park('lab1', 'agent');
		await parked.listening;
		await server.leave();
		await until(() => node.sandboxes.find('here', 'lab1')?.isAwaited === false);
		const early = program(t, at).resume();
		await once(early, 'connect');
		const closed = once(early, 'close');
		await clock.advance(14_000);
		assert.deepEqual(readdirSync(at), ['agent.sock']);
		await clock.advance(1500);
		assert.deepEqual(readdirSync(at), []);
		await closed;
		const again = await node.server(t);
		const back = again.park('lab1', 'agent');
		await back.listening;
		program(t, at).write('me again');
		assert.equal(await next(back.stream), 'me again');
	});
});

describe('two servers', () => {
	it('of which the newer takes over: the older is told, and keeps its connections until they are claimed', async (t) => {
		const node = await Node.start(t);
		const [older, newer] = [await node.server(t), await node.server(t)];
		const at = node.pod('lab1');
		const first = older.park('lab1', 'agent');
		await first.listening;
		const agent = program(t, at);
		assert.equal(await first.status, 200);
		const waits = older.park('lab1', 'agent');
		await waits.listening;
		const taken = newer.park('lab1', 'agent');
		assert.equal(await waits.status, 409);
		assert.match(await all(waits.stream), /another server has asked for this sandbox since/);
		await taken.listening;
		agent.write('still here');
		assert.equal(await next(first.stream), 'still here');
		const cut = [once(agent.resume(), 'close'), once(first.stream, 'close')];
		assert.equal((await newer.ask('POST', '/lab1/claim')).status, 204);
		await Promise.all(cut);
		program(t, at).write('hello again');
		assert.equal(await next(taken.stream), 'hello again');
		// Its own are not cut.
		await newer.ask('POST', '/lab1/claim');
		taken.stream.write('yes');
		assert.equal(taken.stream.closed, false);
	});

	it('of two installations do not see each other', async (t) => {
		const node = await Node.start(t);
		const [one, other] = [await node.server(t, 'here'), await node.server(t, 'there')];
		const [mine, theirs] = [node.pod('lab1', 'u1', 'here'), node.pod('lab1', 'u2', 'there')];
		const namesOf = async (server: FarServer) => JSON.parse((await server.ask('GET', '')).text);
		assert.deepEqual(await namesOf(one), { sandboxes: [{ name: 'lab1', namespace: 'etabli', pod: 'lab1', uid: 'u1' }] });
		assert.deepEqual(await namesOf(other), { sandboxes: [{ name: 'lab1', namespace: 'etabli', pod: 'lab1', uid: 'u2' }] });
		await one.ask('DELETE', '/lab1');
		assert.equal(existsSync(mine), false);
		assert.equal(existsSync(theirs), true);
	});
});

describe('a learner who means no good', () => {
	it('and never reads holds only their own connection back', async (t) => {
		const node = await Node.start(t);
		const server = await node.server(t);
		const at = node.pod('lab1');
		const [flood, echo] = [server.park('lab1', 'registry'), server.park('lab1', 'agent')];
		await Promise.all([flood.listening, echo.listening]);
		const lazy = connect({ path: join(at, 'registry.sock') }).pause();
		t.after(() => lazy.destroy());
		const agent = program(t, at);
		agent.on('data', (bytes) => agent.write(bytes));
		await Promise.all([flood.status, echo.status]);
		const total = 64 << 20;
		let sent = 0;
		const part = Buffer.alloc(64 << 10);
		const push = (): void => {
			if (sent >= total) return void flood.stream.end();
			flood.stream.write(part, () => {
				sent += part.length;
				push();
			});
		};
		push();
		for (let i = 0; i < 500; i++) {
			echo.stream.write('x');
			await next(echo.stream);
		}
		assert.ok(sent < 4 << 20, `${sent} bytes are on their way to somebody who does not read`);
		let got = 0;
		for await (const bytes of lazy) got += bytes.length;
		assert.equal(got, total);
	});

	it('and never stops is held back by a server that does not read', async (t) => {
		const node = await Node.start(t);
		const server = await node.server(t);
		const at = node.pod('lab1');
		const [flood, echo] = [server.park('lab1', 'registry'), server.park('lab1', 'agent')];
		await Promise.all([flood.listening, echo.listening]);
		const writer = program(t, at, 'registry');
		const agent = program(t, at);
		agent.on('data', (bytes) => agent.write(bytes));
		await Promise.all([flood.status, echo.status]);
		const total = 64 << 20;
		let sent = 0;
		const part = Buffer.alloc(64 << 10);
		const push = (): void => {
			if (sent >= total) return void writer.end();
			writer.write(part, () => {
				sent += part.length;
				push();
			});
		};
		push();
		for (let i = 0; i < 500; i++) {
			echo.stream.write('x');
			await next(echo.stream);
		}
		assert.ok(sent < 8 << 20, `${sent} bytes are on their way to a server that does not read`);
		let got = 0;
		for await (const bytes of flood.stream) got += bytes.length;
		assert.equal(got, total);
	});

	it('and connects without end finds their door shut, and nobody else does', async (t) => {
		const clock = new ManualClock();
		const node = await Node.start(t, clock);
		const server = await node.server(t);
		const [at, elsewhere] = [node.pod('lab1'), node.pod('lab2')];
		const parked = server.park('lab1', 'agent');
		await parked.listening;
		let refused = 0;
		for (let i = 0; i < 400; i++) {
			await new Promise<void>((resolve) => {
				const socket = connect({ path: join(at, 'agent.sock') });
				socket.on('error', () => refused++);
				socket.on('connect', () => socket.destroy());
				socket.on('close', () => resolve());
			});
		}
		assert.ok(refused > 100, `${refused} found nobody`);
		const other = server.park('lab2', 'agent');
		await other.listening;
		program(t, elsewhere).write('well');
		assert.equal(await next(other.stream), 'well');
		// It opens again, for its own server.
		const again = server.park('lab1', 'agent');
		await clock.advance(1000);
		await again.listening;
		program(t, at).write('calm now');
		assert.equal(await next(again.stream), 'calm now');
	});

	it('and holds connections has only so many', async (t) => {
		const node = await Node.start(t);
		const server = await node.server(t);
		const at = node.pod('lab1');
		const held: Socket[] = [];
		const streams: Parked[] = [];
		for (let i = 0; i < 80; i++) {
			const parked = server.park('lab1', 'registry');
			await parked.listening;
			held.push(program(t, at, 'registry'));
			streams.push(parked);
			assert.equal(await parked.status, 200);
		}
		const parked = server.park('lab1', 'registry');
		await parked.listening;
		await once(program(t, at, 'registry').resume(), 'close');
		held[0]?.destroy();
		const first = streams[0]?.stream;
		assert.equal(first && (await all(first)), '', 'its stream ends with it');
		first?.end();
		await until(() => node.sandboxes.find('here', 'lab1')?.connections === 79);
		program(t, at, 'registry').write('room again');
		assert.equal(await next(parked.stream), 'room again');
	});
});

describe('a sandbox', () => {
	it('is found again after a restart, with its files, and its socket is made anew', async (t) => {
		const first = await Node.start(t);
		const server = await first.server(t);
		const at = first.pod('lab1');
		await server.ask('PUT', '/lab1/files/notice.en', 'hello');
		await server.park('lab1', 'agent').listening;
		await first.end();
		const second = await Node.start(t, systemClock, first.state);
		const again = await second.server(t);
		assert.deepEqual(JSON.parse((await again.ask('GET', '')).text).sandboxes.length, 1);
		assert.deepEqual(readdirSync(at), ['notice.en']);
		const parked = again.park('lab1', 'agent');
		await parked.listening;
		program(t, at).write('back');
		assert.equal(await next(parked.stream), 'back');
		await again.ask('DELETE', '/lab1/files/notice.en');
		assert.deepEqual(readdirSync(at), ['agent.sock']);
	});

	it('whose pod went while nobody looked is not found again', async (t) => {
		const first = await Node.start(t);
		const [at, stays] = [first.pod('lab1'), first.pod('lab2')];
		await first.end();
		rmSync(join(first.state, 'pods/uid-lab1'), { recursive: true });
		const second = await Node.start(t, systemClock, first.state);
		assert.deepEqual(
			second.sandboxes.list('here').map(({ name }) => name),
			['lab2'],
		);
		assert.deepEqual([existsSync(at), existsSync(stays)], [false, true]);
	});

	it('that is forgotten, or whose pod goes, loses its folder; who is parked is told', async (t) => {
		const node = await Node.start(t);
		const server = await node.server(t);
		for (const way of ['forget', 'unpublish'] as const) {
			const at = node.pod('lab1', way);
			const parked = server.park('lab1', 'agent');
			await parked.listening;
			if (way === 'forget') assert.equal((await server.ask('DELETE', '/lab1')).status, 204);
			else node.sandboxes.unpublish(`csi-${way}`);
			assert.equal(await parked.status, 410);
			assert.equal(existsSync(at), false);
			assert.equal(JSON.parse((await server.ask('GET', '')).text).sandboxes.length, 0);
			node.sandboxes.unpublish(`csi-${way}`);
			assert.equal((await server.ask('DELETE', '/lab1')).status, 204);
		}
	});

	it('of which there is a second pod is that one', async (t) => {
		const node = await Node.start(t);
		const server = await node.server(t);
		const older = node.pod('lab1', 'u1');
		const parked = server.park('lab1', 'agent');
		await parked.listening;
		const newer = node.pod('lab1', 'u2');
		assert.equal(await parked.status, 410);
		assert.deepEqual([existsSync(older), existsSync(newer)], [false, true]);
		node.sandboxes.unpublish('csi-u1');
		assert.equal(existsSync(newer), true);
		assert.equal(JSON.parse((await server.ask('GET', '')).text).sandboxes[0].uid, 'u2');
	});

	it('that does not come is not awaited for ever', async (t) => {
		const clock = new ManualClock();
		const node = await Node.start(t, clock);
		const server = await node.server(t);
		await server.ask('PUT', '/lab1/files/x', 'x');
		const parked = server.park('lab1', 'agent');
		await eventually(() => node.sandboxes.find('here', 'lab1')?.isAwaited, 'the stream at the door');
		await clock.advance(115_000);
		assert.equal(parked.stream.closed, false);
		await clock.advance(20_000);
		assert.equal(await parked.status, 404);
		assert.deepEqual(readdirSync(node.pod('lab1')), []);
	});
});
