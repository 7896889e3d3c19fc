/**
 * Outlives `etabli test`: a process whose standard input ends when the run does, however that ends. Then it tidies up what the run could
 * not any more, and stops the engine if the run had started it. Arguments: the run's folder; the engine's address, or nothing.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Engine } from '../../runtimes/engine.ts';
import { connectEngine } from '../../runtimes/find-engine.ts';
import { releaseEngine } from '../../setup/engine.ts';
import { Progress } from '../../setup/progress.ts';
import { tidyUp } from './tidy.ts';

export interface Guard {
	/** The run is over, and all is tidy. */
	dismiss(): Promise<void>;
}

/** Begins to watch over this process. */
export function watchOver(folder: string, engine: string | undefined): Guard {
	const args = ['--disable-warning=ExperimentalWarning', import.meta.filename, folder, engine ?? ''];
	// A session of its own: Ctrl-C and the end of the terminal are not for it.
	const child: ChildProcess = spawn(process.execPath, args, { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
	child.unref();
	return {
		async dismiss() {
			const ended = once(child, 'close');
			child.ref();
			child.stdin?.end('done');
			await ended;
		},
	};
}

async function main([folder = '', url = '']: string[]): Promise<void> {
	let said = '';
	for await (const text of process.stdin.setEncoding('utf8')) said += text;
	if (said === 'done') return;
	let engine: Engine | undefined;
	try {
		if (url !== '') engine = await connectEngine({ url, stateDir: folder, signal: AbortSignal.timeout(10_000) });
	} catch {
		// It is gone, and its containers with it.
	}
	await tidyUp(folder, engine);
	if (engine) await releaseEngine(engine, new Progress({ write: () => undefined }, { verbose: false }));
}

if (process.argv[1] === import.meta.filename) await main(process.argv.slice(2));
