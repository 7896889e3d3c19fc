/** `etabli push-images`: images of courses, node agent and server to a registry, where the nodes of a cluster find them. */
import { ensureDependencies } from '../setup/dependencies.ts';
import { Failure } from '../setup/failure.ts';
import { Progress } from '../setup/progress.ts';
import { type Arguments, usageStatus } from './arguments.ts';
import { Interrupted, watchInterrupts } from './interrupt.ts';

/** @returns 0 @throws Failure */
export async function pushImages(args: Arguments): Promise<number> {
	const to = args.values['to'];
	// As image names have it: small letters, a port, folders.
	if (to === undefined || !/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/.test(String(to)))
		throw new Failure(to === undefined ? 'Say where the images are to go.' : `"${to}" is no place for images.`, {
			hint: './etabli push-images --to registry.example.org/etabli',
			status: usageStatus,
		});
	const interrupt = watchInterrupts();
	const { signal } = interrupt;
	const progress = new Progress(process.stdout, { verbose: args.values['verbose'] === true });
	try {
		await ensureDependencies(progress, false, signal);
		const registry = { to: String(to), plain: args.values['plain-http'] === true };
		return await (await import('./push-all-images.ts')).pushAllImages({ args, registry, progress, signal });
	} catch (error) {
		if (signal.aborted && signal.reason instanceof Interrupted) {
			process.stdout.write('\nInterrupted: the same command goes on where it was.\n');
			return signal.reason.status;
		}
		throw error;
	} finally {
		interrupt.dispose();
		progress.close();
	}
}
