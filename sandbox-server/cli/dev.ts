/** `etabli dev`: the sandbox server on a port of its own, and before it Astro's development server, which reloads pages as files change. */
import { options } from '../options.ts';
import { ensureDependencies } from '../setup/dependencies.ts';
import { checkDataFolder } from '../setup/preflight.ts';
import { Progress } from '../setup/progress.ts';
import type { Arguments } from './arguments.ts';
import { earlyValues } from './early.ts';
import { Interrupted, watchInterrupts } from './interrupt.ts';

/** @returns exit status */
export async function dev(args: Arguments): Promise<number> {
	const interrupt = watchInterrupts();
	const { signal } = interrupt;
	const progress = new Progress(process.stdout, { verbose: args.values['verbose'] === true });
	try {
		checkDataFolder(earlyValues(args, options).data);
		await ensureDependencies(progress, true, signal);
		const { prepareAndServe } = await import('./serve.ts');
		const { author } = await import('./authoring.ts');
		const { tellChecks } = await import('./tell-checks.ts');
		await prepareAndServe(args, progress, signal, {
			onCheckRun: tellChecks(progress),
			onSetupFailed: ({ course, lesson, text }) => progress.say(`✗ ${course}/${lesson}, preparation: ${text}`),
			run: author,
		});
		return 0;
	} catch (error) {
		if (signal.aborted && signal.reason instanceof Interrupted) return signal.reason.status;
		throw error;
	} finally {
		interrupt.dispose();
		progress.close();
	}
}
