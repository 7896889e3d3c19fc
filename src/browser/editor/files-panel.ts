/** The files of the lesson in the dock: tree, open files, text. Loaded when it is first opened. What is unsaved is never given up without a question. */
import type { EditorStrings } from '../../i18n/editor-fr.ts';
import type { Strings } from '../../i18n/fr.ts';
import { filePathFault, maxGlanced } from '../../shared/course/placed-file.ts';
import { fill } from '../../shared/fill.ts';
import type { FilesReport } from '../../shared/protocol/api.ts';
import editorStyles from '../../styles/editor.css?inline';
import type { Api } from '../api.ts';
import { Refused } from '../ask.ts';
import { addStyles, announce } from '../dom.ts';
import { difference } from '../files/difference.ts';
import type { Drafts } from './drafts.ts';
import { FileTree } from './file-tree.ts';
import { type News, OpenFile } from './open-file.ts';
import { PanelView } from './panel-view.ts';
import { TextView } from './text-view.ts';

/** Each keeps its text and its history in memory. */
const mostOpen = 16;
/** A draft is kept once nothing has been typed for so long, ms. */
const pauseMs = 250;

interface Entry {
	file: OpenFile;
	/** It has been typed in since `file.text` was taken from the editor. */
	touched: boolean;
	/** Its text is kept in the browser, as far as it is unsaved. */
	kept: boolean;
	/** The newest sentence about it. */
	said: string;
}

export interface FilesPanelParts {
	t: Strings;
	e: EditorStrings;
	api: Pick<Api, 'lookAtFile' | 'writeFile' | 'glanceAtFiles'>;
	drafts: Drafts;
	/** Whether something is unsaved may have changed. */
	changed(): void;
	/** The keyboard leaves the editor. @param back to what stands before it */
	leave(back: boolean): void;
}

export class FilesPanel {
	readonly #parts: FilesPanelParts;
	readonly #view: PanelView;
	readonly #tree: FileTree;
	readonly #text: TextView;
	readonly #files = new Map<string, Entry>();
	#current = '';
	/** The server is asked one thing at a time, in the order in which it was wanted. */
	#turn: Promise<unknown> = Promise.resolve();
	#glanceWanted = false;
	#pause: ReturnType<typeof setTimeout> | undefined;

