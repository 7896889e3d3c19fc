/** The server's side against peers that are not what they say: whoever can write to the socket may be the learner. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { encode, part } from './codec.ts';
import { HolderListener } from './connection.ts';
import { type Holder, HolderGone } from './holder.ts';

const { u8, u16, u32, u64, str } = part;
const hello = encode(1, u16(1), u64(42n), u16(1), u32(5), str('a/1'), u8(1), u8(0), u8(0), u16(80), u16(24), u64(0n), u64(100n));
const deaf = { output() {}, preamble() {}, resized() {}, live() {}, gap() {} };

async function listening(t: TestContext) {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-'));
	const path = join(folder, 'holder.sock');
	const faults: unknown[] = [];
	const holders: Holder[] = [];
	let wake = () => {};
	const listener = await HolderListener.listen(
		path,
		(holder) => {
			holders.push(holder);
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
	const greet = async () => {
		const { promise, resolve } = Promise.withResolvers<void>();
		wake = resolve;
		const socket = dial();
		socket.write(hello);
		await promise;
		const holder = holders.at(-1);
		assert.ok(holder);
		return { socket, holder };
	};
	return { path, folder, faults, holders, dial, greet };
}

describe('the listener', () => {
	it('hands over a holder that says HELLO, and the next one when it has gone', async (t) => {
		const { greet, path } = await listening(t);
		assert.equal(statSync(path).mode & 0o777, 0o666);
		const first = await greet();
		assert.equal(first.holder.boot, 42n);
		assert.equal(first.holder.terminals.get(5)?.key, 'a/1');
		const { promise: gone, resolve } = Promise.withResolvers<void>();
		first.holder.events = { exited() {}, vitals() {}, gone: resolve };
		first.socket.destroy();
		await gone;
		assert.throws(() => first.holder.input(5, u8(1)), HolderGone);
		await assert.rejects(first.holder.run({ name: '', script: '', cwd: '/', env: {}, timeLimitMs: 1, outputLimit: 1 }), HolderGone);
		await greet();
	});

	it('refuses a second peer while the first lives', async (t) => {
		const { greet, dial } = await listening(t);
		const { holder } = await greet();
		await once(dial(), 'close');
		holder.input(5, u8(1));
	});

	it('removes the socket of a killed server, but nothing else', async (t) => {
		const { path, folder } = await listening(t);
		const again = await HolderListener.listen(path, () => {});
		await again.close();
		assert.equal(existsSync(path), false);
		writeFileSync(join(folder, 'file'), 'precious');
		await assert.rejects(HolderListener.listen(join(folder, 'file'), () => {}));
		symlinkSync('file', join(folder, 'link'));
		await assert.rejects(HolderListener.listen(join(folder, 'link'), () => {}));
		assert.equal(statSync(join(folder, 'file')).size, 8);
	});

	it('listens at a path longer than a socket address, and leaves no file open', async (t) => {
		const folder = mkdtempSync(join(tmpdir(), 'etabli-'));
		t.after(() => rmSync(folder, { recursive: true, force: true }));
		const deep = join(folder, 'x'.repeat(120), 'y'.repeat(120));
		mkdirSync(deep, { recursive: true });
		const before = readdirSync('/proc/self/fd').length;
		const { promise, resolve } = Promise.withResolvers<Holder>();
		const listener = await HolderListener.listen(join(deep, 'holder.sock'), resolve);
		symlinkSync(deep, join(folder, 'short'));
		const socket = connect(join(folder, 'short', 'holder.sock'));
		socket.write(hello);
		assert.equal((await promise).boot, 42n);
		const closed = once(socket.resume(), 'close');
		await listener.close();
		await closed;
		assert.equal(existsSync(join(deep, 'holder.sock')), false);
		assert.equal(readdirSync('/proc/self/fd').length, before);
	});
});

describe('a peer that is not a holder', () => {
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
			const { socket, holder } = await greet();
			holder.attach({ term: 5, from: 'start', credit: 10, pacing: false }, deaf);
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
		const { socket, holder } = await greet();
		const running = holder.run({ name: 'x', script: '#!', cwd: '/', env: {}, timeLimitMs: 1000, outputLimit: 10 });
		const rejected = assert.rejects(running, HolderGone);
		socket.write(encode(9, u32(1), u8(1), Buffer.alloc(11)));
		await rejected;
	});

	it('cannot send pieces of a script’s output without end by sending nothing in them', async (t) => {
		const { greet } = await listening(t);
		const { socket, holder } = await greet();
		const rejected = assert.rejects(
			holder.run({ name: 'x', script: '#!', cwd: '/', env: {}, timeLimitMs: 1000, outputLimit: 10 }),
			HolderGone,
		);
		socket.write(encode(9, u32(1), u8(1)));
		await rejected;
	});

	it('that hangs up and comes again and again is not listened to each time', async (t) => {
		const { dial, holders } = await listening(t);
		for (let i = 0; i < 100; i++) {
			const socket = dial();
			socket.end(hello);
			await new Promise((resolve) => socket.once('close', resolve));
		}
		assert.ok(holders.length >= 1 && holders.length <= 50, `${holders.length} of 100`);
	});

	it('that does not read is cut off before it costs much memory', async (t) => {
		const { greet } = await listening(t);
		const { socket, holder } = await greet();
		socket.pause();
		const { promise: gone, resolve } = Promise.withResolvers<void>();
		holder.events = { exited() {}, vitals() {}, gone: resolve };
		const piece = new Uint8Array(1 << 20);
		assert.throws(() => {
			for (let i = 0; i < 100; i++) holder.input(5, piece);
		}, HolderGone);
		await gone;
	});
});

describe('a fault of the server itself', () => {
	it('is told, and does not end the connection', async (t) => {
		const { greet, faults } = await listening(t);
		const { socket, holder } = await greet();
		const { promise, resolve } = Promise.withResolvers<void>();
		const broken = {
			...deaf,
			output() {
				throw new Error('viewer broke');
			},
			live: resolve,
		};
		holder.attach({ term: 5, from: 'start', credit: 10, pacing: false }, broken);
		socket.write(Buffer.concat([encode(3, u32(1), u64(0n), Buffer.alloc(1)), encode(5, u32(1), u64(1n))]));
		await promise;
		assert.deepEqual(faults.map(String), ['Error: viewer broke']);
	});
});
