import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AgentMessage, decode, encode, MalformedFrame, maxFrame, part } from './codec.ts';
import { FrameSplitter } from './splitter.ts';

const { u8, u16, u32, u64, str } = part;
const frames: [Buffer, AgentMessage][] = [
	[
		encode(1, u16(2), u64(2n ** 63n), u16(1), u32(7), str('leçon/1'), u8(0), u8(1), u8(9), u16(80), u16(24), u64(5n), u64(2n ** 40n)),
		{
			type: 'hello',
			version: 2,
			boot: 2n ** 63n,
			terminals: [
				{ term: 7, key: 'leçon/1', alive: false, endKind: 'signal', endCode: 9, cols: 80, rows: 24, ringStart: 5n, ringEnd: 2n ** 40n },
			],
		},
	],
	[encode(2, u32(1), u32(4242)), { type: 'opened', term: 1, pid: 4242 }],
	[encode(3, u32(1), u64(9n), Buffer.from('é')), { type: 'output', stream: 1, offset: 9n, bytes: Buffer.from('é') }],
	[encode(4, u32(1), u64(9n), u16(1000), u16(1)), { type: 'resized', stream: 1, offset: 9n, cols: 1000, rows: 1 }],
	[encode(5, u32(1), u64(9n)), { type: 'live', stream: 1, offset: 9n }],
	[encode(6, u32(1), u64(9n), u64(10n)), { type: 'gap', stream: 1, from: 9n, to: 10n }],
	[encode(7, u32(1), u8(0), u8(3)), { type: 'exited', term: 1, kind: 'exit', code: 3 }],
	[encode(8, u32(1), u8(2), u8(0), u32(10_000)), { type: 'ran', run: 1, outcome: 'time-limit', code: 0, ms: 10_000 }],
	[encode(9, u32(1), u8(2), Buffer.from('x')), { type: 'run-output', run: 1, fd: 2, bytes: Buffer.from('x') }],
	[
		encode(10, u64(1n), u64(2n), u64(3n), u32(4), u32(5), u64(6n), u16(1), str('/tmp'), u64(7n), u64(8n), u64(9n), u64(10n)),
		{
			type: 'vitals',
			memoryUsed: 1,
			memoryLimit: 2,
			oomKills: 3,
			processes: 4,
			processLimit: 5,
			processLimitHits: 6,
			mounts: [{ path: '/tmp', bytes: 7, bytesFree: 8, inodes: 9, inodesFree: 10 }],
		},
	],
	[encode(11, u32(1), Buffer.from('\x1b[m')), { type: 'preamble', stream: 1, bytes: Buffer.from('\x1b[m') }],
	[encode(15, u32(1), u8(0x81), u16(2), str('no')), { type: 'error', id: 1, request: 0x81, errno: 2, text: 'no' }],
];

function split(bytes: Buffer, pieceLength: number): AgentMessage[] {
	const splitter = new FrameSplitter();
	const found: AgentMessage[] = [];
	for (let at = 0; at < bytes.length; at += pieceLength) {
		splitter.push(bytes.subarray(at, at + pieceLength), (type, body) => found.push(decode(type, body)));
	}
	return found;
}

describe('frames of the agent', () => {
	it('are read whatever the pieces in which they arrive', () => {
		const all = Buffer.concat(frames.map(([bytes]) => bytes));
		for (const pieceLength of [1, 2, 3, 5, 7, 64, 100, all.length])
			assert.deepEqual(
				split(all, pieceLength),
				frames.map(([, message]) => message),
			);
	});

	it('tell output as it comes, in pieces that follow each other, and everything else as a whole', () => {
		const text = 'a'.repeat(300);
		const all = Buffer.concat([
			encode(3, u32(7), u64(2n ** 40n), Buffer.from(text)),
			encode(5, u32(7), u64(2n ** 40n + 300n)),
			encode(3, u32(8), u64(0n), Buffer.from('b')),
			encode(11, u32(8), Buffer.from(text)),
		]);
		for (let pieceLength = 1; pieceLength <= all.length; pieceLength++) {
			const splitter = new FrameSplitter();
			const told: string[] = [];
			let next = 2n ** 40n;
			const output = (stream: number, offset: bigint, bytes: Buffer) => {
				if (stream === 7) assert.equal(offset, next);
				next += BigInt(bytes.length);
				const last = told.at(-1);
				if (last?.startsWith(`${stream}:`)) told[told.length - 1] = last + bytes;
				else told.push(`${stream}:${bytes}`);
			};
			for (let at = 0; at < all.length; at += pieceLength)
				splitter.push(all.subarray(at, at + pieceLength), (type, body) => told.push(decode(type, body).type), output);
			assert.deepEqual(told, [`7:${text}`, 'live', '8:b', 'preamble'], `in pieces of ${pieceLength}`);
		}
		const empty: number[] = [];
		new FrameSplitter().push(
			encode(3, u32(1), u64(0n)),
			(type) => empty.push(type),
			() => assert.fail('nothing came'),
		);
		assert.deepEqual(empty, [3]);
	});

	it('are refused when a byte is missing; or too many, where the end is not open', () => {
		for (const [bytes, { type }] of frames) {
			const [number, body] = [bytes.readUInt8(4), bytes.subarray(5)];
			const open = ['output', 'run-output', 'preamble'].includes(type);
			if (!open) assert.throws(() => decode(number, body.subarray(0, -1)), MalformedFrame, type);
			assert.throws(() => decode(number, body.subarray(0, 3)), MalformedFrame, type);
			if (!open) assert.throws(() => decode(number, Buffer.concat([body, u8(0)])), MalformedFrame, type);
		}
	});

	it('are refused with values that mean nothing', () => {
		const malformed: [number, ...Uint8Array[]][] = [
			[0],
			[0x0c, u32(1)],
			[0x81, u32(1)],
			[1, u16(3), u64(0n), u16(0)],
			[1, u16(2), u64(0n), u16(17)],
			[4, u32(1), u64(0n), u16(0), u16(24)],
			[4, u32(1), u64(0n), u16(80), u16(1001)],
			[7, u32(1), u8(2), u8(0)],
			[8, u32(1), u8(6), u8(0), u32(0)],
			[9, u32(1), u8(0), Buffer.from('x')],
			[15, u32(1), u8(1), u16(1), u16(2), Buffer.from([0xc3, 0x28])],
			[15, u32(1), u8(1), u16(1), u16(0xffff)],
		];
		for (const [type, ...parts] of malformed) assert.throws(() => decode(type, Buffer.concat(parts)), MalformedFrame, `type ${type}`);
	});

	it('have a bounded length, known before the rest arrives', () => {
		for (const length of [0, maxFrame + 1, 0xffffffff])
			assert.throws(() => new FrameSplitter().push(Buffer.from(u32(length)), () => {}), MalformedFrame);
		assert.throws(() => encode(0x86, new Uint8Array(maxFrame)), RangeError);
		assert.equal(encode(0x86, new Uint8Array(maxFrame - 1)).length, maxFrame + 4);
	});

	it('carry no text with a NUL', () => assert.throws(() => str('a\0b'), RangeError));
});
