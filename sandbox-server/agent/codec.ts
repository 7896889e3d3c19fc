/**
 * Frames between agent and server (docs/protocol.md §1): splitting, reading, writing. The peer may be the learner pretending to be the
 * agent: nothing is believed, and what does not fit throws MalformedFrame.
 */
export const maxFrame = 1 << 20;
export const maxTerminals = 16;

export class MalformedFrame extends Error {
	override readonly name = 'MalformedFrame';
}

/** Types of the frames that the server sends. */
export const request = {
	open: 0x81,
	attach: 0x82,
	detach: 0x83,
	credit: 0x84,
	pace: 0x85,
	input: 0x86,
	resize: 0x87,
	close: 0x88,
	run: 0x89,
	runStdin: 0x8a,
	runGo: 0x8b,
	cancel: 0x8c,
	vitalsEvery: 0x8d,
	shutdown: 0x8e,
	openAhead: 0x8f,
	give: 0x90,
} as const;

export interface HelloTerminal {
	term: number;
	key: string;
	alive: boolean;
	endKind: 'exit' | 'signal';
	endCode: number;
	cols: number;
	rows: number;
	ringStart: bigint;
	ringEnd: bigint;
}

export interface VitalsMount {
	path: string;
	bytes: number;
	bytesFree: number;
	inodes: number;
	inodesFree: number;
}

const outcomes = ['exited', 'signal', 'time-limit', 'not-started', 'output-limit', 'cancelled'] as const;

export type AgentMessage =
	/** `version`: 1 in sandboxes that an earlier server has made, whose RUN has no `stays`. */
	| { type: 'hello'; version: 1 | 2; boot: bigint; terminals: HelloTerminal[] }
	| { type: 'opened'; term: number; pid: number }
	| { type: 'output'; stream: number; offset: bigint; bytes: Uint8Array }
	| { type: 'resized'; stream: number; offset: bigint; cols: number; rows: number }
	| { type: 'live'; stream: number; offset: bigint }
	| { type: 'gap'; stream: number; from: bigint; to: bigint }
	| { type: 'exited'; term: number; kind: 'exit' | 'signal'; code: number }
	| { type: 'ran'; run: number; outcome: (typeof outcomes)[number]; code: number; ms: number }
	| { type: 'run-output'; run: number; fd: 1 | 2; bytes: Uint8Array }
	| {
			type: 'vitals';
			memoryUsed: number;
			memoryLimit: number;
			oomKills: number;
			processes: number;
			processLimit: number;
			processLimitHits: number;
			mounts: VitalsMount[];
	  }
	| { type: 'preamble'; stream: number; bytes: Uint8Array }
	| { type: 'error'; id: number; request: number; errno: number; text: string };

const utf8 = new TextDecoder('utf-8', { fatal: true });

