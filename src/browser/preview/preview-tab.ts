/** The tab of a program's web page: what a lesson page has of it before the first is opened. */
import type { Strings } from '../../i18n/fr.ts';
import type { Api } from '../api.ts';
import type { GuestTab } from '../terminal/terminals.ts';
import type { PreviewPanel } from './preview-panel.ts';

interface PreviewTabParts {
	t: Strings;
	api: Api;
	/** Puts it beside the terminals, in sight or not; undefined: there is none any more. */
	place(tab: GuestTab | undefined): void;
	/** Brings it into sight. */
	show(): void;
	failed(sentence: string): void;
}

export class PreviewTab {
	readonly #parts: PreviewTabParts;
	#panel: PreviewPanel | undefined;
	#loading: Promise<PreviewPanel> | undefined;

	constructor(parts: PreviewTabParts) {
		this.#parts = parts;
	}

	/** @param where what is shown; undefined: the learner says it there */
	async open(where?: { port: number; path: string }): Promise<void> {
		this.#loading ??= this.#load();
		let panel: PreviewPanel;
		try {
			panel = await this.#loading;
		} catch {
			// Its code could not be loaded: the next press tries again.
			this.#loading = undefined;
			return this.#parts.failed(this.#parts.t.loadFailed);
		}
		if (this.#panel !== panel) {
			this.#panel = panel;
			this.#parts.place(panel);
		}
		this.#parts.show();
		if (where) await panel.open(where);
		else panel.ask();
	}

	/** The sandbox is gone, or the learner does not want it any more. */
	close(): void {
		if (!this.#panel) return;
		const panel = this.#panel;
		this.#panel = undefined;
		this.#loading = undefined;
		this.#parts.place(undefined);
		panel.element.remove();
	}

	async #load(): Promise<PreviewPanel> {
		const { t, api } = this.#parts;
		const [{ PreviewPanel }, strings] = await Promise.all([
			import('./preview-panel.ts'),
			t.locale.startsWith('en')
				? import('../../i18n/preview-en.ts').then(({ previewEn }) => previewEn)
				: import('../../i18n/preview-fr.ts').then(({ previewFr }) => previewFr),
		]);
		return new PreviewPanel({ t: strings, address: (where) => api.preview(where), close: () => this.close() });
	}
}
