/** The shells of one agent, as far as they have been told. */
import { type Agent, type AgentEvents, AgentRefused, type ShellEnd, type ShellRequest, type TerminalInfo } from '../agent.ts';
import { type AgentMessage, MalformedFrame, maxTerminals, part, request } from '../codec.ts';
import { errno, pieceBytes, variables, type Wire } from './wire.ts';

/** What an agent keeps of each shell's output. */
const ringBytes = 4n << 20n;

interface Opening {
	info: TerminalInfo;
	resolve(): void;
	reject(error: Error): void;
}

export class Terminals {
	readonly all = new Map<number, TerminalInfo>();
	readonly #wire: Wire;
	readonly #events: () => AgentEvents;
	readonly #opening = new Map<number, Opening>();
	/** Shells told to end: not listed any more, their EXITED is still to come. */
	readonly #closing = new Set<number>();
	#last = 0;

	constructor(wire: Wire, events: () => AgentEvents) {
		this.#wire = wire;
		this.#events = events;
	}

	/** Those that the agent has kept. @throws MalformedFrame */
	greet({ terminals }: AgentMessage & { type: 'hello' }): void {
		for (const { endKind, endCode, ...info } of terminals) {
			if (this.all.has(info.term)) throw new MalformedFrame('terminal twice');
			this.all.set(info.term, { ...info, end: info.alive ? undefined : { kind: endKind, code: endCode } });
			this.#last = Math.max(this.#last, info.term);
		}
	}

	/** As Agent.open. */
	async open(asked: Parameters<Agent['open']>[0]): Promise<number> {
		for (let tries = 0; ; tries++) {
			try {
				return await this.#open(asked);
			} catch (error) {
				// A shell that an earlier server told to end still has its number: the next one is free.
				if (!(error instanceof AgentRefused && error.errno === errno.EEXIST && tries < maxTerminals)) throw error;
			}
		}
	}

	#open({ key, cols, rows, cwd, argv, env, waits }: Parameters<Agent['open']>[0]): Promise<number> {
		this.#wire.assertHere();
		const term = ++this.#last;
		const info = { term, key, alive: true, end: undefined, cols, rows, ringStart: 0n, ringEnd: 0n };
		return new Promise((resolve, reject) => {
			try {
				this.#wire.send(
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
				return reject(cause instanceof RangeError ? new AgentRefused(errno.E2BIG, cause.message) : cause);
			}
			const timer = this.#wire.patience(0);
			const settled = (settle: () => void) => {
				clearTimeout(timer);
				settle();
			};
			this.#opening.set(term, {
				info,
				resolve: () => settled(() => resolve(term)),
				reject: (error) => settled(() => reject(error)),
			});
		});
	}

	/** @throws MalformedFrame */
	opened(term: number): void {
		const opening = this.#opening.get(term);
		if (!opening) throw new MalformedFrame('opened what nobody asked for');
		this.#opening.delete(term);
		this.all.set(term, opening.info);
		opening.resolve();
	}

	notOpened(term: number, error: AgentRefused): void {
		this.#opening.get(term)?.reject(error);
		this.#opening.delete(term);
	}

	/** @throws MalformedFrame */
	exited(term: number, end: ShellEnd): void {
		const info = this.all.get(term);
		if (!this.#closing.delete(term)) {
			if (!info?.alive) throw new MalformedFrame('ended twice, or never lived');
			info.alive = false;
			info.end = end;
		}
		this.#wire.tell(() => this.#events().exited(term, end));
	}

	/** As Agent.give. */
	give(term: number, { key, cols, rows, cwd, env }: ShellRequest): void {
		this.#wire.assertHere();
		const info = this.all.get(term);
		if (!info) return;
		Object.assign(info, { key, cols, rows });
		const names = [part.str(key), part.str(cwd), part.list(variables(env))];
		this.#wire.send(request.give, part.u32(term), part.u16(cols), part.u16(rows), ...names);
	}

	/** It waits for ever: better a shell that has ended, in whose place another one can be had. */
	notGiven(term: number): void {
		const info = this.all.get(term);
		if (!info?.alive) return; // it has ended meanwhile, which has been told
		info.alive = false;
		info.end = { kind: 'exit', code: 127 };
		this.#closing.add(term);
		this.#wire.send(request.close, part.u32(term));
		this.#wire.tell(() => this.#events().exited(term, { kind: 'exit', code: 127 }));
	}

	input(term: number, bytes: Uint8Array): void {
		this.#wire.assertHere();
		for (let at = 0; at < bytes.length; at += pieceBytes)
			this.#wire.send(request.input, part.u32(term), bytes.subarray(at, at + pieceBytes));
	}

	resize(term: number, cols: number, rows: number): void {
		this.#wire.assertHere();
		const info = this.all.get(term);
		if (!info) return;
		[info.cols, info.rows] = [cols, rows];
		this.#wire.send(request.resize, part.u32(term), part.u16(cols), part.u16(rows));
	}

	close(term: number): void {
		this.#wire.assertHere();
		const info = this.all.get(term);
		if (!info) return;
		this.all.delete(term);
		if (info.alive) this.#closing.add(term);
		this.#wire.send(request.close, part.u32(term));
	}

	/** The terminal has output up to `end`: as far as a stream knows, which is what a reader may rely on. */
	printed(term: number, end: bigint): void {
		const info = this.all.get(term);
		if (!info || end <= info.ringEnd) return;
		info.ringEnd = end;
		const start = end - ringBytes;
		if (start > info.ringStart) info.ringStart = start;
	}

	/** The connection has ended. */
	end(error: Error): void {
		for (const opening of this.#opening.values()) opening.reject(error);
		this.#opening.clear();
	}
}
