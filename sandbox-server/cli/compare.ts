/** `etabli compare`: container runtimes and engines of this machine, side by side. */
import { ensureDependencies } from '../setup/dependencies.ts';
import { Progress } from '../setup/progress.ts';
import type { Arguments } from './arguments.ts';
import { Interrupted, watchInterrupts } from './interrupt.ts';

/** @returns 0 when at least one contender was compared and nothing was left behind; 1 otherwise */
export async function compare(args: Arguments): Promise<number> {
	const interrupt = watchInterrupts(': what was started is killed, and nothing is saved.');
	const { signal } = interrupt;
	let isLeft = false;
	const cutShort = (left: readonly string[]): void => {
		isLeft = left.length > 0;
		if (isLeft)
			process.stderr.write(`\nStill there of this run, to be ended or removed by hand:\n${left.map((line) => `  ${line}\n`).join('')}`);
	};
	const progress = new Progress(process.stdout, { verbose: args.values['verbose'] === true });
	try {
		await ensureDependencies(progress, false, signal);
		const { takeComparison } = await import('./take-comparison.ts');
		return await takeComparison({ args, progress, signal, cutShort });
	} catch (error) {
		if (signal.aborted && signal.reason instanceof Interrupted) {
			const ended = isLeft ? 'what could not be ended is named above' : 'everything that was started has ended';
			process.stdout.write(`\nInterrupted: ${ended}; nothing is saved of a run that was cut short.\n`);
			return signal.reason.status;
		}
		throw error;
	} finally {
		interrupt.dispose();
		progress.close();
	}
}
