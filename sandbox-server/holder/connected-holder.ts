/**
 * One connected holder. Its peer may be the learner pretending to be the holder: each frame is held against what may come now, and what
 * does not fit ends the connection; memory is bounded by what the server itself asked for.
 *
 * Longer than most files: it is one state machine, and its four parts (terminals, streams, scripts, vital signs) share one connection.
 */
import type { Socket } from 'node:net';
import { decode, encode, type HolderMessage, MalformedFrame, maxTerminals, part, request } from './codec.ts';
import {
	type Holder,
	type HolderEvents,
	HolderGone,
	HolderRefused,
	type ScriptRequest,
	type ScriptResult,
	type ShellEnd,
	type ShellRequest,
	type Stream,
	type StreamSink,
	type TerminalInfo,
} from './holder.ts';
import { pace } from './pace.ts';
import { readBy } from './reading.ts';
import { FrameSplitter } from './splitter.ts';

/** The holder caps there too (protocol). */
const maxCredit = 16 << 20;
const ringBytes = 4n << 20n;
const maxRuns = 8;
const maxStdin = 16 << 20;
/** Bytes that may wait for a holder that does not read; more, and it is not one. */
const maxBacklog = 32 << 20;
/** A script's input goes out in pieces, and waits while so much is under way. */
const stdinPiece = 256 << 10;
/** An answer that takes this much longer than it may is not coming. */
const patienceMs = 30_000;
const errno = { EEXIST: 17, E2BIG: 7, EFBIG: 27 };

interface Opening {
	info: TerminalInfo;
	resolve(): void;
	reject(error: Error): void;
	timer: NodeJS.Timeout;
}

interface StreamState {
	term: number;
	sink: StreamSink;
	credit: number;
	/** Where the next frame must go on; undefined before the first. */
	next: bigint | undefined;
}

interface RunState {
	outputLeft: number;
	onOutput: ScriptRequest['onOutput'];
	/** Ends the script, and its caller's wait with this error. */
	abandon(error: unknown): void;
	stdout: Uint8Array[];
	stderr: Uint8Array[];
	settle(result: ScriptResult | Error): void;
}

const deaf: HolderEvents = {
	// Until the owner has set its own: HELLO comes first, and the owner is told of it at once.
	exited() {},
	vitals() {},
	gone() {},
};

export class ConnectedHolder implements Holder {
	readonly terminals = new Map<number, TerminalInfo>();
	events: HolderEvents = deaf;
	readonly #socket: Socket;
	readonly #onFault: (error: unknown) => void;
	readonly #splitter = new FrameSplitter();
	readonly #opening = new Map<number, Opening>();
	/** Shells told to end: not listed any more, their EXITED is still to come. */
	readonly #closing = new Set<number>();
	readonly #streams = new Map<number, StreamState>();
	readonly #runs = new Map<number, RunState>();
	readonly #waiting: (() => void)[] = [];
	#boot: bigint | undefined;
	#lastTerm = 0;
	#lastStream = 0;
	#lastRun = 0;
	/** Takers of output that are not ready for more. */
	#holdBack = 0;
	#gone = false;

