/** Learns of the ends of containers from the kernel: a small program of ours holds a pidfd of each main process and tells of its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { RuntimeAway } from '../runtime.ts';

export interface WatchedProcess {
	name: string;
	pid: number;
	started: string;
}

export class EndWatch {
	readonly #child: ChildProcess;
	#over = false;

	/**
	 * @param program the agent, which can do this too
	 * @param onBreak the program has ended; nothing follows
	 */
	constructor(program: string, onEnd: (name: string) => void, onBreak: (error: Error) => void) {
		const child = spawn(program, ['--watch-ends'], { stdio: ['pipe', 'pipe', 'ignore'] });
		this.#child = child;
		const broken = (cause: unknown): void => {
			if (this.#over) return;
			this.#over = true;
			onBreak(new RuntimeAway('what watches over the sandboxes has ended', { cause }));
		};
		child.once('error', broken).once('exit', (code, signal) => broken(new Error(`it ended (${signal ?? code})`)));
		child.stdin?.on('error', () => undefined); // Its end is told by 'exit'.
		// It could not be started, for want of descriptors: 'error' follows.
		if (!child.stdout) return;
		createInterface({ input: child.stdout }).on('line', (name) => {
			if (!this.#over) onEnd(name);
		});
	}

	add({ name, pid, started }: WatchedProcess): void {
		if (!this.#over) this.#child.stdin?.write(`${name} ${pid} ${started}\n`);
	}

	/** Idempotent. */
	close(): void {
		this.#over = true;
		this.#child.stdin?.end();
	}
}
