/** Unsaved texts, kept in this browser until they are saved or given up: they outlive a reload, and a server that is away. */
import type { Draft, OpenFile } from './open-file.ts';

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

export class Drafts {
	readonly #store: () => Store;
	readonly #prefix: string;

	/** @param owner whose they are, such as "learner-7f3a9c course/lesson"; @param store may throw: storage can be forbidden */
	constructor(owner: string, store: () => Store = () => localStorage) {
		this.#store = store;
		this.#prefix = `etabli-draft ${owner} `;
	}

	/** By path. */
	all(): Draft[] {
		try {
			const store = this.#store();
			const keys = Array.from({ length: store.length }, (_, index) => store.key(index) ?? '').filter((key) => key.startsWith(this.#prefix));
			return keys.sort().flatMap((key) => this.#read(store, key));
		} catch {
			// Forbidden: then there are none.
			return [];
		}
	}

	/** Keeps the file's text while it is unsaved, and forgets it otherwise. @returns false: the browser does not keep it */
	keep({ path, draft }: Pick<OpenFile, 'path' | 'draft'>): boolean {
		try {
			const store = this.#store();
			if (draft) store.setItem(this.#prefix + path, JSON.stringify({ text: draft.text, mark: draft.mark }));
			else store.removeItem(this.#prefix + path);
			return true;
		} catch {
			// Forbidden, or full.
			return !draft;
		}
	}

	#read(store: Store, key: string): Draft[] {
		try {
			const { text, mark } = JSON.parse(store.getItem(key) ?? '') as Partial<Draft>;
			return typeof text === 'string' && typeof mark === 'string' ? [{ path: key.slice(this.#prefix.length), text, mark }] : [];
		} catch {
			// Not one of ours.
			return [];
		}
	}
}
