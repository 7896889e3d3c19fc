/** The tab of the files in the dock: what a lesson page has of the editor before it is opened. */
import type { Strings } from '../../i18n/fr.ts';
import type { Api } from '../api.ts';
import { filesTouched } from '../files/files-touched.ts';
import { Drafts } from './drafts.ts';
import type { FilesPanel } from './files-panel.ts';

interface FilesTabParts {
	frame: HTMLElement;
	/** Where the panel goes. */
	place: HTMLElement;
	t: Strings;
	api: Api;
	/** Whose unsaved texts they are, on a browser that several people use. */
	learner: string;
	/** What the dock shows of it may have changed. */
	changed(): void;
	leave(back: boolean): void;
	failed(sentence: string): void;
}

export class FilesTab {
	readonly #parts: FilesTabParts;
	readonly #drafts: Drafts;
	#panel: Promise<FilesPanel> | undefined;
	#loaded: FilesPanel | undefined;
	#chosen = false;
	#available = false;
	#unsaved: boolean;

	constructor(parts: FilesTabParts) {
		this.#parts = parts;
		const { course, lesson } = parts.frame.dataset;
		this.#drafts = new Drafts(`${parts.learner} ${course}/${lesson}`);
		this.#unsaved = this.#drafts.all().length > 0;
		parts.frame.addEventListener(filesTouched, () => this.#refresh());
		addEventListener('focus', () => this.#refresh());
		document.addEventListener('visibilitychange', () => this.#refresh());
	}

	/** It is in sight, in the terminals' place. */
	get shown(): boolean {
		return this.#chosen && this.#available;
	}

	/** Something is written nowhere but in this browser. */
	get unsaved(): boolean {
		return this.#unsaved;
	}

	/** Brings it in sight; loads it first. */
	async choose(): Promise<FilesPanel | undefined> {
		this.#chosen = true;
		this.#show();
		try {
			const panel = await this.#load();
			await panel.refresh();
			return panel;
		} catch {
			// Its code could not be loaded: the next press tries again.
			this.#panel = undefined;
			this.putAside();
			this.#parts.failed(this.#parts.t.filesFailed);
			return undefined;
		}
	}

	/** A terminal is chosen. */
	putAside(): void {
		this.#chosen = false;
		this.#show();
	}

	/** @param available there is a lab whose files they are */
	setAvailable(available: boolean): void {
		if (available === this.#available) return;
		this.#available = available;
		this.#show();
		this.#refresh();
	}

	/** @param line from 1 */
	async open(path: string, line: number | undefined): Promise<boolean> {
		return (await (await this.choose())?.open(path, { line })) ?? false;
	}

	search(): void {
		this.#loaded?.search();
	}

	#load(): Promise<FilesPanel> {
		this.#panel ??= this.#make();
		return this.#panel;
	}

	async #make(): Promise<FilesPanel> {
		const { t, api, place, leave, changed } = this.#parts;
		const english = t.locale.startsWith('en');
		const [{ FilesPanel }, e] = await Promise.all([
			import('./files-panel.ts'),
			english
				? import('../../i18n/editor-en.ts').then(({ editorEn }) => editorEn)
				: import('../../i18n/editor-fr.ts').then(({ editorFr }) => editorFr),
		]);
		const news = () => {
			this.#unsaved = this.#loaded?.unsaved ?? this.#unsaved;
			changed();
		};
		const panel = new FilesPanel({ t, e, api, drafts: this.#drafts, changed: news, leave });
		place.append(panel.element);
		await panel.restore();
		this.#loaded = panel;
		this.#show();
		return panel;
	}

	#refresh(): void {
		if (this.shown && !document.hidden) void this.#loaded?.refresh();
	}

	#show(): void {
		if (this.#loaded) {
			this.#loaded.element.hidden = !this.shown;
			this.#unsaved = this.#loaded.unsaved;
		}
		this.#parts.changed();
	}
}
