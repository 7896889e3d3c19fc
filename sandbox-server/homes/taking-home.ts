/** A learner's work of one course as one archive: what is in it, and how long it may take to read. */
import { Readable } from 'node:stream';
import type { Language } from '../../src/shared/language.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import type { SandboxDeps } from '../sandboxes/sandbox-deps.ts';
import { keyOf, type LearnerRow, nameOf, type Owned } from '../store/store.ts';
import type { Transcripts } from '../transcripts/transcripts.ts';
import { TooManyPassing } from './failures.ts';
import type { HomeSync } from './home-sync.ts';
import type { Homes } from './homes.ts';
import type { OpenFile } from './passing.ts';
import { deedsArchive } from './take-home.ts';

/** For reading it, ms: a whole home on a slow line. */
const takingMs = 10 * 60_000;

interface TakingParts {
	deps: SandboxDeps;
	/** undefined: nothing is kept from one sandbox to the next. */
	homes: Homes | undefined;
	homeSync: HomeSync | undefined;
	transcripts: Transcripts;
	/** Aborts when the server stops. */
	closing: AbortSignal;
}

interface Taken {
	lab: Owned;
	language: Language;
	/** Where the files are; undefined: as they were kept. */
	sandbox: Sandbox | undefined;
}

export class TakingHome {
	readonly #parts: TakingParts;
	/** Learners whose work is being packed, or read: one at a time for each. */
	readonly #taking = new Set<string>();

	constructor(parts: TakingParts) {
		this.#parts = parts;
	}

	/** @throws Refusal sandbox-busy, home-not-kept, too-many */
	async take({ lab, language, sandbox }: Taken): Promise<Readable> {
		const { owner: learner, course } = lab;
		const { homes, homeSync, transcripts } = this.#parts;
		const { store, clock, log } = this.#parts.deps;
		if (this.#taking.has(learner.id)) throw new Refusal('sandbox-busy', 'its files are being kept');
		this.#taking.add(learner.id);
		let files: OpenFile | undefined;
		try {
			const kept = sandbox ? undefined : homes?.kept(lab);
			files = sandbox ? await homeSync?.takeHome(sandbox) : kept && (await homes?.read(kept));
			if (sandbox) await homeSync?.record(sandbox);
			const now = clock.now();
			const deeds = await deedsArchive(
				{
					course,
					language,
					commands: store.history(keyOf(lab)),
					steps: store.steps(keyOf(lab)),
					files: files && (kept?.saved ?? now),
					leftOut: kept?.leftOut ?? [],
					transcripts: await transcripts.read(lab),
					recordings: await transcripts.recordings(lab),
					now,
				},
				files !== undefined,
			);
			return this.#handedOver(Readable.from(inOrder(deeds, files?.stream), { objectMode: false }), learner, files?.stream);
		} catch (cause) {
			this.#taking.delete(learner.id);
			files?.stream.destroy();
			if (cause instanceof Refusal) throw cause;
			log.warn({ ...nameOf(lab), err: cause }, 'a home could not be taken');
			if (cause instanceof TooManyPassing) throw new Refusal('too-many', 'archives on their way', { cause });
			throw new Refusal('home-not-kept', 'to be taken home', { cause });
		}
	}

	/** Until it has been read, the file takes room on the disk: one for each learner, and not for ever. */
	#handedOver(archive: Readable, learner: LearnerRow, files: Readable | undefined): Readable {
		const { deps, closing } = this.#parts;
		const end = () => archive.destroy();
		const cancel = deps.clock.after(takingMs, end);
		closing.addEventListener('abort', end, { once: true });
		archive.once('close', () => {
			cancel();
			closing.removeEventListener('abort', end);
			files?.destroy();
			this.#taking.delete(learner.id);
		});
		return archive;
	}
}

async function* inOrder(first: Buffer, rest: Readable | undefined): AsyncIterable<Buffer> {
	yield first;
	if (rest) yield* rest as AsyncIterable<Buffer>;
}
