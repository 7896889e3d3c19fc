/**
 * The shell that a sandbox has before its learner comes: started, and waiting for name, folder and language before its first prompt
 * (guest/bashrc). Whoever clicks then waits for a prompt, not for a shell. Without one a shell is started when it is asked for.
 */
import { type Agent, AgentGone, type ShellRequest } from '../agent/agent.ts';
import type { Log } from '../platform/log.ts';

/** Its name in the agent: no terminal of a lesson is called so. */
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
	/** `env`: what it has already; of a shell that an earlier server has left, nobody knows. */
	#waiting: { agent: Agent; term: number; env: Record<string, string> } | undefined;
	#opening: Promise<void> | undefined;

	constructor(options: AheadOptions) {
		this.#options = options;
	}

	/** Starts one, unless there is one. Resolves when it runs, or cannot be had, which is noted: a shell can be started later all the same. */
	open(agent: Agent): Promise<void> {
		if (this.#waiting) return Promise.resolve();
		this.#opening ??= this.#open(agent).finally(() => {
			this.#opening = undefined;
		});
		return this.#opening;
	}

	async #open(agent: Agent): Promise<void> {
		const { shell, home, env, log, name } = this.#options;
		try {
			const term = await agent.open({ key: aheadKey, ...anySize, cwd: home, argv: shell, env, waits: true });
			if (agent.terminals.get(term)?.alive) this.#waiting = { agent, term, env };
		} catch (error) {
			if (error instanceof AgentGone) return; // The sandbox goes, or its agent comes back and tells of what it has.
			log.warn({ sandbox: name, err: error }, 'no shell could be started ahead');
		}
	}

	/** The agent has connected: goes on with what an earlier server has left there. */
	adopt(agent: Agent): void {
		this.#waiting = undefined;
		for (const { term, key, alive } of [...agent.terminals.values()]) {
			if (key !== aheadKey) continue;
			if (alive && !this.#waiting) this.#waiting = { agent, term, env: {} };
			else agent.close(term);
		}
	}

	/** Resolves when it is known whether there is one. */
	async settled(): Promise<void> {
		await this.#opening;
	}

	/** There is one, and it can be given so much. */
	waitsFor(request: ShellRequest): boolean {
		if (!this.#waiting) return false;
		const { cwd, env } = lacking(request, this.#waiting.env);
		const values = [cwd, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
		return values.reduce((sum, value) => sum + Buffer.byteLength(value) + 1, 0) <= mostBytes;
	}

	/** Gives it. @returns its terminal; undefined when there is none */
	give(agent: Agent, request: ShellRequest): number | undefined {
		const waiting = this.#waiting;
		if (waiting?.agent !== agent || !this.waitsFor(request)) return undefined;
		this.#waiting = undefined;
		agent.give(waiting.term, lacking(request, waiting.env));
		return waiting.term;
	}

	/** A shell has ended: if it was this one, nothing of it stays. */
	ended(term: number): void {
		if (this.#waiting?.term !== term) return;
		this.#waiting.agent.close(term);
		this.#waiting = undefined;
	}

	gone(): void {
		this.#waiting = undefined;
	}
}

/** Without what the shell has: it reads its pipe byte by byte, and its learner waits. */
function lacking<Request extends ShellRequest>(request: Request, has: Record<string, string>): Request {
	return { ...request, env: Object.fromEntries(Object.entries(request.env).filter(([name, value]) => has[name] !== value)) };
}
