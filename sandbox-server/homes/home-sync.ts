/** When learners' files are kept and brought back, and what learners are told of it. How that is done is in homes/. */
import { fillText } from '../../src/shared/fill.ts';
import type { Text } from '../../src/shared/language.ts';
import { type NoticeCode, notices } from '../../src/shared/protocol/notices.ts';
import { DeadlinePassed, withDeadline } from '../platform/deadline.ts';
import { isDiskFull } from '../platform/disk-full.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import type { SandboxDeps } from '../sandboxes/sandbox-deps.ts';
import type { Transcripts } from '../transcripts/transcripts.ts';
import { HomeFailed, NoRoomForHome } from './failures.ts';
import type { Homes, Saved } from './homes.ts';
import type { OpenFile } from './passing.ts';

/** How often the files of a sandbox that is used are kept, ms. */
const everyMs = 5 * 60_000;
/** The last time, before a sandbox goes, may take so long once it is its turn, ms. */
const lastMs = 30_000;
/** So long files wait for what the terminals showed to be recorded, ms. */
const recordMs = 10_000;

interface Keeping {
	/** When the files were last kept, or the learner got the sandbox, ms. */
	at: number;
	running: { abort: AbortController; done: Promise<void> } | undefined;
	/** Ends the packing of what is being taken home: the sandbox goes. */
	taking: AbortController;
	/** The last notice: the same again is no news. */
	told: string;
	/** What was too large at the last keeping, in words; '': nothing. */
	unkept: string;
	/** The kept files could not be brought back: what is in the sandbox must not take their place. */
	apart: boolean;
}

/** Why nothing could be kept: the server's disk is full, homes have no room there, or for what goes on in the sandbox. */
export type KeepFailure = 'disk' | 'room' | 'sandbox';

/** How the last keeping went. */
export interface Last {
	/** What its learner has to know of it; undefined: everything is kept. */
	loss?: Text;
	/** What is not kept, in words; "~": the whole home. */
	unkept?: string;
	failed?: KeepFailure;
}

export interface HomeSyncParts {
	homes: Homes;
	transcripts: Transcripts;
	tell: (sandbox: Sandbox, code: NoticeCode, values: Record<string, string>) => void;
}

export class HomeSync {
	readonly #deps: SandboxDeps;
	readonly #homes: Homes;
	readonly #transcripts: Transcripts;
	readonly #tell: (sandbox: Sandbox, code: NoticeCode, values: Record<string, string>) => void;
	readonly #keepings = new WeakMap<Sandbox, Keeping>();

	constructor(deps: SandboxDeps, { homes, transcripts, tell }: HomeSyncParts) {
		this.#transcripts = transcripts;
		this.#deps = deps;
		this.#homes = homes;
		this.#tell = tell;
	}