class BodyReader {
	readonly #body: Buffer;
	#at = 0;
	constructor(body: Buffer) {
		this.#body = body;
	}
	#take(length: number): number {
		const at = this.#at;
		if (length > this.#body.length - at) throw new MalformedFrame('too short');
		this.#at += length;
		return at;
	}
	u8(max = 0xff): number {
		const value = this.#body.readUInt8(this.#take(1));
		if (value > max) throw new MalformedFrame(`${value} where at most ${max} is known`);
		return value;
	}
	u16(): number {
		return this.#body.readUInt16LE(this.#take(2));
	}
	/** Columns or rows. */
	side(): number {
		const value = this.u16();
		if (value < 1 || value > 1000) throw new MalformedFrame(`size ${value}`);
		return value;
	}
	u32(): number {
		return this.#body.readUInt32LE(this.#take(4));
	}
	u64(): bigint {
		return this.#body.readBigUInt64LE(this.#take(8));
	}
	/** For amounts, where a rounded number beyond 2^53 does no harm. */
	amount(): number {
		return Number(this.u64());
	}
	str(max: number): string {
		const length = this.u16();
		if (length > max) throw new MalformedFrame(`text of ${length} bytes`);
		const at = this.#take(length);
		try {
			return utf8.decode(this.#body.subarray(at, at + length));
		} catch (cause) {
			throw new MalformedFrame('not UTF-8', { cause });
		}
	}
	list<T>(max: number, item: () => T): T[] {
		const count = this.u16();
		if (count > max) throw new MalformedFrame(`list of ${count}`);
		return Array.from({ length: count }, item);
	}
	rest(): Uint8Array {
		return this.#body.subarray(this.#take(this.#body.length - this.#at));
	}
	end(): void {
		if (this.#at !== this.#body.length) throw new MalformedFrame('too long');
	}
}

function readHello(r: BodyReader): AgentMessage {
	const version = r.u16();
	if (version !== 1 && version !== 2) throw new MalformedFrame(`version ${version}`);
	const boot = r.u64();
	const terminals = r.list(maxTerminals, () => ({
		term: r.u32(),
		key: r.str(256),
		alive: r.u8(1) === 1,
		endKind: r.u8(1) === 0 ? ('exit' as const) : ('signal' as const),
		endCode: r.u8(),
		cols: r.side(),
		rows: r.side(),
		ringStart: r.u64(),
		ringEnd: r.u64(),
	}));
	return { type: 'hello', version, boot, terminals };
}

function readVitals(r: BodyReader): AgentMessage {
	const [memoryUsed, memoryLimit, oomKills] = [r.amount(), r.amount(), r.amount()];
	const [processes, processLimit, processLimitHits] = [r.u32(), r.u32(), r.amount()];
	const mounts = r.list(16, () => ({
		path: r.str(4096),
		bytes: r.amount(),
		bytesFree: r.amount(),
		inodes: r.amount(),
		inodesFree: r.amount(),
	}));
	return { type: 'vitals', memoryUsed, memoryLimit, oomKills, processes, processLimit, processLimitHits, mounts };
}

const readers: Record<number, (r: BodyReader) => AgentMessage> = {
	1: readHello,
	2: (r) => ({ type: 'opened', term: r.u32(), pid: r.u32() }),
	3: (r) => ({ type: 'output', stream: r.u32(), offset: r.u64(), bytes: r.rest() }),
	4: (r) => ({ type: 'resized', stream: r.u32(), offset: r.u64(), cols: r.side(), rows: r.side() }),
	5: (r) => ({ type: 'live', stream: r.u32(), offset: r.u64() }),
	6: (r) => ({ type: 'gap', stream: r.u32(), from: r.u64(), to: r.u64() }),
	7: (r) => ({ type: 'exited', term: r.u32(), kind: r.u8(1) === 0 ? 'exit' : 'signal', code: r.u8() }),
	8: (r) => ({ type: 'ran', run: r.u32(), outcome: outcomes[r.u8(5)] ?? 'not-started', code: r.u8(), ms: r.u32() }),
	9: (r) => ({ type: 'run-output', run: r.u32(), fd: readFd(r), bytes: r.rest() }),
	10: readVitals,
	11: (r) => ({ type: 'preamble', stream: r.u32(), bytes: r.rest() }),
	15: (r) => ({ type: 'error', id: r.u32(), request: r.u8(), errno: r.u16(), text: r.str(1024) }),
};

function readFd(r: BodyReader): 1 | 2 {
	const fd = r.u8(2);
	if (fd !== 1 && fd !== 2) throw new MalformedFrame(`output ${fd}`);
	return fd;
}

/** One frame of the agent. @throws MalformedFrame */
export function decode(type: number, body: Buffer): AgentMessage {
	const read = readers[type];
	if (!read) throw new MalformedFrame(`type ${type}`);
	const reader = new BodyReader(body);
	const message = read(reader);
	reader.end();
	return message;
}

/** Parts of a frame's body, as `encode` puts them together. */
export const part = {
	u8: (value: number): Uint8Array => Buffer.from([value]),
	u16(value: number): Uint8Array {
		const bytes = Buffer.alloc(2);
		bytes.writeUInt16LE(value);
		return bytes;
	},
	u32(value: number): Uint8Array {
		const bytes = Buffer.alloc(4);
		bytes.writeUInt32LE(value);
		return bytes;
	},
	u64(value: bigint): Uint8Array {
		const bytes = Buffer.alloc(8);
		bytes.writeBigUInt64LE(value);
		return bytes;
	},
	/** @throws RangeError when it is longer than 65 535 bytes or holds a NUL, which the agent would take for malformed */
	str(text: string): Uint8Array {
		const bytes = Buffer.from(text);
		if (bytes.includes(0)) throw new RangeError('text with a NUL');
		return Buffer.concat([part.u16(bytes.length), bytes]);
	},
	list: (texts: string[]): Uint8Array => Buffer.concat([part.u16(texts.length), ...texts.map(part.str)]),
	blob: (bytes: Uint8Array): Uint8Array => Buffer.concat([part.u32(bytes.length), bytes]),
};

/** One frame to the agent. @throws RangeError when it is longer than a frame may be */
export function encode(type: number, ...parts: Uint8Array[]): Buffer {
	const length = 1 + parts.reduce((sum, bytes) => sum + bytes.length, 0);
	if (length > maxFrame) throw new RangeError(`frame of ${length} bytes`);
	return Buffer.concat([part.u32(length), part.u8(type), ...parts]);
}
