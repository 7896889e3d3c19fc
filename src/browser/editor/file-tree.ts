/** The lesson's folder as a tree (the ARIA pattern: one stop of the Tab key, arrows within). It shows; the panel asks the server. */
import type { EditorStrings } from '../../i18n/editor-fr.ts';
import { maxFolderEntries } from '../../shared/course/placed-file.ts';
import { fill } from '../../shared/fill.ts';
import type { FolderReport } from '../../shared/protocol/api.ts';
import { make } from '../dom.ts';

interface FileTreeActions {
	open(path: string): void;
	/** A folder has been unfolded: what is in it is to be asked for. */
	unfolded(): void;
}

export class FileTree {
	readonly element: HTMLElement;
	readonly #t: EditorStrings;
	readonly #actions: FileTreeActions;
	readonly #unfolded = new Set<string>();
	#reports = new Map<string, FolderReport>();
	/** The item that the Tab key comes to. */
	#current = '';
	#open = '';
	#shown = '';

	constructor(t: EditorStrings, actions: FileTreeActions) {
		this.#t = t;
		this.#actions = actions;
		this.element = make('ul', { class: 'file-tree', role: 'tree', 'aria-label': t.tree });
		this.element.addEventListener('click', (event) => {
			const item = (event.target as Element).closest<HTMLElement>('[role=treeitem]');
			if (item) this.#act(item);
		});
		this.element.addEventListener('keydown', (event) => this.#key(event));
		this.element.addEventListener('focusin', (event) => {
			const item = (event.target as Element).closest<HTMLElement>('[role=treeitem]');
			if (item) this.#take(item, false);
		});
	}

	/** Folders whose content is in sight, the lesson's own first. */
	get folders(): string[] {
		return ['', ...this.#unfolded];
	}

	/** @param reports of `folders`, as they are now */
	update(reports: readonly FolderReport[]): void {
		this.#reports = new Map(reports.map((report) => [report.path, report]));
		this.#show();
	}

	/** The file that is in sight in the editor. */
	select(path: string): void {
		this.#open = path;
		this.#show();
	}

	#show(): void {
		const key = JSON.stringify([[...this.#reports.values()], [...this.#unfolded], this.#open]);
		if (key === this.#shown) return;
		this.#shown = key;
		const focused = this.element.contains(document.activeElement);
		this.element.replaceChildren(...this.#items('', 1));
		const items = this.#visible();
		const current = items.find(({ dataset }) => dataset.path === this.#current) ?? items[0];
		if (current) this.#take(current, focused);
	}

	/** One after the other, each with its level: an item that held others would be called by all of their names. */
	#items(folder: string, level: number): HTMLElement[] {
		const report = this.#reports.get(folder);
		if (!report) return [this.#say(this.#t.loading)];
		if (report.refused) return [this.#say(report.refused.message)];
		const items = report.entries.flatMap(({ name, kind }) => {
			const path = folder ? `${folder}/${name}` : name;
			const item = this.#item({ path, name, kind, level });
			return this.#unfolded.has(path) ? [item, ...this.#items(path, level + 1)] : [item];
		});
		if (items.length === 0) items.push(this.#say(this.#t.emptyFolder));
		if (report.unshown > 0) items.push(this.#say(fill(this.#t.unshown, { n: report.unshown })));
		if (report.more) items.push(this.#say(fill(this.#t.more, { n: maxFolderEntries })));
		return items;
	}

	#item({ path, name, kind, level }: { path: string; name: string; kind: string; level: number }): HTMLElement {
		const folder = kind === 'folder';
		const item = make('li', {
			role: 'treeitem',
			'data-path': path,
			'data-kind': kind,
			'aria-level': String(level),
			'aria-expanded': folder ? String(this.#unfolded.has(path)) : undefined,
			'aria-selected': String(path === this.#open),
			tabindex: '-1',
		});
		item.style.setProperty('--level', String(level));
		item.append(make('span', { class: 'file-name' }, name));
		return item;
	}

	/** A line that is no file. */
	#say(text: string): HTMLElement {
		return make('li', { role: 'none', class: 'file-tree-note' }, text);
	}

	#visible(): HTMLElement[] {
		return [...this.element.querySelectorAll<HTMLElement>('[role=treeitem]')];
	}

	#take(item: HTMLElement, focus: boolean): void {
		this.element.querySelector('[role=treeitem][tabindex="0"]')?.setAttribute('tabindex', '-1');
		item.setAttribute('tabindex', '0');
		this.#current = item.dataset.path ?? '';
		if (focus) item.focus();
	}

	#act(item: HTMLElement): void {
		this.#take(item, true);
		if (item.dataset.kind === 'folder') this.#fold(item, !this.#unfolded.has(this.#current));
		else this.#actions.open(this.#current);
	}

	#fold(item: HTMLElement, unfold: boolean): void {
		const path = item.dataset.path ?? '';
		if (unfold) this.#unfolded.add(path);
		else for (const one of [...this.#unfolded]) if (one === path || one.startsWith(`${path}/`)) this.#unfolded.delete(one);
		this.#show();
		if (unfold) this.#actions.unfolded();
	}

	#key(event: KeyboardEvent): void {
		const item = (event.target as Element).closest<HTMLElement>('[role=treeitem]');
		if (!item || event.ctrlKey || event.altKey || event.metaKey) return;
		const items = this.#visible();
		const at = items.indexOf(item);
		const folded = item.getAttribute('aria-expanded');
		const above = item.dataset.path?.replace(/\/?[^/]*$/, '');
		const parent = items.find(({ dataset }) => dataset.path === above);
		const go = (to: HTMLElement | undefined) => () => to && this.#take(to, true);
		const keys: Record<string, () => void> = {
			ArrowDown: go(items[at + 1]),
			ArrowUp: go(items[at - 1]),
			Home: go(items[0]),
			End: go(items.at(-1)),
			ArrowRight: folded === 'false' ? () => this.#fold(item, true) : go(folded ? items[at + 1] : undefined),
			ArrowLeft: folded === 'true' ? () => this.#fold(item, false) : go(parent),
			Enter: () => this.#act(item),
			' ': () => this.#act(item),
		};
		const act = keys[event.key];
		if (!act) return;
		event.preventDefault();
		act();
	}
}