	#of(sandbox: Sandbox): Keeping {
		let keeping = this.#keepings.get(sandbox);
		if (!keeping) {
			keeping = {
				at: sandbox.claimed ?? this.#deps.clock.now(),
				running: undefined,
				taking: new AbortController(),
				told: '',
				unkept: '',
				apart: this.#homes.isApart(sandbox.name),
			};
			this.#keepings.set(sandbox, keeping);
		}
		return keeping;
	}

	/** Brings the learner's files back. Files that cannot be brought back are told, and stay as they are. @throws AgentGone, the signal's reason */
	async resume(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
		const keeping = this.#of(sandbox);
		try {
			await this.#homes.resume(sandbox.source(), signal);
		} catch (error) {
			if (!(error instanceof HomeFailed) || signal.aborted) throw error;
			keeping.apart = true;
			this.#homes.setApart(sandbox.name);
			this.#deps.log.warn({ sandbox: sandbox.name, err: error }, 'a kept home could not be brought back');
			this.#tell(sandbox, 'home-not-restored', {});
		}
	}

	/** Keeps the files now and then; the work under way, if it was time. */
	tick(sandbox: Sandbox, closing: AbortSignal): Promise<void> | undefined {
		const keeping = this.#of(sandbox);
		const now = this.#deps.clock.now();
		if (!sandbox.used || !sandbox.ready || keeping.running || keeping.apart || now - keeping.at < everyMs) return undefined;
		const abort = new AbortController();
		const signal = AbortSignal.any([abort.signal, closing]);
		const done = this.#save(sandbox, signal).then(
			() => this.#news(sandbox),
			(error: unknown) => {
				if (!signal.aborted) this.#deps.log.warn({ sandbox: sandbox.name, err: error }, 'a home could not be kept; it is tried again');
			},
		);
		keeping.running = { abort, done: done.finally(() => (keeping.running = undefined)) };
		return keeping.running.done;
	}

	/** What is being kept at this moment is not wanted any more. Resolves when it has been given up. */
	async drop(sandbox: Sandbox): Promise<void> {
		const { running } = this.#of(sandbox);
		running?.abort.abort();
		await running?.done;
	}

	/** For the last time, before the sandbox goes. */
	async last(sandbox: Sandbox): Promise<Last> {
		await this.drop(sandbox);
		const keeping = this.#of(sandbox);
		keeping.taking.abort();
		keeping.taking = new AbortController();
		if (keeping.apart) return sandbox.used ? { loss: notices['home-not-kept'], unkept: everything } : {};
		if (!sandbox.used) return tooLarge(keeping.unkept);
		try {
			await this.#save(sandbox, new AbortController().signal, lastMs);
			return tooLarge(keeping.unkept);
		} catch (error) {
			const expected = error instanceof Error && (error instanceof HomeFailed || error instanceof DeadlinePassed);
			this.#deps.log.warn({ sandbox: sandbox.name, err: error, expected }, 'the last state of a home could not be kept');
			return {
				loss: notices['home-not-kept'],
				unkept: everything,
				failed: failureOf(error),
			};
		}
	}

	/** What the terminals have shown. A learner's work is worth more than its record: what goes wrong with this is told in the log alone. */
	async record(sandbox: Sandbox, signal?: AbortSignal): Promise<void> {
		const { learner: owner, course } = sandbox;
		if (!owner || !sandbox.ready) return;
		try {
			await this.#transcripts.keep({ owner, course }, sandbox.name, sandbox.recorded(), signal);
		} catch (error) {
			if (!signal?.aborted) this.#deps.log.warn({ sandbox: sandbox.name, err: error }, 'what the terminals showed could not be kept');
		}
	}

	/** The files as they are now, whatever their size, for taking home. @throws Refusal sandbox-busy; HomeFailed, AgentGone */
	async takeHome(sandbox: Sandbox): Promise<OpenFile> {
		const { signal } = this.#of(sandbox).taking;
		return await this.#homes.snapshot(sandbox.source(), sandbox.course.settings.limits.home.size, signal);
	}

	async #save(sandbox: Sandbox, signal: AbortSignal, ms?: number): Promise<void> {
		const keeping = this.#of(sandbox);
		keeping.at = this.#deps.clock.now();
		sandbox.used = false;
		try {
			await this.recordInTime(sandbox, signal);
			const saved = await this.#homes.save(sandbox.source(), signal, ms);
			keeping.unkept = names(saved);
			this.#deps.log.info({ sandbox: sandbox.name, kept: saved.kept }, 'home');
		} catch (error) {
			sandbox.used = true;
			throw error;
		}
	}

	/** What waits for the record is worth more: it waits so long, whoever else is being recorded, and no longer. @throws the signal's reason */
	async recordInTime(sandbox: Sandbox, outer?: AbortSignal): Promise<void> {
		const bounds = { clock: this.#deps.clock, ms: recordMs, outer };
		await withDeadline(bounds, (signal) => this.record(sandbox, signal)).catch((error: unknown) => {
			if (!(error instanceof DeadlinePassed)) throw error;
			this.#deps.log.warn({ sandbox: sandbox.name }, 'what the terminals showed was not kept in time');
		});
	}

	#news(sandbox: Sandbox): void {
		const keeping = this.#of(sandbox);
		if (keeping.unkept !== '' && keeping.unkept !== keeping.told) this.#tell(sandbox, 'home-too-large', { files: keeping.unkept });
		keeping.told = keeping.unkept;
	}
}

function failureOf(error: unknown): KeepFailure {
	if (isDiskFull(error)) return 'disk';
	return error instanceof NoRoomForHome ? 'room' : 'sandbox';
}

/** The whole home, as what is not kept. */
export const everything = '~';

/** How it ends where homes are not kept at all. */
export function nothingKept(sandbox: Pick<Sandbox, 'used'>): Last {
	return sandbox.used ? { unkept: everything } : {};
}

function tooLarge(files: string): Last {
	return files === '' ? {} : { loss: fillText(notices['home-too-large'], { files }), unkept: files };
}

/** What was not kept, in words; '': nothing. */
function names(saved: Saved): string {
	if (saved.kept === 'all') return '';
	const list = saved.leftOut.map(({ path, bytes }) => `${path} (${Math.round(bytes / 2 ** 20)} MiB)`);
	return list.length > 0 ? list.join(', ') : everything;
}
