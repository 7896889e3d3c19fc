/** Processes that outlive us, known again later by number *and* start time: numbers are used again, the pair is not. */
import { linkSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTime } from '../platform/start-time.ts';
import { codeOf } from './failure.ts';
import { run } from './run.ts';
import { writeAtomically } from './stamps.ts';

export { startTime };

export interface ProcessMark {
	pid: number;
	/** Clock ticks since the machine started, as /proc gives them. */
	started: string;
	/** What the owner wants to remember. */
	note: string;
}

/** Writes the mark of a running process. @throws when there is no such process */
export function markProcess(path: string, pid: number, note: string): void {
	const started = startTime(pid);
	if (started === undefined) throw new Error(`no process ${pid}`);
	writeAtomically(path, JSON.stringify({ pid, started, note } satisfies ProcessMark));
}

/** The marked process if it still runs; a mark of a process that is gone is taken away. */
export function markedProcess(path: string): ProcessMark | undefined {
	let text: string;
	try {
		text = readFileSync(path, 'utf8');
	} catch (error) {
		if (codeOf(error) === 'ENOENT') return undefined;
		throw error;
	}
	let mark: Partial<ProcessMark>;
	try {
		mark = JSON.parse(text) as Partial<ProcessMark>;
	} catch {
		// Not written by us, or by a disk that was full: it says nothing.
		mark = {};
	}
	if (mark.pid !== undefined && mark.started !== undefined && startTime(mark.pid) === mark.started)
		return { pid: mark.pid, started: mark.started, note: mark.note ?? '' };
	rmSync(path, { force: true });
	return undefined;
}

/**
 * Ends it: SIGTERM, and after `patience` ms SIGKILL.
 * @param prefix command that gives the right to, such as sudo; [] when we have it
 * @returns whether it ended by itself
 */
export async function endProcess(mark: ProcessMark, patience: number, prefix: readonly string[] = []): Promise<boolean> {
	const signal = async (name: 'TERM' | 'KILL'): Promise<void> => {
		if (startTime(mark.pid) !== mark.started) return;
		const [command, ...rest] = prefix;
		if (command !== undefined) await run(command, [...rest, 'kill', `-${name}`, String(mark.pid)]);
		else process.kill(mark.pid, `SIG${name}`);
	};
	const gone = async (ms: number): Promise<boolean> => {
		const until = performance.now() + ms;
		while (startTime(mark.pid) === mark.started) {
			if (performance.now() > until) return false;
			await sleep(50);
		}
		return true;
	};
	await signal('TERM');
	if (await gone(patience)) return true;
	await signal('KILL');
	await gone(5_000);
	return false;
}

/**
 * Makes this process the owner of the path, in one step.
 * @returns the owner that there is already; undefined when it is us now
 */
export function claim(path: string, note: string): ProcessMark | undefined {
	const own = `${path}.${process.pid}`;
	mkdirSync(dirname(path), { recursive: true });
	markProcess(own, process.pid, note);
	try {
		for (;;) {
			try {
				// A link is made or refused in one step.
				linkSync(own, path);
				return undefined;
			} catch (error) {
				if (codeOf(error) !== 'EEXIST') throw error;
			}
			const owner = markedProcess(path);
			if (owner) return owner;
		}
	} finally {
		rmSync(own, { force: true });
	}
}

/**
 * Runs `work` while no other process does so under the same path; waits for the other. A lock whose owner died does not count.
 * @param onWait called once, with the owner's number, when there is something to wait for
 */
export async function withLock<T>(path: string, onWait: (pid: number) => void, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
	for (let told = false; ; await sleep(200)) {
		signal?.throwIfAborted();
		const owner = claim(path, '');
		if (!owner) break;
		if (!told) onWait(owner.pid);
		told = true;
	}
	try {
		return await work();
	} finally {
		rmSync(path, { force: true });
	}
}
