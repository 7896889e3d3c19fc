/** Scripts that one agent runs: a few at once, the others wait their turn. */
import type { ScriptRequest, ScriptResult } from '../agent.ts';
import { MalformedFrame, part, request } from '../codec.ts';
import { errno, pieceBytes, variables, type Wire } from './wire.ts';

const maxRuns = 8;
const maxStdin = 16 << 20;

interface RunState {
	outputLeft: number;
	onOutput: ScriptRequest['onOutput'];
	/** Ends the script, and its caller's wait with this error. */
	abandon(error: unknown): void;
	stdout: Uint8Array[];
	stderr: Uint8Array[];
	settle(result: ScriptResult | Error): void;
}

export class Runs {
	readonly #wire: Wire;
	readonly #all = new Map<number, RunState>();
	readonly #waiting: (() => void)[] = [];
	#last = 0;

	constructor(wire: Wire) {
		this.#wire = wire;
	}

	/** As Agent.run. */
	async run(asked: ScriptRequest): Promise<ScriptResult> {
		this.#wire.assertHere();
		while (this.#all.size >= maxRuns) {
			await new Promise<void>((resolve) => this.#waiting.push(resolve));
			this.#wire.assertHere();
		}
		const unneeded = notRun(asked);
		if (unneeded) {
			// Whoever waits behind has the place.
			this.#waiting.shift()?.();
			return unneeded;
		}
		const id = ++this.#last;
		const cancel = () => this.#wire.send(request.cancel, part.u32(id));
		const timer = this.#wire.patience(asked.timeLimitMs);
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
				this.#all.set(id, run);
				this.#start(id, asked).catch((error: unknown) => {
					if (error instanceof RangeError) settle(result(run, 'not-started', errno.E2BIG, 0));
					else reject(error);
				});
			});
		} finally {
			clearTimeout(timer);
			asked.signal?.removeEventListener('abort', cancel);
			this.#all.delete(id);
			this.#waiting.shift()?.();
		}
	}

	async #start(id: number, asked: ScriptRequest): Promise<void> {
		const { timeLimitMs, outputLimit, stays = false, cwd, name, env, script, stdin = new Uint8Array() } = asked;
		// An agent of version 1 ends everything of a script with it.
		const mayStay = this.#wire.version === 1 ? [] : [part.u8(stays ? 1 : 0)];
		const bounds = [part.u32(timeLimitMs), part.u32(outputLimit), ...mayStay];
		const head = [part.u32(id), ...bounds, part.str(cwd), part.str(name), part.list(variables(env))];
		this.#wire.send(request.run, ...head, part.blob(Buffer.from(script)));
		// Input waits while so much is under way.
		for (let at = 0; at < stdin.length && this.#all.has(id); at += pieceBytes) {
			this.#wire.send(request.runStdin, part.u32(id), stdin.subarray(at, at + pieceBytes));
			await this.#wire.drained();
		}
		if (this.#all.has(id)) this.#wire.send(request.runGo, part.u32(id));
	}

	/** One that has ended is undefined, one that never was is malformed. */
	#run(id: number): RunState | undefined {
		if (id < 1 || id > this.#last) throw new MalformedFrame('unknown script');
		return this.#all.get(id);
	}

	/** @throws MalformedFrame */
	output(id: number, fd: 1 | 2, bytes: Uint8Array): void {
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
			const goOn = this.#wire.hold();
			busy.catch((error: unknown) => run.abandon(error)).finally(goOn);
		} catch (error) {
			run.abandon(error);
		}
	}

	/** @throws MalformedFrame */
	ended(id: number, end: Pick<ScriptResult, 'outcome' | 'code' | 'ms'>): void {
		const run = this.#run(id);
		run?.settle(result(run, end.outcome, end.code, end.ms));
	}

	/** The connection has ended. */
	end(error: Error): void {
		for (const run of this.#all.values()) run.settle(error);
		for (const wake of this.#waiting.splice(0)) wake();
	}
}

/** What is said of a script that is not even tried; undefined: it is. */
function notRun({ signal, stdin }: ScriptRequest): ScriptResult | undefined {
	if (signal?.aborted) return { outcome: 'cancelled', code: 0, ms: 0, stdout: '', stderr: '' };
	if ((stdin?.length ?? 0) > maxStdin) return { outcome: 'not-started', code: errno.EFBIG, ms: 0, stdout: '', stderr: '' };
	return undefined;
}

function result(run: RunState, outcome: ScriptResult['outcome'], code: number, ms: number): ScriptResult {
	const text = (pieces: Uint8Array[]) => Buffer.concat(pieces).toString();
	return { outcome, code, ms, stdout: text(run.stdout), stderr: text(run.stderr) };
}