	/**
	 * @param accepted by a server that pauses what it accepts
	 * @param onReady called once, when the holder has said HELLO
	 * @param onFault called with what a sink or an event handler threw: a fault of the server, which must not end the connection
	 */
	constructor(accepted: Socket, onReady: (holder: Holder) => void, onFault: (error: unknown) => void) {
		this.#onFault = onFault;
		const socket = readBy(
			accepted,
			(bytes) => this.#receive(bytes, onReady),
			() => this.#holdBack === 0,
		);
		this.#socket = socket;
		socket.on('error', () => socket.destroy()); // 'close' follows, and is what everyone is told
		socket.on('close', () => this.#end());
	}

	get boot(): bigint {
		return this.#boot ?? 0n;
	}

	#receive(chunk: Buffer, onReady: (holder: Holder) => void): void {
		try {
			this.#splitter.push(
				chunk,
				(type, body) => {
					if (this.#gone || this.#socket.destroyed) return;
					const message = decode(type, body);
					if ((this.#boot === undefined) !== (message.type === 'hello')) throw new MalformedFrame('HELLO comes first, and once');
					if (message.type === 'hello') this.#hello(message, onReady);
					else this.#take(message);
				},
				(stream, offset, bytes) => {
					if (this.#gone || this.#socket.destroyed) return;
					if (this.#boot === undefined) throw new MalformedFrame('HELLO comes first, and once');
					this.#output(stream, offset, bytes);
				},
			);
		} catch (error) {
			// A malformed frame says nothing that is worth a log: any learner can send one. Anything else is a fault of ours.
			if (!(error instanceof MalformedFrame)) this.#onFault(error);
			this.#socket.destroy();
		}
	}

	/** Runs foreign code: what it throws stays its own. */
	#tell(call: () => void): void {
		try {
			call();
		} catch (error) {
			this.#onFault(error);
		}
	}

	#hello(message: HolderMessage & { type: 'hello' }, onReady: (holder: Holder) => void): void {
		this.#boot = message.boot;
		for (const { endKind, endCode, ...info } of message.terminals) {
			if (this.terminals.has(info.term)) throw new MalformedFrame('terminal twice');
			this.terminals.set(info.term, { ...info, end: info.alive ? undefined : { kind: endKind, code: endCode } });
			this.#lastTerm = Math.max(this.#lastTerm, info.term);
		}
		this.#tell(() => onReady(this));
	}

	#take(message: Exclude<HolderMessage, { type: 'hello' }>): void {
		switch (message.type) {
			case 'opened':
				return this.#opened(message.term);
			case 'exited':
				return this.#exited(message.term, { kind: message.kind, code: message.code });
			case 'output':
				return this.#output(message.stream, message.offset, message.bytes);
			case 'resized':
			case 'live':
			case 'gap':
			case 'preamble':
				return this.#streamed(message);
			case 'run-output':
				return this.#runOutput(message.run, message.fd, message.bytes);
			case 'ran': {
				const run = this.#run(message.run);
				return run?.settle(result(run, message.outcome, message.code, message.ms));
			}
			case 'vitals': {
				const { type: _, ...vitals } = message;
				return this.#tell(() => this.events.vitals(vitals));
			}
			case 'error':
				return this.#refused(message.id, message.request, message.errno, message.text);
		}
	}

	#opened(term: number): void {
		const opening = this.#opening.get(term);
		if (!opening) throw new MalformedFrame('opened what nobody asked for');
		this.#opening.delete(term);
		this.terminals.set(term, opening.info);
		opening.resolve();
	}

