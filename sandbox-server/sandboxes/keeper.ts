/** When learners' files are kept and brought back, and what learners are told of it. How that is done is in homes/. */
import type { Readable } from 'node:stream';
import { type ErrorCode, errorText } from '../../src/shared/errors.ts';
import type { Text } from '../../src/shared/language.ts';
import { HomeFailed, type Homes, type Saved } from '../homes/homes.ts';
import type { Transcripts } from '../transcripts/transcripts.ts';
import type { Bench } from './bench.ts';
import { DeadlinePassed, withDeadline } from './clock.ts';
import type { SandboxDeps } from './deps.ts';

/** How often the files of a sandbox that is used are kept, ms. */
const everyMs = 5 * 60_000;
/** Reading what terminals have shown, of all terminals of a sandbox, ms. */
const recordMs = 10_000;
/** The last time, before a sandbox goes, may take so long, ms. */
const lastMs = 30_000;

interface Keeping {
	/** When the files were last kept, or the learner got the sandbox, ms. */
	at: number;
	running: { abort: AbortController; done: Promise<void> } | undefined;
	/** The last notice: the same again is no news. */
	told: string;
	/** The kept files could not be brought back: what is in the sandbox must not take their place. */
	apart: boolean;
}

export interface KeeperParts {
	homes: Homes;
	transcripts: Transcripts;
	tell: (bench: Bench, code: ErrorCode, values: Record<string, string>) => void;
}

export class Keeper {
	readonly #deps: SandboxDeps;
	readonly #homes: Homes;
	readonly #transcripts: Transcripts;
	readonly #tell: (bench: Bench, code: ErrorCode, values: Record<string, string>) => void;
	readonly #keepings = new WeakMap<Bench, Keeping>();

	constructor(deps: SandboxDeps, { homes, transcripts, tell }: KeeperParts) {
		this.#transcripts = transcripts;
		this.#deps = deps;
		this.#homes = homes;
		this.#tell = tell;
	}

	#of(bench: Bench): Keeping {
		let keeping = this.#keepings.get(bench);
		if (!keeping) {
			keeping = { at: bench.claimed ?? this.#deps.clock.now(), running: undefined, told: '', apart: false };
			this.#keepings.set(bench, keeping);
		}
		return keeping;
	}

	/** Brings the learner's files back. Files that cannot be brought back are told, and stay as they are. @throws HolderGone, the signal's reason */
	async resume(bench: Bench, signal: AbortSignal): Promise<void> {
		const keeping = this.#of(bench);
		try {
			await this.#homes.resume(bench.tenant(), signal);
		} catch (error) {
			if (!(error instanceof HomeFailed) || signal.aborted) throw error;
			keeping.apart = true;
			this.#deps.log.warn({ sandbox: bench.name, err: error }, 'a kept home could not be brought back');
			this.#tell(bench, 'home-not-restored', {});
		}
	}

	/** Keeps the files now and then; the work under way, if it was time. */
	tick(bench: Bench, closing: AbortSignal): Promise<void> | undefined {
		const keeping = this.#of(bench);
		const now = this.#deps.clock.now();
		if (!bench.used || !bench.ready || keeping.running || keeping.apart || now - keeping.at < everyMs) return undefined;
		const abort = new AbortController();
		const signal = AbortSignal.any([abort.signal, closing]);
		const done = this.#save(bench, signal).then(
			(saved) => this.#news(bench, saved),
			(error: unknown) => {
				if (!signal.aborted) this.#deps.log.warn({ sandbox: bench.name, err: error }, 'a home could not be kept; it is tried again');
			},
		);
		keeping.running = { abort, done: done.finally(() => (keeping.running = undefined)) };
		return keeping.running.done;
	}

	/** For the last time, before the sandbox goes. @returns what its learner has to know of it; undefined: everything is kept */
	async last(bench: Bench): Promise<Text | undefined> {
		const keeping = this.#of(bench);
		keeping.running?.abort.abort();
		await keeping.running?.done;
		if (!bench.used || keeping.apart) return undefined;
		try {
			const saved = await withDeadline({ clock: this.#deps.clock, ms: lastMs }, (signal) => this.#save(bench, signal));
			const files = names(saved);
			return files === undefined ? undefined : sentence('home-too-large', { files });
		} catch (error) {
			const expected = error instanceof Error && (error instanceof HomeFailed || error instanceof DeadlinePassed);
			this.#deps.log.warn({ sandbox: bench.name, err: error, expected }, 'the last state of a home could not be kept');
			return sentence('home-not-kept', {});
		}
	}

	/** What the terminals have shown. A learner's work is worth more than its record: what goes wrong with this is told in the log alone. */
	async record(bench: Bench, signal?: AbortSignal): Promise<void> {
		if (!bench.learner || !bench.ready) return;
		try {
			await withDeadline({ clock: this.#deps.clock, ms: recordMs, outer: signal }, async (deadline) => {
				if (bench.learner) await this.#transcripts.keep(bench.name, bench.learner, bench.course, bench.recorded(deadline));
			});
		} catch (error) {
			if (!signal?.aborted) this.#deps.log.warn({ sandbox: bench.name, err: error }, 'what the terminals showed could not be kept');
		}
	}

	/** The files as they are now, whatever their size, for taking home. @throws PublicError sandbox-busy; HomeFailed, HolderGone */
	async takeHome(bench: Bench): Promise<{ bytes: number; stream: Readable }> {
		return await this.#homes.snapshot(bench.tenant(), bench.course.settings.limits.home.size);
	}

	async #save(bench: Bench, signal: AbortSignal): Promise<Saved> {
		const keeping = this.#of(bench);
		keeping.at = this.#deps.clock.now();
		bench.used = false;
		try {
			await this.record(bench, signal);
			const saved = await this.#homes.save(bench.tenant(), signal);
			this.#deps.log.info({ sandbox: bench.name, kept: saved.kept }, 'home');
			return saved;
		} catch (error) {
			bench.used = true;
			throw error;
		}
	}

	#news(bench: Bench, saved: Saved): void {
		const files = names(saved);
		const keeping = this.#of(bench);
		if (files !== undefined && files !== keeping.told) this.#tell(bench, 'home-too-large', { files });
		keeping.told = files ?? '';
	}
}

function sentence(code: ErrorCode, values: Record<string, string>): Text {
	return { fr: errorText(code, 'fr', values), en: errorText(code, 'en', values) };
}

/** What was not kept, in words; undefined: nothing. */
function names(saved: Saved): string | undefined {
	if (saved.kept === 'all') return undefined;
	const list = saved.leftOut.map(({ path, bytes }) => `${path} (${Math.round(bytes / 2 ** 20)} MiB)`);
	return list.length > 0 ? list.join(', ') : '~';
}
