/** The server's side against peers that are not what they say: whoever can write to the socket may be the learner. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { MountedFolder } from '../runtimes/mounted-folder.ts';
import type { Transport } from '../runtimes/transport.ts';
import { type Agent, AgentGone, type AgentRefused } from './agent.ts';
import { encode, part } from './codec.ts';
import { AgentListener } from './connection.ts';

const { u8, u16, u32, u64, str } = part;
const hello = encode(1, u16(2), u64(42n), u16(1), u32(5), str('a/1'), u8(1), u8(0), u8(0), u16(80), u16(24), u64(0n), u64(100n));
const deaf = { output() {}, preamble() {}, resized() {}, live() {}, gap() {}, refused() {} };

async function listening(t: TestContext) {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-'));
	const transport = new MountedFolder(folder, 'sandbox');
	const path = join(folder, 'sandbox/agent.sock');
	const faults: unknown[] = [];
	const agents: Agent[] = [];
	let wake = () => {};
	const listener = await AgentListener.listen(
		transport,
		(agent) => {
			agents.push(agent);
			wake();
		},
		(error) => faults.push(error),
	);
	const sockets: Socket[] = [];
	t.after(async () => {
		for (const socket of sockets) socket.destroy();
		await listener.close();
		rmSync(folder, { recursive: true, force: true });
	});
	const dial = () => {
		const socket = connect(path);
		socket.on('error', () => {}); // being refused is what most of these want
		socket.resume();
		sockets.push(socket);
		return socket;
	};
	const greet = async (version = 2) => {
		const { promise, resolve } = Promise.withResolvers<void>();
		wake = resolve;
		const socket = dial();
		const greeting = Buffer.from(hello);
		// Behind length and type.
		greeting.set(u16(version), 5);
		socket.write(greeting);
		await promise;
		const agent = agents.at(-1);
		assert.ok(agent);
		return { socket, agent };
	};
	return { transport, path, folder, faults, agents, dial, greet };
}

describe('the listener', () => {
	it('hands over an agent that says HELLO, and the next one when it has gone', async (t) => {
		const { greet, path } = await listening(t);
		assert.equal(statSync(path).mode & 0o777, 0o666);
		const first = await greet();
		assert.equal(first.agent.boot, 42n);
		assert.equal(first.agent.terminals.get(5)?.key, 'a/1');
		const { promise: gone, resolve } = Promise.withResolvers<void>();
		first.agent.events = { exited() {}, vitals() {}, gone: resolve };
		first.socket.destroy();
		await gone;
		assert.throws(() => first.agent.input(5, u8(1)), AgentGone);
		await assert.rejects(first.agent.run({ name: '', script: '', cwd: '/', env: {}, timeLimitMs: 1, outputLimit: 1 }), AgentGone);
		await greet();
	});

	it('speaks to the agent of a sandbox that an earlier server has made as that one did', async (t) => {
		const { greet } = await listening(t);
		for (const [version, spare] of [
			[1, 0],
			[2, 1],
		] as const) {
			const { socket, agent } = await greet(version);
			const script = { name: 'n', script: '#!s', cwd: '/c', env: {}, timeLimitMs: 1, outputLimit: 1, stays: true };
			const running = assert.rejects(agent.run(script), AgentGone);
			const sent = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
			const expected = encode(0x89, u32(1), u32(1), u32(1), ...(spare ? [u8(1)] : []), str('/c'), str('n'));
			// Behind the length, which tells of the whole frame.
			assert.deepEqual(sent.subarray(4, expected.length), expected.subarray(4), `version ${version}`);
			socket.destroy();
			await running;
		}
	});

	it('gives the turn of scripts that nobody wants any more to those that wait behind them', async (t) => {
		const { greet } = await listening(t);
		const { socket, agent } = await greet();
		const script = { name: '', script: '#!', cwd: '/', env: {}, timeLimitMs: 60_000, outputLimit: 1 };
		const [ran, unwanted] = [Array.from({ length: 8 }, () => agent.run(script)), new AbortController()];
		const given = Array.from({ length: 8 }, () => agent.run({ ...script, signal: unwanted.signal }));
		const last = agent.run(script);
		unwanted.abort();
		for (let id = 1; id <= 8; id++) socket.write(encode(8, u32(id), u8(0), u8(0), u32(0)));
		await Promise.all(ran);
		for (const { outcome } of await Promise.all(given)) assert.equal(outcome, 'cancelled');
		socket.write(encode(8, u32(9), u8(0), u8(0), u32(0)));
		assert.equal((await last).outcome, 'exited');
	});

	it('refuses a second peer while the first lives', async (t) => {
		const { greet, dial } = await listening(t);
		const { agent } = await greet();
		await once(dial(), 'close');
		agent.input(5, u8(1));
	});

	it('removes the socket of a killed server, but nothing else', async (t) => {
		const { transport, path, folder } = await listening(t);
		const again = await AgentListener.listen(transport, () => {});
		await again.close();
		assert.equal(existsSync(path), false);
		writeFileSync(path, 'precious');
		await assert.rejects(AgentListener.listen(transport, () => {}));
		assert.equal(statSync(path).size, 8);
		rmSync(path);
		writeFileSync(join(folder, 'file'), 'precious');
		symlinkSync('../file', path);
		await assert.rejects(AgentListener.listen(transport, () => {}));
		assert.equal(statSync(join(folder, 'file')).size, 8);
	});

	it('hears an agent that comes in the very moment in which it can be reached', async (t) => {
		const { transport, path } = await listening(t);
		const { promise, resolve } = Promise.withResolvers<Agent>();
		const slow: Transport = {
			name: 'slow',
			async serve(door, server) {
				const stop = await transport.serve(door, server);
				const socket = connect(path);
				t.after(() => socket.destroy());
				socket.write(hello);
				await once(server, 'connection');
				return stop;
			},
			put: async () => {},
			withdraw: async () => {},
			remove: async () => {},
		};
		const listener = await AgentListener.listen(slow, resolve);
		t.after(() => listener.close());
		assert.equal((await promise).boot, 42n);
	});

	it('listens at a path longer than a socket address, and leaves no file open', async (t) => {
		const folder = mkdtempSync(join(tmpdir(), 'etabli-'));
		t.after(() => rmSync(folder, { recursive: true, force: true }));
		const deep = join(folder, 'x'.repeat(120), 'y'.repeat(120));
		const before = readdirSync('/proc/self/fd').length;
		const { promise, resolve } = Promise.withResolvers<Agent>();
		const listener = await AgentListener.listen(new MountedFolder(join(folder, 'x'.repeat(120)), 'y'.repeat(120)), resolve);
		symlinkSync(deep, join(folder, 'short'));
		const socket = connect(join(folder, 'short', 'agent.sock'));
		socket.write(hello);
		assert.equal((await promise).boot, 42n);
		const closed = once(socket.resume(), 'close');
		await listener.close();
		await closed;
		assert.equal(existsSync(join(deep, 'agent.sock')), false);
		assert.equal(readdirSync('/proc/self/fd').length, before);
	});
});

describe('a peer that is not an agent', () => {
	/** What it says after HELLO, once the server has attached stream 1 with 10 bytes of credit. */
	const lies: Record<string, Buffer> = {
		'says HELLO twice': hello,
		'sends a type that is not there': encode(0x0c),
		'claims a frame without end': Buffer.from(u32(0xffffffff)),
		'sends more than the credit': encode(3, u32(1), u64(0n), Buffer.alloc(11)),
		'sends output out of order': Buffer.concat([encode(3, u32(1), u64(0n), Buffer.alloc(1)), encode(3, u32(1), u64(5n), Buffer.alloc(1))]),
		'sends to a stream that never was': encode(5, u32(2), u64(0n)),
		'opens what nobody asked for': encode(2, u32(9), u32(1)),
		'ends a shell twice': Buffer.concat([encode(7, u32(5), u8(0), u8(0)), encode(7, u32(5), u8(0), u8(0))]),
		'ends a script that never was': encode(8, u32(1), u8(0), u8(0), u32(0)),
		'sends output of nothing, which costs no credit': encode(3, u32(1), u64(0n)),
		'tells of a gap that goes back': encode(6, u32(1), u64(9n), u64(9n)),
	};
	for (const [what, bytes] of Object.entries(lies)) {
		it(`is shut out when it ${what}`, async (t) => {
			const { greet, faults } = await listening(t);
			const { socket, agent } = await greet();
			agent.attach({ term: 5, from: 'start', credit: 10, pacing: false }, deaf);
			socket.write(bytes);
			await once(socket, 'close');
			assert.deepEqual(faults, []);
			await greet();
		});
	}

	it('is shut out when it starts with anything but HELLO', async (t) => {
		const { dial, greet } = await listening(t);
		for (const bytes of [encode(2, u32(1), u32(1)), Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.alloc(4)]) {
			const socket = dial();
			socket.write(bytes);
			await once(socket, 'close');
		}
		await greet();
	});

	it('cannot make a script’s output grow beyond its limit', async (t) => {
		const { greet } = await listening(t);
		const { socket, agent } = await greet();
		const running = agent.run({ name: 'x', script: '#!', cwd: '/', env: {}, timeLimitMs: 1000, outputLimit: 10 });
		const rejected = assert.rejects(running, AgentGone);
		socket.write(encode(9, u32(1), u8(1), Buffer.alloc(11)));
		await rejected;
	});

	it('cannot send pieces of a script’s output without end by sending nothing in them', async (t) => {
		const { greet } = await listening(t);
		const { socket, agent } = await greet();
		const rejected = assert.rejects(
			agent.run({ name: 'x', script: '#!', cwd: '/', env: {}, timeLimitMs: 1000, outputLimit: 10 }),
			AgentGone,
		);
		socket.write(encode(9, u32(1), u8(1)));
		await rejected;
	});

	it('that hangs up and comes again and again is not listened to each time', async (t) => {
		t.mock.timers.enable({ apis: ['Date'] });
		const { dial, agents } = await listening(t);
		for (let i = 0; i < 100; i++) {
			const socket = dial();
			socket.end(hello);
			await new Promise((resolve) => socket.once('close', resolve));
		}
		assert.ok(agents.length >= 1 && agents.length <= 50, `${agents.length} of 100`);
	});

	it('that does not read is cut off before it costs much memory', async (t) => {
		const { greet } = await listening(t);
		const { socket, agent } = await greet();
		socket.pause();
		const { promise: gone, resolve } = Promise.withResolvers<void>();
		agent.events = { exited() {}, vitals() {}, gone: resolve };
		const piece = new Uint8Array(1 << 20);
		assert.throws(() => {
			for (let i = 0; i < 100; i++) agent.input(5, piece);
		}, AgentGone);
		await gone;
	});
});

