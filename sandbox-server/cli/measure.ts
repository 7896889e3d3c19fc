/** `etabli bench [measure…]`: takes the figures of docs/performance.md on this machine. */
import { join } from 'node:path';
import { ensureDependencies } from '../setup/dependencies.ts';
import { root } from '../setup/paths.ts';
import { checkDataFolder } from '../setup/preflight.ts';
import { Progress } from '../setup/progress.ts';
import type { Arguments } from './arguments.ts';
import { Interrupted, watchInterrupts } from './interrupt.ts';

/** Apart from `up`'s, so that a running server is never touched. Images are shared: they belong to the engine. */
const ownData = join(root, '.etabli/bench');

/** @returns 0 when every figure could be taken and no target was missed; 1 otherwise */
export async function measure(args: Arguments): Promise<number> {
	const interrupt = watchInterrupts();
	const { signal } = interrupt;
	const progress = new Progress(process.stdout, { verbose: args.values['verbose'] === true });
	try {
		const data = String(args.values['data'] ?? ownData);
		checkDataFolder(data);
		await ensureDependencies(progress, false, signal);
		const { takeFigures } = await import('./take-figures.ts');
		return await takeFigures({ args: { ...args, values: { ...args.values, data } }, progress, signal });
	} catch (error) {
		if (signal.aborted && signal.reason instanceof Interrupted) {
			process.stdout.write('\nInterrupted: nothing is reported of a run that was cut short.\n');
			return signal.reason.status;
		}
		throw error;
	} finally {
		interrupt.dispose();
		progress.close();
	}
}
