/**
 * One connected agent. Its peer may be the learner pretending to be the agent: each frame is held against what may come now, and what
 * does not fit ends the connection; memory is bounded by what the server itself asked for.
 */
import type { Socket } from 'node:net';
import {
	type Agent,
	type AgentEvents,
	AgentGone,
	AgentRefused,
	type ScriptRequest,
	type ScriptResult,
	type ShellRequest,
	type Stream,
	type StreamSink,
	type TerminalInfo,
} from '../agent.ts';
import { type AgentMessage, decode, MalformedFrame, part, request } from '../codec.ts';
import { readBy } from '../reading.ts';
import { FrameSplitter } from '../splitter.ts';
import { Runs } from './runs.ts';
import { Streams } from './streams.ts';
import { Terminals } from './terminals.ts';
import { Wire } from './wire.ts';

const deaf: AgentEvents = {
	// Until the owner has set its own: HELLO comes first, and the owner is told of it at once.
	exited() {},
	vitals() {},
	gone() {},
};

export class ConnectedAgent implements Agent {
	events: AgentEvents = deaf;
	readonly #socket: Socket;
	readonly #wire: Wire;
	readonly #onFault: (error: unknown) => void;
	readonly #splitter = new FrameSplitter();
	readonly #terminals: Terminals;
	readonly #streams: Streams;
	readonly #runs: Runs;
	#boot: bigint | undefined;

	/**
	 * @param accepted by a server that pauses what it accepts
	 * @param onReady called once, when the agent has said HELLO
	 * @param onFault called with what a sink or an event handler threw: a fault of the server, which must not end the connection
	 */
	constructor(accepted: Socket, onReady: (agent: Agent) => void, onFault: (error: unknown) => void) {
		this.#onFault = onFault;
		const socket = readBy(
			accepted,
			(bytes) => this.#receive(bytes, onReady),
			() => this.#wire.reads,
		);
		this.#socket = socket;
		this.#wire = new Wire(socket, onFault);
		this.#terminals = new Terminals(this.#wire, () => this.events);
		this.#streams = new Streams(this.#wire, (term, end) => this.#terminals.printed(term, end));
		this.#runs = new Runs(this.#wire);
		socket.on('error', () => socket.destroy()); // 'close' follows, and is what everyone is told
		socket.on('close', () => this.#end());
	}

	get boot(): bigint {
		return this.#boot ?? 0n;
	}

	get terminals(): ReadonlyMap<number, TerminalInfo> {
		return this.#terminals.all;
	}

	#receive(chunk: Buffer, onReady: (agent: Agent) => void): void {
		try {
			this.#splitter.push(
				chunk,
				(type, body) => {
					if (this.#wire.gone) return;
					const message = decode(type, body);
					if ((this.#boot === undefined) !== (message.type === 'hello')) throw new MalformedFrame('HELLO comes first, and once');
					if (message.type === 'hello') this.#hello(message, onReady);
					else this.#take(message);
				},
				(stream, offset, bytes) => {
					if (this.#wire.gone) return;
					if (this.#boot === undefined) throw new MalformedFrame('HELLO comes first, and once');
					this.#streams.output(stream, offset, bytes);
				},
			);
		} catch (error) {
			// A malformed frame says nothing that is worth a log: any learner can send one. Anything else is a fault of ours.
			if (!(error instanceof MalformedFrame)) this.#onFault(error);
			this.#socket.destroy();
		}
	}

	#hello(message: AgentMessage & { type: 'hello' }, onReady: (agent: Agent) => void): void {
		this.#boot = message.boot;
		this.#wire.version = message.version;
		this.#terminals.greet(message);
		this.#wire.tell(() => onReady(this));
	}

	#take(message: Exclude<AgentMessage, { type: 'hello' }>): void {
		switch (message.type) {
			case 'opened':
				return this.#terminals.opened(message.term);
			case 'exited':
				return this.#terminals.exited(message.term, { kind: message.kind, code: message.code });
			case 'output':
				return this.#streams.output(message.stream, message.offset, message.bytes);
			case 'resized':
			case 'live':
			case 'gap':
			case 'preamble':
				return this.#streams.take(message);
			case 'run-output':
				return this.#runs.output(message.run, message.fd, message.bytes);
			case 'ran':
				return this.#runs.ended(message.run, message);
			case 'vitals': {
				const { type: _, ...vitals } = message;
				return this.#wire.tell(() => this.events.vitals(vitals));
			}
			case 'error':
				return this.#refused(message.id, message.request, new AgentRefused(message.errno, message.text));
		}
	}

	/** Whoever asked is told. Input, resize or close of a terminal that ended on the way: nothing is left to do. */
	#refused(id: number, type: number, error: AgentRefused): void {
		switch (type) {
			case request.open:
			case request.openAhead:
				return this.#terminals.notOpened(id, error);
			case request.give:
				return this.#terminals.notGiven(id);
			case request.attach:
				return this.#streams.notAttached(id, error);
			case request.run:
			case request.runStdin:
			case request.runGo:
				return this.#runs.ended(id, { outcome: 'not-started', code: error.errno, ms: 0 });
		}
	}

	#end(): void {
		if (!this.#wire.end()) return;
		const error = new AgentGone('the sandbox’s agent is gone');
		this.#terminals.end(error);
		this.#runs.end(error);
		this.#streams.end();
		if (this.#boot !== undefined) this.#wire.tell(() => this.events.gone());
	}

	async open(asked: Parameters<Agent['open']>[0]): Promise<number> {
		return await this.#terminals.open(asked);
	}

	give(term: number, asked: ShellRequest): void {
		this.#terminals.give(term, asked);
	}

	attach(asked: Parameters<Agent['attach']>[0], sink: StreamSink): Stream {
		return this.#streams.attach(asked, sink);
	}

	input(term: number, bytes: Uint8Array): void {
		this.#terminals.input(term, bytes);
	}

	resize(term: number, cols: number, rows: number): void {
		this.#terminals.resize(term, cols, rows);
	}

	close(term: number): void {
		this.#terminals.close(term);
		this.#streams.forget(term);
	}

	async run(asked: ScriptRequest): Promise<ScriptResult> {
		return await this.#runs.run(asked);
	}

	/** Ends the connection. */
	destroy(): void {
		this.#socket.destroy();
	}

	vitalsEvery(ms: number): void {
		this.#wire.assertHere();
		this.#wire.send(request.vitalsEvery, part.u32(ms));
	}

	shutdown(): void {
		this.#wire.assertHere();
		this.#wire.send(request.shutdown);
	}
}