describe('a stream that the agent cannot have', () => {
	it('is told to whoever asked for it, and to nobody when its terminal has just been closed', async (t) => {
		const { greet } = await listening(t);
		const { socket, agent } = await greet();
		const { promise, resolve } = Promise.withResolvers<AgentRefused>();
		const told: AgentRefused[] = [];
		agent.attach({ term: 5, from: 'start', credit: 10, pacing: false }, { ...deaf, refused: (error) => told.push(error) });
		agent.close(5);
		agent.attach({ term: 5, from: 'start', credit: 10, pacing: false }, { ...deaf, refused: resolve });
		socket.write(
			Buffer.concat([encode(15, u32(1), u8(0x82), u16(2), str('gone')), encode(15, u32(2), u8(0x82), u16(24), str('too many'))]),
		);
		const { errno, message } = await promise;
		assert.deepEqual({ errno, message, told }, { errno: 24, message: 'too many', told: [] });
	});
});

describe('a fault of the server itself', () => {
	it('is told, and does not end the connection', async (t) => {
		const { greet, faults } = await listening(t);
		const { socket, agent } = await greet();
		const { promise, resolve } = Promise.withResolvers<void>();
		const broken = {
			...deaf,
			output() {
				throw new Error('viewer broke');
			},
			live: resolve,
		};
		agent.attach({ term: 5, from: 'start', credit: 10, pacing: false }, broken);
		socket.write(Buffer.concat([encode(3, u32(1), u64(0n), Buffer.alloc(1)), encode(5, u32(1), u64(1n))]));
		await promise;
		assert.deepEqual(faults.map(String), ['Error: viewer broke']);
	});
});
