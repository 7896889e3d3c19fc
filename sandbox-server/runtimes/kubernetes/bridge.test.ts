/** A server's half of what joins it with sandboxes, against the node agent itself: real TLS, HTTP/2 and unix sockets; pods are folders. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { eventually } from '../../../tests/fixtures/eventually.ts';
import { authority, read, type Signed } from '../../../tests/fixtures/node-agent/certificates.ts';
import { way } from '../../../tests/fixtures/node-agent/way.ts';
import { Front } from '../../node-agent/front.ts';
import { Routes } from '../../node-agent/routes.ts';
import { Sandboxes } from '../../node-agent/sandboxes.ts';
import { systemClock } from '../../platform/clock.ts';
import { MountedFolders } from '../mounted-folder.ts';
import { Bridge } from './bridge.ts';
import { nodeAgentName, serverName } from './names.ts';
import { NodeLink } from './node-link.ts';

let folder: string;
let own: Signed;
let mine: Signed;
before(async () => {
	folder = mkdtempSync(join(tmpdir(), 'etabli-bridge-'));
	const signer = await authority(folder);
	own = await signer.sign(nodeAgentName);
	mine = await signer.sign(serverName);
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** A node with its agent, which can be stopped and started again at the same address. */
class Node {
	port = 0;
	sandboxes!: Sandboxes;
	#front!: Front;
	readonly #state = mkdtempSync(join(folder, 'node-'));

	static async start(t: TestContext): Promise<Node> {
		const node = new Node();
		await node.up();
		t.after(() => node.down());
		return node;
	}