	constructor(parts: FilesPanelParts) {
		addStyles(editorStyles);
		this.#parts = parts;
		this.#tree = new FileTree(parts.e, { open: (path) => void this.open(path), unfolded: () => void this.refresh() });
		this.#view = new PanelView(parts.e, this.#tree.element, {
			show: (path) => this.#show(path, true),
			close: (path) => this.#close(path),
			save: () => void this.save(),
			search: () => this.#text.search(),
			create: (path) => this.#create(path),
		});
		this.#text = new TextView(this.#view.place, parts.e, {
			edited: (path) => this.#edited(path),
			save: () => void this.save(),
			leave: (back) => parts.leave(back),
		});
		addEventListener('pagehide', () => this.#settle());
		document.addEventListener('visibilitychange', () => document.hidden && this.#settle());
		addEventListener('beforeunload', (event) => {
			this.#settle();
			if ([...this.#files.values()].some(({ file, kept }) => file.unsaved && !kept)) event.preventDefault();
		});
		this.#render();
	}

	get element(): HTMLElement {
		return this.#view.element;
	}

	get unsaved(): boolean {
		return [...this.#files.values()].some(isUnsaved);
	}

	/** Opens what was left unsaved the last time. */
	async restore(): Promise<void> {
		for (const { path } of this.#parts.drafts.all()) await this.open(path, { focus: false });
	}

	/** @param line from 1 @throws never: what is wrong is said in the panel. @returns the file is open */
	async open(path: string, { line, focus = true }: { line?: number | undefined; focus?: boolean } = {}): Promise<boolean> {
		try {
			if (!this.#files.has(path)) await this.#inTurn(() => this.#load(path, false));
			this.#show(path, focus);
			if (line !== undefined) this.#text.goTo(line);
			return true;
		} catch (error) {
			this.#view.say(this.#sentence(error));
			return false;
		}
	}

	search(): void {
		if (this.#current) this.#text.search();
	}

	/** What may have been done meanwhile in a terminal is asked for: called when somebody looks, and when a command has ended. */
	async refresh(): Promise<void> {
		if (this.#glanceWanted) return;
		this.#glanceWanted = true;
		await this.#inTurn(async () => {
			this.#glanceWanted = false;
			const folders = this.#tree.folders.slice(0, maxGlanced);
			try {
				const report = await this.#parts.api.glanceAtFiles({ folders, files: [...this.#files.keys()] });
				this.#tree.update(report.folders);
				for (const one of report.files) await this.#compare(one);
			} catch (error) {
				this.#view.say(this.#sentence(error));
			}
		});
		this.#render();
	}

	async save(path: string = this.#current): Promise<void> {
		const entry = this.#files.get(path);
		if (!entry) return;
		const { file } = entry;
		this.#view.endQuestion();
		this.#say(entry, this.#parts.e.saving);
		await this.#inTurn(async () => {
			this.#take(path);
			try {
				if (!file.conflict && file.unsaved) {
					file.saved(await this.#parts.api.writeFile({ path, text: file.text, mark: file.mark }));
					this.#say(entry, this.#parts.e.saved);
				} else await this.#lookAgain(entry, this.#parts.e.savedAlready);
			} catch (error) {
				const changed = error instanceof Refused && error.code === 'file-changed';
				await (changed ? this.#lookAgain(entry, this.#parts.e.saved) : Promise.reject(error)).catch((why: unknown) =>
					this.#say(entry, fill(this.#parts.e.kept, { reason: this.#sentence(why) })),
				);
			}
		});
		this.#keep(entry);
		this.#render();
		if (file.conflict) this.#askConflict(entry);
		else void this.refresh();
	}

	/** Work that asks the server. */
	#inTurn<T>(work: () => Promise<T>): Promise<T> {
		const done = this.#turn.then(work);
		this.#turn = done.catch(() => undefined);
		return done;
	}

	/** @param create it need not be there yet */
	async #load(path: string, create: boolean): Promise<void> {
		const { api, drafts, e } = this.#parts;
		if (this.#files.has(path)) return;
		if (this.#files.size >= mostOpen) throw new Error(e.tooMany);
		const draft = drafts.all().find((one) => one.path === path);
		const entry = await api.lookAtFile(path).then(
			(seen): Entry => {
				if (seen.text === null && !draft && !create) throw new Error(fill(e.missing, { file: path }));
				const file = new OpenFile(path, seen, draft);
				const said = draft && file.unsaved ? fill(e.restored, { file: path }) : seen.text === null ? e.newText : '';
				return { file, touched: false, kept: true, said };
			},
			(error: unknown): Entry => {
				if (!draft) throw error;
				// The text is the learner's, whatever has become of its file.
				const file = new OpenFile(path, { text: null, mark: draft.mark }, draft);
				return { file, touched: false, kept: true, said: fill(e.kept, { reason: this.#sentence(error) }) };
			},
		);
		this.#files.set(path, entry);
		this.#text.add(path, entry.file.text);
		this.#keep(entry);
	}

	/** One file's mark against what is open. */
	async #compare({ path, mark, refused }: FilesReport['files'][number]): Promise<void> {
		const entry = this.#files.get(path);
		if (!entry) return;
		if (refused) return this.#say(entry, fill(this.#parts.e.kept, { reason: refused.message }));
		if (mark === entry.file.mark || mark === entry.file.conflict?.mark) return;
		const seen = await this.#parts.api.lookAtFile(path);
		const news = this.#take(path)?.seen(seen);
		this.#tell(entry, news ?? 'same');
		this.#keep(entry);
	}

	/** @param same what is said when the sandbox has the very text */
	async #lookAgain(entry: Entry, same: string): Promise<void> {
		const { file } = entry;
		const seen = await this.#parts.api.lookAtFile(file.path);
		this.#take(file.path);
		const news = file.seen(seen);
		if (news === 'same') this.#say(entry, file.unsaved ? this.#parts.e.unsaved : same);
		else this.#tell(entry, news);
	}

	#tell(entry: Entry, news: News): void {
		const { e } = this.#parts;
		const { path, text } = entry.file;
		if (news === 'same') return;
		if (news === 'taken') this.#text.replace(path, text);
		const said = news === 'conflict' ? e.conflictLeft : fill(e[news], { file: path });
		this.#say(entry, said);
		announce(said);
	}

	#askConflict(entry: Entry): void {
		const { e, t } = this.#parts;
		const { file } = entry;
		const theirs = file.conflict;
		if (!theirs) return;
		this.#show(file.path, false);
		const mine = () => {
			file.prefer();
			void this.save(file.path);
			this.#text.focus();
		};
		const take = () => {
			file.takeOver(theirs);
			entry.touched = false;
			// In one step of the history: the learner's own text can be had back.
			this.#text.replace(file.path, file.text);
			this.#say(entry, fill(e.taken, { file: file.path }));
			this.#keep(entry);
			this.#render();
			this.#text.focus();
		};
		this.#view.ask(fill(e.conflict, { file: file.path }), difference(theirs.text ?? '', file.text, t), [
			[e.keepMine, mine],
			[e.takeTheirs, take],
			[e.later, () => this.#text.focus()],
		]);
	}

	#close(path: string): void {
		const { e } = this.#parts;
		const entry = this.#files.get(path);
		if (!entry) return;
		const remove = () => {
			this.#parts.drafts.keep({ path, draft: undefined });
			this.#files.delete(path);
			this.#text.remove(path);
			this.#current = '';
			const next = [...this.#files.keys()].at(-1);
			if (next) this.#show(next, true);
			else this.#render();
		};
		if (!this.#take(path)?.unsaved) return remove();
		const saveFirst = async () => {
			await this.save(path);
			if (!isUnsaved(entry)) remove();
		};
		this.#view.ask(fill(e.closing, { file: path }), undefined, [
			[e.save, () => void saveFirst()],
			[e.discard, remove],
			[e.keepOpen, () => this.#text.focus()],
		]);
	}

	/** @returns what is wrong with the name */
	#create(path: string): string | undefined {
		if (filePathFault(path) !== undefined) return this.#parts.e.badName;
		this.#inTurn(() => this.#load(path, true)).then(
			() => this.#show(path, true),
			(error: unknown) => this.#view.say(this.#sentence(error)),
		);
		return undefined;
	}

	#show(path: string, focus: boolean): void {
		if (path !== this.#current) this.#view.endQuestion();
		this.#current = path;
		this.#text.show(path);
		this.#tree.select(path);
		this.#view.textShown();
		this.#render();
		if (focus) this.#text.focus();
	}

	#edited(path: string): void {
		const entry = this.#files.get(path);
		if (!entry) return;
		entry.touched = true;
		if (!entry.file.conflict) entry.said = this.#parts.e.unsaved;
		this.#render();
		clearTimeout(this.#pause);
		this.#pause = setTimeout(() => this.#settle(), pauseMs);
	}

	/** What has been typed is taken from the editor, and kept in the browser. */
	#settle(): void {
		for (const path of this.#files.keys()) this.#take(path);
		this.#render();
	}

	#take(path: string): OpenFile | undefined {
		const entry = this.#files.get(path);
		if (entry?.touched) {
			entry.touched = false;
			entry.file.text = this.#text.text(path);
			if (!entry.file.unsaved) entry.said = '';
			this.#keep(entry);
		}
		return entry?.file;
	}

	#keep(entry: Entry): void {
		entry.kept = this.#parts.drafts.keep(entry.file);
		if (!entry.kept) entry.said = this.#parts.e.notKept;
	}

	#say(entry: Entry, sentence: string): void {
		entry.said = sentence;
		this.#render();
	}

	#sentence(error: unknown): string {
		return error instanceof Error ? error.message : this.#parts.t.requestFailed;
	}

	#render(): void {
		const tabs = [...this.#files].map(([path, entry]) => ({ path, selected: path === this.#current, unsaved: isUnsaved(entry) }));
		this.#view.show(tabs, this.#files.get(this.#current)?.said ?? '');
		this.#parts.changed();
	}
}

const isUnsaved = ({ file, touched }: Entry): boolean => touched || file.unsaved;
