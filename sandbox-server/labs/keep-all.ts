/** The files of all learners, when the server stops without keeping sandboxes. */
import type { HomeSync } from '../homes/home-sync.ts';
import { DeadlinePassed, untilAborted } from '../platform/deadline.ts';
import type { SandboxDeps } from '../sandboxes/sandbox-deps.ts';
import type { Living, Provisioner } from './provisioner.ts';

/** It is waited for files as long as those of one learner come in so many ms after another's. */
const stalledMs = 30_000;

export interface KeepAllParts {
	deps: Pick<SandboxDeps, 'clock' | 'log'>;
	homeSync: Pick<HomeSync, 'last'>;
	provisioner: Pick<Provisioner, 'living' | 'find' | 'stopped'>;
}

/** @returns sandboxes whose files are in them alone, and which the next server may keep */
export async function keepAll({ deps, homeSync, provisioner }: KeepAllParts): Promise<Living[]> {
	const { clock, log } = deps;
	const claimed = [...provisioner.living].filter(({ row }) => row.learner !== undefined && row.state === 'ready');
	const kept = new Set<Living>();
	const stalled = new AbortController();
	let cancel = () => {};
	const goOn = () => {
		cancel();
		if (!stalled.signal.aborted) cancel = clock.after(stalledMs, () => stalled.abort(new DeadlinePassed(`no home for ${stalledMs} ms`)));
	};
	const keep = async (living: Living) => {
		// A server may be stopped just after it has taken them up.
		await living.sandbox.whenReady(stalled.signal);
		// What is too large, or stands beside kept files that could not be brought back, will be so for the next server too: it does not wait.
		const { failed } = await homeSync.last(living.sandbox);
		if (!failed) kept.add(living);
	};
	goOn();
	try {
		await untilAborted(Promise.allSettled(claimed.map((living) => keep(living).finally(goOn))), stalled.signal);
	} catch (error) {
		if (!(error instanceof DeadlinePassed)) throw error;
		log.warn({ err: error }, 'not every home could be kept in time');
	} finally {
		cancel();
	}
	const left = claimed.filter((living) => !kept.has(living));
	const holding = await Promise.all(left.map((living) => holdsFiles(living, provisioner)));
	const unkept = left.filter((_, i) => holding[i]);
	for (const { sandbox } of unkept) log.warn({ sandbox: sandbox.name }, 'its files could not be kept: it goes on, for the next server');
	return unkept;
}

/** One that has ended by itself holds nothing. An engine that does not answer says nothing of it. */
async function holdsFiles({ sandbox }: Living, provisioner: KeepAllParts['provisioner']): Promise<boolean> {
	return provisioner.find(sandbox.name) !== undefined && !(await provisioner.stopped(sandbox.name).catch(() => false));
}
