/** How labs lose their sandboxes: put away on purpose, or ended by themselves. */
import type { Text } from '../../src/shared/language.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { type HomeSync, type KeepFailure, type Last, nothingKept } from '../homes/home-sync.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import type { SandboxDeps } from '../sandboxes/sandbox-deps.ts';
import type { Transcripts } from '../transcripts/transcripts.ts';
import { isAway } from './ask.ts';
import type { EndCause } from './events.ts';
import type { LabBook } from './lab-book.ts';
import type { LabRecord } from './lab-record.ts';
import type { Living, Provisioner } from './provisioner.ts';
import type { Scheduler } from './scheduler.ts';
import type { Tasks } from './tasks.ts';

/** Who has opened no terminal for so long may have put files there from the page: the end of that sandbox is told, ms. */
const unseenMs = 30_000;

/** How long a sandbox whose time is over waits for its files to be kept, ms. */
const waitMs = { disk: 24 * 3600_000, room: 24 * 3600_000, sandbox: 10 * 60_000 };
/** The same, ms, while others wait for its place, who could be served: homes without room must not take the workbenches too. */
const queuedWaitMs = { ...waitMs, room: waitMs.sandbox };
/** From one try to the next, ms. */
const retryMs = 60_000;

export interface EndingParts {
	deps: SandboxDeps;
	book: LabBook;
	provisioner: Provisioner;
	scheduler: Scheduler;
	tasks: Tasks;
	engine: { lost(error: unknown): void };
	/** undefined: nothing is kept from one sandbox to the next. */
	homeSync: HomeSync | undefined;
	transcripts: Transcripts;
}

export class Endings {
	readonly #parts: EndingParts;

	constructor(parts: EndingParts) {
		this.#parts = parts;
	}

	/**
	 * Puts the lab's sandbox away, its learner's files kept unless the cause is 'afresh'; done when it has none. To be called as an operation
	 * of the lab; the caller decides who has the room. `ask`: not when something cannot be kept.
	 * @throws Refusal engine-away, files-unkept: then it stays
	 */
	async putAway(lab: LabRecord, { cause, why, ask = false }: { cause: EndCause; why?: Text; ask?: boolean }): Promise<void> {
		const { book, provisioner, homeSync, transcripts, engine } = this.#parts;
		const living = lab.state === 'live' && lab.sandbox && provisioner.find(lab.sandbox.name);
		if (!living) return;
		lab.go('stopping');
		book.changed(lab);
		try {
			if (cause === 'afresh') await homeSync?.drop(living.sandbox);
			const { loss, unkept, failed } = cause === 'afresh' ? {} : await this.#last(living.sandbox);
			if (ask && unkept !== undefined) throw new Refusal('files-unkept', living.sandbox.name, { values: { files: unkept } });
			if (failed && this.#waits(lab, { cause, failed })) {
				lab.go('live');
				return book.changed(lab);
			}
			await provisioner.end(living);
			transcripts.forgetSandbox(living.sandbox.name);
			book.vacate(lab, 'none', together(why, loss));
			book.emit('ended', lab, cause);
		} catch (error) {
			lab.go('live');
			book.changed(lab);
			if (!isAway(error)) throw error;
			engine.lost(error);
			throw new Refusal('engine-away', 'while a sandbox was being ended', { cause: error });
		}
	}

	/** Keeps the learner's files for the last time. */
	async #last(sandbox: Sandbox): Promise<Last> {
		const { homeSync } = this.#parts;
		return homeSync ? await homeSync.last(sandbox) : nothingKept(sandbox);
	}

	/**
	 * Its files could not be kept, and nobody has asked for its end: it keeps them itself until they can be, within bounds. Its learner and the
	 * operator are told once.
	 */
	#waits(lab: LabRecord, { cause, failed }: { cause: EndCause; failed: KeepFailure }): boolean {
		const now = this.#parts.deps.clock.now();
		const since = lab.unkept?.since ?? now;
		const most = this.#parts.scheduler.length > 0 ? queuedWaitMs : waitMs;
		if (cause === 'asked' || now - since >= most[failed]) return false;
		if (!lab.unkept) this.#parts.book.emit('notice', lab, 'home-not-kept', {});
		lab.unkept = { since, retryAt: now + retryMs };
		return true;
	}

	/** It does not run any more, and nobody here had asked for that. @param sign by which that is known, for the log */
	lose(living: Living, why: Text, sign: string): void {
		const { deps, book, provisioner, scheduler, tasks, transcripts } = this.#parts;
		const { sandbox } = living;
		const lab = book.having(sandbox);
		// It is being put away: that goes on.
		if (lab?.state === 'stopping' || provisioner.find(sandbox.name) !== living) return;
		deps.log.warn({ sandbox: sandbox.name, sign }, 'the sandbox ended by itself');
		tasks.run(() => provisioner.bury(living).finally(() => scheduler.pump()));
		transcripts.forgetSandbox(sandbox.name);
		if (lab?.promised?.pool && deps.clock.now() - lab.promised.asked < unseenMs) {
			// Its learner has not seen a prompt yet: as if it had never been claimed.
			lab.asked = lab.promised.asked;
			scheduler.again(lab);
			scheduler.pump();
			book.changed(lab);
		} else if (lab) {
			book.vacate(lab, 'lost', why);
			book.emit('ended', lab, 'lost');
		}
		scheduler.pump();
	}
}

/** One text after the other. */
function together(...texts: (Text | undefined)[]): Text | undefined {
	const given = texts.filter((text) => text !== undefined);
	if (given.length === 0) return undefined;
	return { fr: given.map(({ fr }) => fr).join(' '), en: given.map(({ en }) => en).join(' ') };
}
