/** `etabli down`: stops the server of a data folder, and takes away what a server that was killed has left behind. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { options } from '../options.ts';
import { Failure } from '../setup/failure.ts';
import { dataPaths, root } from '../setup/paths.ts';
import { endProcess, markedProcess } from '../setup/processes.ts';
import { Progress } from '../setup/progress.ts';
import type { Arguments } from './arguments.ts';
import { earlyValues } from './early.ts';
import { serverMark } from './server-mark.ts';

/** ms for the server to end in good order: it puts every sandbox away. */
const patience = 60_000;

/** @returns 0; also when there was nothing to do */
export async function down(args: Arguments): Promise<number> {
	const progress = new Progress(process.stdout, { verbose: args.values['verbose'] === true });
	const installed = existsSync(join(root, 'node_modules/.package-lock.json'));
	const { data, engine } = installed ? (await import('./settings.ts')).configuration(args) : earlyValues(args, options);
	if (!existsSync(data)) {
		progress.say(`Nothing to stop: there is no data folder ${data}.`);
		return 0;
	}
	const server = markedProcess(serverMark(dataPaths(data).run));
	if (server) {
		await progress.step(`Stopping the server${server.note ? ` at ${server.note}` : ''} (process ${server.pid})`, async (step) => {
			try {
				if (!(await endProcess(server, patience))) step.remark = 'by force';
			} catch (error) {
				if (error instanceof Error && 'code' in error && error.code === 'EPERM')
					throw new Failure(`The server (process ${server.pid}) belongs to another user.`, {
						hint: 'Run ./etabli down as that user, or as root.',
						cause: error,
					});
				throw error;
			}
		});
	}
	const left = installed ? await (await import('./leftovers.ts')).removeLeftovers(data, engine, progress) : 0;
	if (!server && left === 0) progress.say('Nothing was running.');
	return 0;
}
