/**
 * The shell that a sandbox has before its learner comes: started, and waiting for name, folder and language before its first prompt
 * (guest/bashrc). Whoever clicks then waits for a prompt, not for a shell. Without one a shell is started when it is asked for.
 */
import { type Holder, HolderGone, type ShellRequest } from '../holder/holder.ts';
import type { Log } from './deps.ts';

/** Its name in the holder: no terminal of a lesson is called so. */
const aheadKey = 'ahead';
/** Until it is given, which tells its learner's size. */
const anySize = { cols: 80, rows: 24 };
/** Of what it is given, bytes (docs/protocol.md §1). */
const mostBytes = 4096;

export interface AheadOptions {
	/** argv, as of any other shell. */
	shell: string[];
	/** Where it waits. */
	home: string;
	/** What every shell has, whoever gets it. */
	env: Record<string, string>;
	log: Log;
	/** Of the sandbox, for the log. */
	name: string;
}

export class ShellAhead {
	readonly #options: AheadOptions;
	#waiting: { holder: Holder; term: number } | undefined;
	#opening: Promise<void> | undefined;

	constructor(options: AheadOptions) {
		this.#options = options;
	}

	/** Starts one, unless there is one. Resolves when it runs, or cannot be had, which is noted: a shell can be started later all the same. */
	open(holder: Holder): Promise<void> {
		if (this.#waiting) return Promise.resolve();
		this.#opening ??= this.#open(holder).finally(() => {
			this.#opening = undefined;
		});
		return this.#opening;
	}

	async #open(holder: Holder): Promise<void> {
		const { shell, home, env, log, name } = this.#options;
		try {
			const term = await holder.open({ key: aheadKey, ...anySize, cwd: home, argv: shell, env, waits: true });
			if (holder.terminals.get(term)?.alive) this.#waiting = { holder, term };
		} catch (error) {
			if (error instanceof HolderGone) return; // The sandbox goes, or its holder comes back and tells of what it has.
			log.warn({ sandbox: name, err: error }, 'no shell could be started ahead');
		}
	}

	/** The holder has connected: goes on with what an earlier server has left there. */
	adopt(holder: Holder): void {
		this.#waiting = undefined;
		for (const { term, key, alive } of [...holder.terminals.values()]) {
			if (key !== aheadKey) continue;
			if (alive && !this.#waiting) this.#waiting = { holder, term };
			else holder.close(term);
		}
	}

	/** Resolves when it is known whether there is one. */
	async settled(): Promise<void> {
		await this.#opening;
	}

	/** There is one, and it can be given so much. */
	waitsFor({ cwd, env }: ShellRequest): boolean {
		const values = [cwd, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
		const bytes = values.reduce((sum, value) => sum + Buffer.byteLength(value) + 1, 0);
		return this.#waiting !== undefined && bytes <= mostBytes;
	}

	/** Gives it. @returns its terminal; undefined when there is none */
	give(holder: Holder, request: ShellRequest): number | undefined {
		const waiting = this.#waiting;
		if (waiting?.holder !== holder || !this.waitsFor(request)) return undefined;
		this.#waiting = undefined;
		holder.give(waiting.term, request);
		return waiting.term;
	}

	/** A shell has ended: if it was this one, nothing of it stays. */
	ended(term: number): void {
		if (this.#waiting?.term !== term) return;
		this.#waiting.holder.close(term);
		this.#waiting = undefined;
	}

	gone(): void {
		this.#waiting = undefined;
	}
}
