/** The end of a server and of what its sandboxes need. */
import type { Server } from '../app.ts';
import { Disposables } from '../platform/disposables.ts';
import { Failure } from '../setup/failure.ts';
import type { Progress } from '../setup/progress.ts';
import type { SandboxLeft } from '../store/sandboxes-left.ts';
import type { OpenParts } from './sandbox-parts.ts';
import { someLabs, someOf } from './some-of.ts';

export interface PutAwayRequest {
	server: Pick<Server, 'close' | 'unkept' | 'unserved'> | undefined;
	opened: Pick<OpenParts, 'close'> | undefined;
	progress: Progress;
	/** Sandboxes go on. */
	keep: boolean;
}

export interface PutAway {
	/** Sandboxes go on, and need the engine. */
	goesOn: boolean;
	/** Not everything could be put away. */
	failure: Failure | undefined;
}

/** Each part has its turn, whatever becomes of the others. Never rejects. */
export async function putAway({ server, opened, progress, keep }: PutAwayRequest): Promise<PutAway> {
	const unkept = () => server?.unkept ?? [];
	const unserved = server?.unserved ?? [];
	const goesOn = () => keep || unkept().length > 0 || unserved.length > 0;
	const parts = new Disposables();
	if (opened) parts.add(() => opened.close(goesOn()));
	if (server) parts.add(() => server.close(keep));
	let failure: Failure | undefined;
	await progress
		.step(keep ? 'Stopping; sandboxes go on' : 'Stopping', async (step) => {
			try {
				await parts.dispose();
			} catch (error) {
				step.detail(error instanceof Error ? (error.stack ?? error.message) : String(error));
				failure = new Failure(`Not everything could be put away: ${error instanceof Error ? error.message : String(error)}`, {
					hint: './etabli down tries again.',
					cause: error,
				});
				throw failure;
			}
		})
		.catch(() => undefined); // It is returned.
	if (unkept().length > 0) progress.say(`Warning: ${unkeptWarning(unkept())}`);
	if (unserved.length > 0) progress.say(`Warning: ${unservedWarning(unserved)}`);
	return { goesOn: goesOn(), failure };
}

/** Of sandboxes that a server leaves alone, since it does not serve their courses: whose, and what the operator can do. */
export function unservedWarning(labs: readonly SandboxLeft[]): string {
	return `Sandboxes of ${someLabs(labs)} are still there, with files that may be nowhere else, and their courses are not served. They are left alone: ./etabli up takes them over once it serves these courses (--courses). ./etabli down --lose-files ends them.`;
}

function unkeptWarning(learners: readonly string[]): string {
	return `Files of ${someOf(learners)} could not be kept now. Their sandboxes go on with them: ./etabli up takes them over, and keeps the files when it can. ./etabli down --lose-files ends them.`;
}
