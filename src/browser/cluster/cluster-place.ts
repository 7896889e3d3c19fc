/** Where the strip of a learner's cluster stands: what a lesson page has of it before there is one. */
import type { Strings } from '../../i18n/fr.ts';
import type { ClusterStrip } from './cluster-strip.ts';

interface ClusterPlaceParts {
	t: Strings;
	/** What it stands under. */
	above: HTMLElement;
	announce(sentence: string): void;
	failed(sentence: string): void;
}

export class ClusterPlace {
	readonly #parts: ClusterPlaceParts;
	#loading: Promise<ClusterStrip> | undefined;
	/** As the server told it last; undefined: there is no cluster to be seen. */
	#state: unknown;

	constructor(parts: ClusterPlaceParts) {
		this.#parts = parts;
	}

	/** How the cluster stands. Its code and its words come with the first. */
	async take(state: unknown): Promise<void> {
		this.#state = state;
		this.#loading ??= this.#load();
		try {
			const strip = await this.#loading;
			// By now the sandbox may be gone.
			if (this.#state === undefined) return;
			strip.take(this.#state);
			if (!strip.element.isConnected) this.#parts.above.after(strip.element);
		} catch {
			// Its code could not be loaded: the next change tries again.
			this.#loading = undefined;
			this.#parts.failed(this.#parts.t.loadFailed);
		}
	}

	/** The sandbox is gone, or not ready. */
	clear(): void {
		if (this.#state === undefined) return;
		this.#state = undefined;
		const loaded = this.#loading;
		this.#loading = undefined;
		void loaded?.then((strip) => strip.element.remove()).catch(() => undefined); // Then there is none to be taken away.
	}

	async #load(): Promise<ClusterStrip> {
		const { t, announce } = this.#parts;
		const [{ ClusterStrip }, strings] = await Promise.all([
			import('./cluster-strip.ts'),
			t.locale.startsWith('en')
				? import('../../i18n/cluster-en.ts').then(({ clusterEn }) => clusterEn)
				: import('../../i18n/cluster-fr.ts').then(({ clusterFr }) => clusterFr),
		]);
		return new ClusterStrip({ t: strings, announce });
	}
}