	#exited(term: number, end: ShellEnd): void {
		const info = this.terminals.get(term);
		if (!this.#closing.delete(term)) {
			if (!info?.alive) throw new MalformedFrame('ended twice, or never lived');
			info.alive = false;
			info.end = end;
		}
		this.#tell(() => this.events.exited(term, end));
	}

	/** Frames on the way to a stream that is gone are dropped; a number that was never given out is malformed. */
	#stream(id: number): StreamState | undefined {
		if (id > this.#lastStream || id < 1) throw new MalformedFrame('unknown stream');
		return this.#streams.get(id);
	}

	#follows(stream: StreamState, offset: bigint): void {
		if (stream.next !== undefined && offset !== stream.next) throw new MalformedFrame('offset out of order');
	}

	/** @param bytes a whole frame's, or the next of them */
	#output(id: number, offset: bigint, bytes: Uint8Array): void {
		const stream = this.#stream(id);
		if (!stream) return;
		this.#follows(stream, offset);
		// It would cost no credit, and so could come for ever.
		if (bytes.length === 0) throw new MalformedFrame('output of nothing');
		stream.next = offset + BigInt(bytes.length);
		stream.credit -= bytes.length;
		if (stream.credit < 0) throw new MalformedFrame('more than the credit');
		const info = this.terminals.get(stream.term);
		if (info) moveRing(info, stream.next);
		this.#tell(() => stream.sink.output(bytes, offset));
	}

	#streamed(message: HolderMessage & { type: 'resized' | 'live' | 'gap' | 'preamble' }): void {
		const stream = this.#stream(message.stream);
		if (!stream) return;
		const { sink } = stream;
		if (message.type === 'preamble') return this.#tell(() => sink.preamble(message.bytes));
		const offset = message.type === 'gap' ? message.from : message.offset;
		this.#follows(stream, offset);
		stream.next = offset;
		if (message.type === 'resized') {
			this.#tell(() => sink.resized(message.cols, message.rows));
		} else if (message.type === 'live') {
			this.#tell(() => sink.live());
		} else {
			if (message.to <= message.from) throw new MalformedFrame('gap of nothing');
			stream.next = message.to;
			this.#tell(() => sink.gap());
		}
	}

	/** As for streams: one that has ended is undefined, one that never was is malformed. */
	#run(id: number): RunState | undefined {
		if (id < 1 || id > this.#lastRun) throw new MalformedFrame('unknown script');
		return this.#runs.get(id);
	}

	#runOutput(id: number, fd: 1 | 2, bytes: Uint8Array): void {
		const run = this.#run(id);
		if (!run) return;
		if (bytes.length === 0) throw new MalformedFrame('output of nothing');
		run.outputLeft -= bytes.length;
		if (run.outputLeft < 0) throw new MalformedFrame('more than the output limit');
		if (fd === 1 && run.onOutput) return this.#handOver(run, run.onOutput, bytes);
		// A copy: a view of one byte would keep the whole buffer in which it arrived.
		(fd === 1 ? run.stdout : run.stderr).push(Uint8Array.from(bytes));
	}

	/** To a taker that may be slow: nothing more is read from the sandbox until it is ready again. */
	#handOver(run: RunState, take: NonNullable<ScriptRequest['onOutput']>, bytes: Uint8Array): void {
		try {
			const busy = take(bytes);
			if (!busy) return;
			this.#holdBack++;
			this.#socket.pause();
			const done = () => {
				if (--this.#holdBack === 0) this.#socket.resume();
			};
			busy.catch((error: unknown) => run.abandon(error)).finally(done);
		} catch (error) {
			run.abandon(error);
		}
	}

	#refused(id: number, type: number, number: number, text: string): void {
		const opening = this.#opening.get(id);
		if ((type === request.open || type === request.openAhead) && opening) {
			this.#opening.delete(id);
			opening.reject(new HolderRefused(number, text));
		} else if (type === request.give) {
			this.#notGiven(id);
		} else if (type === request.attach) {
			this.#streams.delete(id); // its terminal has just been closed: whoever closed it tells the viewers
		} else if (type === request.run || type === request.runStdin || type === request.runGo) {
			const run = this.#run(id);
			run?.settle(result(run, 'not-started', number, 0));
		}
		// Input, resize or close of a terminal that ended on the way: nothing is left to do.
	}

	/** It waits for ever: better a shell that has ended, in whose place another one can be had. */
	#notGiven(term: number): void {
		const info = this.terminals.get(term);
		if (!info?.alive) return; // it has ended meanwhile, which has been told
		info.alive = false;
		info.end = { kind: 'exit', code: 127 };
		this.#closing.add(term);
		this.#send(request.close, part.u32(term));
		this.#tell(() => this.events.exited(term, { kind: 'exit', code: 127 }));
	}

	#end(): void {
		if (this.#gone) return;
		this.#gone = true;
		const error = new HolderGone('the sandbox’s holder is gone');
		for (const opening of this.#opening.values()) opening.reject(error);
		for (const run of this.#runs.values()) run.settle(error);
		for (const wake of this.#waiting.splice(0)) wake();
		this.#opening.clear();
		this.#streams.clear();
		if (this.#boot !== undefined) this.#tell(() => this.events.gone());
	}

	#assertHere(): void {
		if (this.#gone || this.#socket.destroyed) throw new HolderGone('the sandbox’s holder is gone');
	}

	#send(type: number, ...parts: Uint8Array[]): void {
		if (this.#gone || this.#socket.destroyed) return;
		this.#socket.write(encode(type, ...parts));
		if (this.#socket.writableLength > maxBacklog) this.#socket.destroy();
	}

	/** Ends the connection when an answer does not come. */
	#patience(ms: number): NodeJS.Timeout {
		return setTimeout(() => this.#socket.destroy(), Math.min(ms + patienceMs, 2 ** 31 - 1)).unref();
	}

	async open(asked: Parameters<Holder['open']>[0]): Promise<number> {
		for (let tries = 0; ; tries++) {
			try {
				return await this.#open(asked);
			} catch (error) {
				// A shell that an earlier server told to end still has its number: the next one is free.
				if (!(error instanceof HolderRefused && error.errno === errno.EEXIST && tries < maxTerminals)) throw error;
			}
		}
	}

	#open({ key, cols, rows, cwd, argv, env, waits }: Parameters<Holder['open']>[0]): Promise<number> {
		this.#assertHere();
		const term = ++this.#lastTerm;
		const info = { term, key, alive: true, end: undefined, cols, rows, ringStart: 0n, ringEnd: 0n };
		return new Promise((resolve, reject) => {
			try {
				this.#send(
					waits ? request.openAhead : request.open,
					part.u32(term),
					part.u16(cols),
					part.u16(rows),
					part.str(key),
					part.str(cwd),
					part.list(argv),
					part.list(variables(env)),
				);
			} catch (cause) {
				return reject(cause instanceof RangeError ? new HolderRefused(errno.E2BIG, cause.message) : cause);
			}
			const timer = this.#patience(0);
			const settled = (settle: () => void) => {
				clearTimeout(timer);
				settle();
			};
			this.#opening.set(term, {
				info,
				timer,
				resolve: () => settled(() => resolve(term)),
				reject: (error) => settled(() => reject(error)),
			});
		});
	}

	give(term: number, { key, cols, rows, cwd, env }: ShellRequest): void {
		this.#assertHere();
		const info = this.terminals.get(term);
		if (!info) return;
		Object.assign(info, { key, cols, rows });
		const names = [part.str(key), part.str(cwd), part.list(variables(env))];
		this.#send(request.give, part.u32(term), part.u16(cols), part.u16(rows), ...names);
	}

	attach({ term, from, credit, pacing }: Parameters<Holder['attach']>[0], sink: StreamSink): Stream {
		this.#assertHere();
		const id = ++this.#lastStream;
		const state: StreamState = { term, sink, credit: Math.min(credit, maxCredit), next: undefined };
		this.#streams.set(id, state);
		const offset = from === 'start' ? 0n : from === 'live' ? 2n ** 64n - 1n : from;
		this.#send(request.attach, part.u32(id), part.u32(term), part.u64(offset), part.u32(state.credit), part.u8(Number(pacing)));
		const whileThere = (call: () => void) => {
			if (this.#streams.has(id)) call();
		};
		return {
			credit: (bytes) =>
				pace.spend(bytes, () =>
					whileThere(() => {
						const added = Math.min(bytes, maxCredit);
						state.credit = Math.min(state.credit + added, maxCredit);
						this.#send(request.credit, part.u32(id), part.u32(added));
					}),
				),
			pace: (on) => whileThere(() => this.#send(request.pace, part.u32(id), part.u8(Number(on)))),
			detach: () =>
				whileThere(() => {
					this.#streams.delete(id);
					this.#send(request.detach, part.u32(id));
				}),
		};
	}

	input(term: number, bytes: Uint8Array): void {
		this.#assertHere();
		for (let at = 0; at < bytes.length; at += stdinPiece) this.#send(request.input, part.u32(term), bytes.subarray(at, at + stdinPiece));
	}

	resize(term: number, cols: number, rows: number): void {
		this.#assertHere();
		const info = this.terminals.get(term);
		if (!info) return;
		[info.cols, info.rows] = [cols, rows];
		this.#send(request.resize, part.u32(term), part.u16(cols), part.u16(rows));
	}

	close(term: number): void {
		this.#assertHere();
		const info = this.terminals.get(term);
		if (!info) return;
		this.terminals.delete(term);
		if (info.alive) this.#closing.add(term);
		for (const [id, stream] of this.#streams) if (stream.term === term) this.#streams.delete(id);
		this.#send(request.close, part.u32(term));
	}

	async run(asked: ScriptRequest): Promise<ScriptResult> {
		this.#assertHere();
		while (this.#runs.size >= maxRuns) {
			await new Promise<void>((resolve) => this.#waiting.push(resolve));
			this.#assertHere();
		}
		if (asked.signal?.aborted) return { outcome: 'cancelled', code: 0, ms: 0, stdout: '', stderr: '' };
		if ((asked.stdin?.length ?? 0) > maxStdin) return { outcome: 'not-started', code: errno.EFBIG, ms: 0, stdout: '', stderr: '' };
		const id = ++this.#lastRun;
		const cancel = () => this.#send(request.cancel, part.u32(id));
		const timer = this.#patience(asked.timeLimitMs);
		asked.signal?.addEventListener('abort', cancel);
		try {
			return await new Promise<ScriptResult>((resolve, reject) => {
				const settle = (end: ScriptResult | Error) => (end instanceof Error ? reject(end) : resolve(end));
				const abandon = (error: unknown) => {
					cancel();
					reject(error);
				};
				const { onOutput } = asked;
				const run: RunState = { outputLeft: asked.outputLimit, onOutput, abandon, stdout: [], stderr: [], settle };
				this.#runs.set(id, run);
				this.#start(id, asked).catch((error: unknown) => {
					if (error instanceof RangeError) settle(result(run, 'not-started', errno.E2BIG, 0));
					else reject(error);
				});
			});
		} finally {
			clearTimeout(timer);
			asked.signal?.removeEventListener('abort', cancel);
			this.#runs.delete(id);
			this.#waiting.shift()?.();
		}
	}

	async #start(id: number, asked: ScriptRequest): Promise<void> {
		const { timeLimitMs, outputLimit, cwd, name, env, script, stdin = new Uint8Array() } = asked;
		const head = [part.u32(id), part.u32(timeLimitMs), part.u32(outputLimit), part.str(cwd), part.str(name), part.list(variables(env))];
		this.#send(request.run, ...head, part.blob(Buffer.from(script)));
		for (let at = 0; at < stdin.length && this.#runs.has(id); at += stdinPiece) {
			this.#send(request.runStdin, part.u32(id), stdin.subarray(at, at + stdinPiece));
			if (this.#socket.writableNeedDrain) await this.#drained();
		}
		if (this.#runs.has(id)) this.#send(request.runGo, part.u32(id));
	}

	/** Resolves also when the connection ends: what waits then has been told so. */
	#drained(): Promise<void> {
		return new Promise((resolve) => {
			const done = () => {
				this.#socket.off('drain', done);
				this.#socket.off('close', done);
				resolve();
			};
			this.#socket.on('drain', done);
			this.#socket.on('close', done);
			if (this.#socket.destroyed) done();
		});
	}

	/** Ends the connection. */
	destroy(): void {
		this.#socket.destroy();
	}

	vitalsEvery(ms: number): void {
		this.#assertHere();
		this.#send(request.vitalsEvery, part.u32(ms));
	}

	shutdown(): void {
		this.#assertHere();
		this.#send(request.shutdown);
	}
}

function variables(env: Record<string, string>): string[] {
	return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}

/** The terminal has output up to `end`: as far as this stream knows, which is what a reader may rely on. */
function moveRing(info: TerminalInfo, end: bigint): void {
	if (end <= info.ringEnd) return;
	info.ringEnd = end;
	const start = end - ringBytes;
	if (start > info.ringStart) info.ringStart = start;
}

function result(run: RunState, outcome: ScriptResult['outcome'], code: number, ms: number): ScriptResult {
	const text = (pieces: Uint8Array[]) => Buffer.concat(pieces).toString();
	return { outcome, code, ms, stdout: text(run.stdout), stderr: text(run.stderr) };
}
