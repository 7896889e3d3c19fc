/** What is read of an agent's terminals. A frame that does not follow the one before, or that nobody gave credit for, is malformed. */
import type { Agent, AgentRefused, Stream, StreamSink } from '../agent.ts';
import { type AgentMessage, MalformedFrame, part, request } from '../codec.ts';
import { pace } from '../pace.ts';
import type { Wire } from './wire.ts';

/** The agent caps there too (protocol). */
const maxCredit = 16 << 20;

interface StreamState {
	term: number;
	sink: StreamSink;
	credit: number;
	/** Where the next frame must go on; undefined before the first. */
	next: bigint | undefined;
}

export class Streams {
	readonly #wire: Wire;
	readonly #printed: (term: number, end: bigint) => void;
	readonly #all = new Map<number, StreamState>();
	#last = 0;

	/** @param printed told how far a terminal's output has come */
	constructor(wire: Wire, printed: (term: number, end: bigint) => void) {
		this.#wire = wire;
		this.#printed = printed;
	}

	/** As Agent.attach. */
	attach({ term, from, credit, pacing }: Parameters<Agent['attach']>[0], sink: StreamSink): Stream {
		this.#wire.assertHere();
		const id = ++this.#last;
		const state: StreamState = { term, sink, credit: Math.min(credit, maxCredit), next: undefined };
		this.#all.set(id, state);
		const offset = from === 'start' ? 0n : from === 'live' ? 2n ** 64n - 1n : from;
		this.#wire.send(request.attach, part.u32(id), part.u32(term), part.u64(offset), part.u32(state.credit), part.u8(Number(pacing)));
		const whileThere = (call: () => void) => {
			if (this.#all.has(id)) call();
		};
		return {
			credit: (bytes) =>
				pace.spend(bytes, () =>
					whileThere(() => {
						const added = Math.min(bytes, maxCredit);
						state.credit = Math.min(state.credit + added, maxCredit);
						this.#wire.send(request.credit, part.u32(id), part.u32(added));
					}),
				),
			pace: (on) => whileThere(() => this.#wire.send(request.pace, part.u32(id), part.u8(Number(on)))),
			detach: () =>
				whileThere(() => {
					this.#all.delete(id);
					this.#wire.send(request.detach, part.u32(id));
				}),
		};
	}

	/** The agent has none to give. When its terminal has just been closed it is gone already, and whoever closed it tells the viewers. */
	notAttached(id: number, error: AgentRefused): void {
		const stream = this.#stream(id);
		this.#all.delete(id);
		if (stream) this.#wire.tell(() => stream.sink.refused(error));
	}

	/** Frames on the way to a stream that is gone are dropped; a number that was never given out is malformed. */
	#stream(id: number): StreamState | undefined {
		if (id > this.#last || id < 1) throw new MalformedFrame('unknown stream');
		return this.#all.get(id);
	}

	#follows(stream: StreamState, offset: bigint): void {
		if (stream.next !== undefined && offset !== stream.next) throw new MalformedFrame('offset out of order');
	}

	/** @param bytes a whole frame's, or the next of them @throws MalformedFrame */
	output(id: number, offset: bigint, bytes: Uint8Array): void {
		const stream = this.#stream(id);
		if (!stream) return;
		this.#follows(stream, offset);
		// It would cost no credit, and so could come for ever.
		if (bytes.length === 0) throw new MalformedFrame('output of nothing');
		stream.next = offset + BigInt(bytes.length);
		stream.credit -= bytes.length;
		if (stream.credit < 0) throw new MalformedFrame('more than the credit');
		this.#printed(stream.term, stream.next);
		this.#wire.tell(() => stream.sink.output(bytes, offset));
	}

	/** @throws MalformedFrame */
	take(message: AgentMessage & { type: 'resized' | 'live' | 'gap' | 'preamble' }): void {
		const stream = this.#stream(message.stream);
		if (!stream) return;
		const { sink } = stream;
		if (message.type === 'preamble') return this.#wire.tell(() => sink.preamble(message.bytes));
		const offset = message.type === 'gap' ? message.from : message.offset;
		this.#follows(stream, offset);
		stream.next = offset;
		if (message.type === 'resized') {
			this.#wire.tell(() => sink.resized(message.cols, message.rows));
		} else if (message.type === 'live') {
			this.#wire.tell(() => sink.live());
		} else {
			if (message.to <= message.from) throw new MalformedFrame('gap of nothing');
			stream.next = message.to;
			this.#wire.tell(() => sink.gap());
		}
	}

	/** Its terminal is closed: whoever closed it tells the viewers. */
	forget(term: number): void {
		for (const [id, stream] of this.#all) if (stream.term === term) this.#all.delete(id);
	}

	/** The connection has ended. */
	end(): void {
		this.#all.clear();
	}
}
