/** `etabli down`: stops the server of a data folder, and takes away what a server that was killed has left behind. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { options } from '../options.ts';
import { codeOf, Failure } from '../setup/failure.ts';
import { dataPaths, root } from '../setup/paths.ts';
import { endProcess, markedProcess } from '../setup/processes.ts';
import { Progress } from '../setup/progress.ts';
import type { Arguments } from './arguments.ts';
import { earlyValues } from './early.ts';
import { endMark, serverMark } from './server-mark.ts';

/** ms for the server to end in good order: it puts every sandbox away, and keeps the files of each learner, some at a time. */
const patience = { always: 60_000, learner: 5_000 };

/** @returns 0; also when there was nothing to do @throws Failure when learners' files would be lost */
export async function down(args: Arguments): Promise<number> {
	const progress = new Progress(process.stdout, { verbose: args.values['verbose'] === true });
	const installed = existsSync(join(root, 'node_modules/.package-lock.json'));
	const { data, engine, kubernetes, ...rest } = installed
		? (await import('./settings.ts')).configuration(args)
		: { ...earlyValues(args, options), kubernetes: undefined };
	// Where nothing is kept from one sandbox to the next, nothing is lost by their end.
	const lose = args.values['lose-files'] === true || ('homeSize' in rest && rest.homeSize === 0);
	const keep = 'keep' in rest && rest.keep === true;
	if (!existsSync(data)) {
		progress.say(`Nothing to stop: there is no data folder ${data}.`);
		return 0;
	}
	const server = markedProcess(serverMark(dataPaths(data).run));
	if (server) {
		await progress.step(`Stopping the server${server.note ? ` at ${server.note}` : ''} (process ${server.pid})`, async (step) => {
			const mark = endMark(dataPaths(data).run);
			try {
				// With its sandboxes, also where the configuration keeps them: it alone can keep their files.
				writeFileSync(mark, '');
				if (!(await endProcess(server, patience.always + patience.learner * (installed ? await learners(data) : 0))))
					step.remark = 'by force';
			} catch (error) {
				if (['EPERM', 'EACCES'].includes(codeOf(error) ?? ''))
					throw new Failure(`The server (process ${server.pid}) belongs to another user.`, {
						hint: 'Run ./etabli down as that user, or as root.',
						cause: error,
					});
				throw error;
			} finally {
				rmSync(mark, { force: true });
			}
		});
	}
	const left = installed
		? await (await import('./leftovers.ts')).removeLeftovers({ data, url: engine, kubernetes, progress, lose, keep })
		: 0;
	if (!server && left === 0) progress.say('Nothing was running.');
	return 0;
}

/** How many have a sandbox; 0 when that cannot be known. */
async function learners(data: string): Promise<number> {
	const { sandboxesLeft } = await import('../store/sandboxes-left.ts');
	try {
		return sandboxesLeft(join(data, 'store.sqlite')).size;
	} catch {
		return 0;
	}
}
