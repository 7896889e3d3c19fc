/** `etabli up`: prepares the machine, serves until it is told to stop, and leaves it tidy. */
import { existsSync } from 'node:fs';
import { options } from '../options.ts';
import { ensureDependencies } from '../setup/dependencies.ts';
import { checkDataFolder, checkPort, checkSpace } from '../setup/preflight.ts';
import { Progress } from '../setup/progress.ts';
import type { Arguments } from './arguments.ts';
import { configFile, earlyValues } from './early.ts';
import { Interrupted, watchInterrupts } from './interrupt.ts';

/** @returns exit status: 0 after Ctrl-C while serving, 130 and the like when interrupted before */
export async function up(args: Arguments): Promise<number> {
	const interrupt = watchInterrupts();
	const { signal } = interrupt;
	const progress = new Progress(process.stdout, { verbose: args.values['verbose'] === true });
	try {
		await lookAhead(args);
		await ensureDependencies(progress, false, signal);
		// From here on npm's packages are there.
		const { prepareAndServe } = await import('./serve.ts');
		await prepareAndServe(args, progress, signal);
		return 0;
	} catch (error) {
		if (signal.aborted && signal.reason instanceof Interrupted) {
			process.stdout.write('\nInterrupted. Run ./etabli up again: what is done is not done twice.\n');
			return signal.reason.status;
		}
		throw error;
	} finally {
		interrupt.dispose();
		progress.close();
	}
}

/** What would fail after minutes is said at once, before anything is fetched. With a configuration file it has to wait for YAML. */
async function lookAhead(args: Arguments): Promise<void> {
	if (existsSync(configFile(args))) return;
	const { host, port, data } = earlyValues(args, options);
	const { serverMark } = await import('./server-mark.ts');
	const { dataPaths } = await import('../setup/paths.ts');
	checkDataFolder(data);
	checkSpace(data);
	// A server of ours on that port is told apart later, with its address.
	if (!existsSync(serverMark(dataPaths(data).run))) await checkPort(host, port);
}