	async up(): Promise<void> {
		const log = () => undefined;
		this.sandboxes = new Sandboxes(this.#state, systemClock, log);
		const routes = new Routes(this.sandboxes, log);
		this.#front = new Front({ certificates: read(own), clients: [serverName], routes, clock: systemClock, log });
		this.port = await this.#front.listen(this.port, '127.0.0.1');
	}

	async down(): Promise<void> {
		await this.#front.close();
		this.sandboxes.close();
	}

	/** Its pod comes. @returns its folder */
	pod(name: string): string {
		const target = join(this.#state, 'pods', name, 'mount');
		mkdirSync(join(target, '..'), { recursive: true });
		return this.sandboxes.publish({ instance: 'here', name, namespace: 'etabli', uid: name, volume: `csi-${name}`, target });
	}
}

/** A server of Établi with one sandbox at that node. */
async function far(
	t: TestContext,
	node: { port: number },
	name: string,
	times: { pingMs?: number; silenceMs?: number; lastWordsMs?: number } = {},
) {
	const place = new MountedFolders(mkdtempSync(join(folder, 'server-'))).of(name);
	place.make();
	const taken: string[] = [];
	const faults: string[] = [];
	const bridge: Bridge = new Bridge({
		path: `/v1/instances/here/sandboxes/${name}`,
		socketOf: (door) => join(place.path, `${door}.sock`),
		files: async () => readdirSync(place.path).filter((file) => !file.includes('.')),
		text: async (file) => fileOf(join(place.path, file)),
		onTaken: () => taken.push(name),
		onFault: (error) => faults.push(String(error)),
		...times,
	});
	const link = new NodeLink({
		address: () => ({ host: '127.0.0.1', port: node.port }),
		files: { ca: mine.ca, certificate: mine.cert, key: mine.key },
		onUp: () => bridge.apply(),
		onDown: () => undefined,
		onFault: (error) => faults.push(error.message),
		...times,
	});
	t.after(() => {
		bridge.close();
		link.close();
	});
	const accepted: Socket[] = [];
	const server: Server = createServer({ pauseOnConnect: true }, (socket) => {
		socket.on('error', () => undefined);
		accepted.push(socket);
	});
	t.after(() => {
		for (const socket of accepted) socket.destroy();
		server.close();
	});
	await place.put('word', 'said before');
	await place.serve('agent', server);
	bridge.serve('agent');
	bridge.attach(link);
	return { bridge, link, place, accepted, taken, faults };
}

/** A program of the sandbox that comes until somebody is there, as an agent does. */
async function program(t: TestContext, at: string, options: { allowHalfOpen?: boolean } = {}): Promise<Socket> {
	for (;;) {
		const socket = connect({ path: join(at, 'agent.sock'), ...options });
		t.after(() => socket.destroy());
		const came = await new Promise<boolean>((resolve) => {
			socket.once('connect', () => resolve(true));
			socket.once('error', () => resolve(false));
		});
		if (came) return socket.on('error', () => undefined);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

const text = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0]);

describe('a server and its sandbox on a node', () => {
	it('meet, whoever comes first, and each hears the other, and its end', async (t) => {
		const node = await Node.start(t);
		const server = await far(t, node, 'one');
		const at = node.pod('one');
		const agent = await program(t, at);
		agent.write('hello');
		await eventually(() => server.accepted.length === 1, 'the connection');
		const [here] = server.accepted;
		assert.ok(here);
		here.resume();
		assert.equal(await text(here), 'hello');
		here.write('and you');
		assert.equal(await text(agent), 'and you');
		agent.end();
		await once(here, 'close');
		// The door is asked for again at once.
		const again = await program(t, at);
		again.write('me again');
		await eventually(() => server.accepted.length === 2, 'the connection');
		server.accepted[1]?.destroy();
		await once(again, 'close');
		assert.deepEqual(server.faults, []);
	});

	it('loses nothing of what is long, in both directions, however slowly it is read', async (t) => {
		const node = await Node.start(t);
		const server = await far(t, node, 'long');
		const agent = await program(t, node.pod('long'));
		const much = Buffer.alloc(8 * 2 ** 20, 'abcdefgh');
		agent.end(much);
		await eventually(() => server.accepted.length === 1, 'the connection');
		const [here] = server.accepted;
		assert.ok(here);
		const parts: Buffer[] = [];
		// By hand and in small pieces, so that what is in between fills up.
		here.on('readable', () => {
			for (let part: Buffer | null = here.read(); part; part = here.read()) parts.push(part);
		});
		await once(here, 'end');
		assert.ok(Buffer.concat(parts).equals(much));
	});

	it('ends a connection that the server has closed, although the program neither ends nor stops', async (t) => {
		const node = await Node.start(t);
		const server = await far(t, node, 'deaf', { lastWordsMs: 100 });
		const at = node.pod('deaf');
		const agent = await program(t, at, { allowHalfOpen: true });
		const said = text(agent);
		await eventually(() => server.accepted.length === 1, 'the connection');
		server.accepted[0]?.resume().end('the last word');
		assert.equal(await said, 'the last word');
		const closed = new Promise((resolve) => agent.once('close', resolve));
		agent.write(Buffer.alloc(8 * 2 ** 20));
		await closed;
	});

	it('find each other again after the node agent was away, with files as they are to be', async (t) => {
		const node = await Node.start(t);
		const server = await far(t, node, 'back');
		const at = node.pod('back');
		await eventually(() => fileOf(join(at, 'word')) === 'said before', 'the file');
		await server.place.put('word', 'said now');
		await server.bridge.changed('word');
		assert.equal(fileOf(join(at, 'word')), 'said now');
		await server.place.withdraw('word');
		await server.bridge.changed('word');
		assert.equal(fileOf(join(at, 'word')), undefined);
		await server.place.put('other', 'to be withdrawn');
		await server.bridge.changed('other');
		assert.equal(fileOf(join(at, 'other')), 'to be withdrawn');
		const agent = await program(t, at);
		await eventually(() => server.accepted.length === 1, 'the connection');
		await node.down();
		await once(agent.resume(), 'close');
		await eventually(() => !server.link.up, 'the end of the connection');
		await server.place.put('word', 'said meanwhile');
		await server.bridge.changed('word');
		await server.place.withdraw('other');
		await server.bridge.changed('other');
		await node.up();
		await program(t, at);
		await eventually(() => server.accepted.length === 2, 'the connection');
		await eventually(() => fileOf(join(at, 'word')) === 'said meanwhile', 'the file');
		await eventually(() => fileOf(join(at, 'other')) === undefined, 'the end of the file');
	});

	it('says its files again to a node agent that has forgotten the sandbox', async (t) => {
		const node = await Node.start(t);
		await far(t, node, 'again');
		const at = node.pod('again');
		await eventually(() => fileOf(join(at, 'word')) === 'said before', 'the file');
		node.sandboxes.forget('here', 'again');
		const then = node.pod('again');
		await eventually(() => fileOf(join(then, 'word')) === 'said before', 'the file');
	});

	it('a node that falls silent with bytes on their way to it is given up, and found again', async (t) => {
		const node = await Node.start(t);
		const between = await way(t, node);
		const server = await far(t, between, 'silent', { pingMs: 100, silenceMs: 1000 });
		const at = node.pod('silent');
		const agent = await program(t, at);
		agent.resume();
		await eventually(() => server.accepted.length === 1, 'the connection');
		between.stop();
		// More than all that is in between can hold: a part of it stays in the session, which waits for it.
		server.accepted[0]?.write(Buffer.alloc(32 * 2 ** 20));
		await once(agent, 'close');
		await program(t, at);
		await eventually(() => server.accepted.length === 2, 'the connection');
		assert.deepEqual([...new Set(server.faults)], ['it does not answer any more']);
	});

	it('a newer server takes a sandbox over, and the older one is told and lets it be', async (t) => {
		const node = await Node.start(t);
		const at = node.pod('taken');
		const older = await far(t, node, 'taken');
		const agent = await program(t, at);
		await eventually(() => older.accepted.length === 1, 'the connection');
		const newer = await far(t, node, 'taken');
		await once(agent.resume(), 'close');
		await program(t, at);
		await eventually(() => newer.accepted.length === 1, 'the connection');
		assert.deepEqual([older.taken, newer.taken], [['taken'], []]);
	});

	it('a door that is closed is closed there, too', async (t) => {
		const node = await Node.start(t);
		const server = await far(t, node, 'shut');
		const at = node.pod('shut');
		await program(t, at);
		await eventually(() => server.accepted.length === 1, 'the connection');
		await eventually(() => node.sandboxes.find('here', 'shut')?.isAwaited, 'the next stream');
		server.bridge.unserve('agent');
		await eventually(() => node.sandboxes.find('here', 'shut')?.isAwaited === false, 'the end of the waiting');
	});
});

describe('a server whose certificate is nobody’s', () => {
	it('says so, once', async (t) => {
		const node = await Node.start(t);
		const strange = await (await authority(mkdtempSync(join(folder, 'strange-')))).sign(serverName);
		const faults: string[] = [];
		let attempts = 0;
		const link = new NodeLink({
			address: () => {
				attempts++;
				return { host: '127.0.0.1', port: node.port };
			},
			files: { ca: mine.ca, certificate: strange.cert, key: strange.key },
			onUp: () => undefined,
			onDown: () => undefined,
			onFault: (error) => faults.push(error.message),
		});
		t.after(() => link.close());
		await eventually(() => attempts > 3, 'some attempts');
		assert.equal(faults.length, 1);
	});
});

function fileOf(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
}
