/** A learner's work of one course as one archive: what is in it, and how long it may take to read. */
import { Readable } from 'node:stream';
import type { Course } from '../../src/shared/course.ts';
import { PublicError } from '../../src/shared/errors.ts';
import type { Language } from '../../src/shared/language.ts';
import type { Homes } from '../homes/homes.ts';
import { deedsArchive } from '../homes/take-home.ts';
import type { LearnerRow } from '../store/store.ts';
import type { Transcripts } from '../transcripts/transcripts.ts';
import type { Bench } from './bench.ts';
import type { SandboxDeps } from './deps.ts';
import type { Keeper } from './keeper.ts';

/** For reading it, ms: a whole home on a slow line. */
const takingMs = 10 * 60_000;

interface TakingParts {
	deps: SandboxDeps;
	/** undefined: nothing is kept from one sandbox to the next. */
	homes: Homes | undefined;
	keeper: Keeper | undefined;
	transcripts: Transcripts;
	/** Aborts when the server stops. */
	closing: AbortSignal;
}

interface Taken {
	learner: LearnerRow;
	course: Course;
	language: Language;
	/** Where the files are; undefined: as they were kept. */
	bench: Bench | undefined;
}

export class TakingHome {
	readonly #parts: TakingParts;
	/** Learners whose work is being packed, or read: one at a time for each. */
	readonly #taking = new Set<string>();

	constructor(parts: TakingParts) {
		this.#parts = parts;
	}

	/** @throws PublicError sandbox-busy, home-not-kept */
	async take({ learner, course, language, bench }: Taken): Promise<Readable> {
		const { homes, keeper, transcripts } = this.#parts;
		const { store, clock, log } = this.#parts.deps;
		if (this.#taking.has(learner.id)) throw new PublicError('sandbox-busy', 'its files are being kept');
		this.#taking.add(learner.id);
		try {
			const kept = bench ? undefined : homes?.kept(learner, course);
			const files = bench ? await keeper?.takeHome(bench) : kept && (await homes?.read(kept));
			if (bench) await keeper?.record(bench);
			const now = clock.now();
			const deeds = await deedsArchive(
				{
					course,
					language,
					commands: store.history(learner.id, course.slug),
					steps: store.steps(learner.id, course.slug),
					files: files && (kept?.saved ?? now),
					leftOut: kept?.leftOut ?? [],
					transcripts: await transcripts.read(learner, course),
					now,
				},
				files !== undefined,
			);
			return this.#handedOver(Readable.from(inOrder(deeds, files?.stream), { objectMode: false }), learner, files?.stream);
		} catch (cause) {
			this.#taking.delete(learner.id);
			if (cause instanceof PublicError) throw cause;
			log.warn({ learner: learner.name, course: course.slug, err: cause }, 'a home could not be taken');
			throw new PublicError('home-not-kept', 'to be taken home', { cause });
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
