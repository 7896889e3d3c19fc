/** Calling programs that may say anything, or nothing, or for ever. */
import { spawn } from 'node:child_process';
import { plainText } from '../../../src/shared/control-sequences.ts';
import { visibleLine } from '../../../src/shared/visible.ts';
import { Refused } from './contender.ts';

/** Characters kept of what a program says. */
const kept = 100_000;
const shown = 200;

export interface CallOptions {
	cwd?: string | undefined;
	env?: NodeJS.ProcessEnv | undefined;
	/** Killed after so long. */
	seconds: number;
	signal?: AbortSignal | undefined;
	/** Both streams in the answer. */
	both?: boolean;
}

/** The last line that says something, as one of at most 200 characters. */
export function lastWords(text: string): string {
	const lines = plainText(text)
		.split(/[\r\n]+/)
		.map((line) => line.trim())
		.filter(Boolean);
	const line = lines.findLast((one) => /error|fail|denied|cannot|not |refus|permit/i.test(one)) ?? lines.at(-1) ?? '';
	const plain = visibleLine(line);
	return plain.length > shown ? `${plain.slice(0, shown - 1)}…` : plain;
}

/** Kills a program and all that it started in its own group; done when there is nothing. */
export function killGroup(pid: number | undefined): void {
	if (pid === undefined) return;
	try {
		process.kill(-pid, 'SIGKILL');
	} catch {
		// It has ended, which is what is wanted.
	}
}

/** @returns its standard output @throws Refused with its last words; the signal's reason */
export function call(command: readonly string[], { cwd, env, seconds, signal, both = false }: CallOptions): Promise<string> {
	return new Promise((resolve, reject) => {
		if (signal?.aborted) return reject(signal.reason);
		const [program = '', ...args] = command;
		// A group of its own: Ctrl-C is for this command, which then ends things in their order.
		const child = spawn(program, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
		let out = '';
		let all = '';
		let ended: 'late' | 'aborted' | undefined;
		const settle = (): void => {
			clearTimeout(timer);
			signal?.removeEventListener('abort', abort);
		};
		const end = (why: 'late' | 'aborted'): void => {
			ended ??= why;
			killGroup(child.pid);
			// Somebody else may hold its pipes open.
			for (const stream of [child.stdout, child.stderr]) stream.destroy();
		};
		const abort = (): void => end('aborted');
		const timer = setTimeout(() => end('late'), seconds * 1000);
		signal?.addEventListener('abort', abort, { once: true });
		const take = (isOut: boolean) => (chunk: string) => {
			if (isOut && out.length < kept) out += chunk;
			all = (all + chunk).slice(-kept);
		};
		child.stdout.setEncoding('utf8').on('data', take(true));
		child.stderr.setEncoding('utf8').on('data', take(both));
		child.once('error', (error) => {
			settle();
			reject(new Refused(error.message));
		});
		child.once('close', (code, by) => {
			settle();
			if (ended === 'aborted') reject(signal?.reason);
			else if (ended === 'late') reject(new Refused(lastWords(all), { hung: true }));
			else if (code === 0) resolve(out);
			else reject(new Refused(lastWords(all) || `${program} ended with ${code ?? by}`));
		});
	});
}
