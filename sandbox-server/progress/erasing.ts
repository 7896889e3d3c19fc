/** One person is erased: what they have and what is known of them, in the store and in the data folder. */
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { erasePersonFiles } from '../homes/person-files.ts';
import type { ErasedLabs } from '../labs/ports.ts';
import type { Log } from '../platform/log.ts';
import type { ErasingRows } from '../store/erasing.ts';
import type { LearnerRow } from '../store/people.ts';
import type { Rooms } from '../store/rooms.ts';
import type { SandboxRow } from '../store/store.ts';

interface ErasingDeps {
	store: { erasing: ErasingRows; rooms: Rooms; sandboxes(): SandboxRow[] };
	labs: ErasedLabs;
	data: string;
	/** Their images in the registry, by their public name. */
	removeImages: (name: string) => Promise<void>;
	/** They are gone: their pages are closed, and rooms that they were in are told. */
	gone?: (learner: LearnerRow) => void;
	log?: Log;
}

export class Erasing {
	readonly #deps: ErasingDeps;
	#compact = false;

	constructor(deps: ErasingDeps) {
		this.#deps = deps;
	}

	/**
	 * @param end what they have open is ended, and nothing of it kept
	 * @throws Refusal in-use, sandbox-busy, engine-away: then nothing is erased; Error: all is but some files, which it names
	 */
	async erase(learner: LearnerRow, { end }: { end: boolean }): Promise<void> {
		const { store, labs, data, removeImages, gone, log } = this.#deps;
		if (!end && labs.isUsed(learner)) throw new Refusal('in-use', learner.name);
		await labs.clear(learner);
		// A page of theirs may have begun anew meanwhile. From here to the end of what is stored nothing else has its turn.
		if (store.sandboxes().some((one) => one.learner === learner.id)) throw new Refusal('sandbox-busy', 'it is not gone yet');
		store.erasing.erase(learner.id);
		labs.forget(learner);
		gone?.(learner);
		this.#compact = true;
		try {
			await erasePersonFiles(data, learner.name);
			await removeImages(learner.name);
		} catch (cause) {
			throw new Error(`${learner.name} is erased, but some files are left: ${String(cause)}`, { cause });
		}
		log?.info({}, 'a person was erased');
	}

	/** Writes the store anew if somebody was erased since: now and then, as it takes a moment in which nothing else is done. */
	tidy(): void {
		if (!this.#compact) return;
		try {
			this.#deps.store.erasing.compact();
			this.#compact = false;
		} catch (error) {
			// A full disk, or somebody else who writes: it comes again.
			this.#deps.log?.warn({ err: error }, 'the store could not be written anew after somebody was erased');
		}
	}
}
