/** What the files' panel looks like: list and text side by side, a bar above the text, a line of news below it. It shows; the panel decides. */
import type { EditorStrings } from '../../i18n/editor-fr.ts';
import { fill } from '../../shared/fill.ts';
import { announce, button, make } from '../dom.ts';

export interface FileTab {
	path: string;
	selected: boolean;
	unsaved: boolean;
}

interface PanelActions {
	show(path: string): void;
	close(path: string): void;
	save(): void;
	search(): void;
	/** @returns what is wrong with the name */
	create(path: string): string | undefined;
}

/** Narrower than this the list lies on top of the text, px. */
const narrow = 560;

export class PanelView {
	readonly element: HTMLElement;
	/** Where the text stands. */
	readonly place: HTMLElement;
	readonly #e: EditorStrings;
	readonly #actions: PanelActions;
	readonly #toggle: HTMLButtonElement;
	readonly #tabs = make('span', { class: 'files-tabs' });
	readonly #tools: HTMLElement;
	readonly #question = make('div', { class: 'files-question', hidden: true });
	readonly #nothing: HTMLElement;
	readonly #status = make('p', { class: 'files-status', role: 'status' });
	#shown = '';
	#narrow = false;

	constructor(e: EditorStrings, tree: HTMLElement, actions: PanelActions) {
		this.#e = e;
		this.#actions = actions;
		this.#toggle = button('', () => this.#setTree(this.element.dataset.tree !== 'open'), {
			class: 'quiet icon-button',
			'aria-label': e.showTree,
			title: e.showTree,
			'aria-controls': 'files-list',
			'data-sign': '☰',
		});
		this.#tools = make(
			'span',
			{ class: 'files-tools' },
			button('', actions.search, { class: 'quiet icon-button', 'aria-label': e.find, title: `${e.find} (Ctrl+F)`, 'data-sign': '⌕' }),
			button(e.save, actions.save, { class: 'button', title: `${e.save} (Ctrl+S)` }),
		);
		this.place = make('div', { class: 'files-text', role: 'tabpanel', id: 'files-text' });
		this.#nothing = make('p', { class: 'files-nothing' }, e.nothingOpen);
		this.element = make(
			'div',
			{ class: 'files-panel', id: 'files-panel', role: 'tabpanel', 'aria-labelledby': 'tab-files' },
			make('div', { class: 'files-bar' }, this.#toggle, this.#tabs, this.#tools),
			make('div', { class: 'files-list', id: 'files-list' }, this.#newFile(), tree),
			make('div', { class: 'files-main' }, this.#question, this.#nothing, this.place),
			make('div', { class: 'files-foot' }, this.#status, make('span', { class: 'files-leave' }, e.leave)),
		);
		this.#setTree(true);
		new ResizeObserver(() => this.#resized()).observe(this.element);
	}

	/** @param said the newest sentence about the file in sight */
	show(tabs: FileTab[], said: string): void {
		if (said || tabs.length > 0) this.say(said);
		const key = JSON.stringify(tabs);
		if (key === this.#shown) return;
		this.#shown = key;
		const selected = tabs.find((tab) => tab.selected);
		this.#nothing.hidden = selected !== undefined;
		this.place.hidden = selected === undefined;
		this.#tools.hidden = selected === undefined;
		const focused = this.#tabs.contains(document.activeElement);
		const list = make('span', { role: 'tablist', 'aria-label': this.#e.openFiles }, ...tabs.map((tab, at) => this.#tab(tab, at, tabs)));
		const close = selected && fill(this.#e.closeFile, { file: selected.path });
		const closing = { class: 'quiet icon-button', 'aria-label': close, title: close, 'data-sign': '×' };
		this.#tabs.replaceChildren(...(selected ? [list, button('', () => this.#actions.close(selected.path), closing)] : []));
		const shown = list.querySelector<HTMLElement>('[aria-selected="true"]');
		if (shown) this.place.setAttribute('aria-labelledby', shown.id);
		shown?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
		if (focused) shown?.focus();
	}

	/** One sentence under the text. */
	say(sentence: string): void {
		if (this.#status.textContent !== sentence) this.#status.textContent = sentence;
	}

	/** On a narrow dock the list makes room for the text. */
	textShown(): void {
		if (this.#narrow) this.#setTree(false);
	}

	/**
	 * Asks above the text. No status: a screen reader would read all of it by itself. The keyboard is on the first choice, Escape is the last one.
	 * @param shown what the question is about
	 */
	ask(question: string, shown: HTMLElement | undefined, choices: [label: string, act: () => void][]): void {
		const choose = (act: () => void) => () => {
			this.endQuestion();
			act();
		};
		const buttons = choices.map(([label, act], index) => button(label, choose(act), { class: index === 0 ? 'button' : 'quiet' }));
		const group = make('div', { role: 'group', 'aria-label': question }, make('p', {}, question), ...(shown ? [shown] : []), ...buttons);
		group.addEventListener('keydown', (event) => {
			if (event.key !== 'Escape') return;
			event.preventDefault();
			buttons.at(-1)?.click();
		});
		this.#question.replaceChildren(group);
		this.#question.hidden = false;
		announce(question);
		buttons[0]?.focus();
	}

	endQuestion(): void {
		this.#question.hidden = true;
		this.#question.replaceChildren();
	}

	/** Out of sight it has no width, and nothing changes. */
	#resized(): void {
		const width = this.element.clientWidth;
		if (width === 0 || width < narrow === this.#narrow) return;
		this.#narrow = width < narrow;
		this.#setTree(!this.#narrow || this.place.hidden !== false);
	}

	#setTree(open: boolean): void {
		this.element.dataset.tree = open ? 'open' : 'closed';
		this.#toggle.setAttribute('aria-expanded', String(open));
	}

	#tab({ path, selected, unsaved }: FileTab, at: number, tabs: FileTab[]): HTMLElement {
		const label = unsaved ? fill(this.#e.unsavedName, { file: path }) : path;
		const name = path.replace(/^.*\//, '');
		const tab = button(name, () => this.#actions.show(path), {
			class: 'quiet',
			role: 'tab',
			id: `file-tab-${at}`,
			'aria-selected': String(selected),
			'aria-controls': 'files-text',
			'aria-label': label,
			title: label,
			'data-unsaved': unsaved,
			tabindex: selected ? '0' : '-1',
		});
		tab.addEventListener('keydown', (event) => {
			if (event.key === 'Delete') return this.#actions.close(path);
			const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + tabs.length, Home: 0, End: tabs.length - 1 }[event.key];
			const next = to === undefined ? undefined : tabs[to % tabs.length];
			if (!next) return;
			event.preventDefault();
			this.#tabs.querySelectorAll<HTMLElement>('[role=tab]')[tabs.indexOf(next)]?.click();
			this.#tabs.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
		});
		return tab;
	}

	/** A button, and the form that it opens. */
	#newFile(): HTMLElement {
		const e = this.#e;
		const wrong = make('p', { role: 'alert', class: 'files-wrong' });
		const input = make('input', {
			'aria-label': e.newName,
			placeholder: e.newName,
			autocomplete: 'off',
			autocapitalize: 'off',
			spellcheck: 'false',
		});
		const form = make('form', { hidden: true, class: 'files-new' }, input, wrong);
		const opener = button(`+ ${e.newFile}`, () => set(true), { class: 'quiet' });
		const set = (open: boolean) => {
			form.hidden = !open;
			opener.hidden = open;
			wrong.textContent = '';
			if (open) input.focus();
		};
		form.append(
			make('button', { type: 'submit', class: 'button' }, e.create),
			button(
				e.cancel,
				() => {
					set(false);
					opener.focus();
				},
				{ class: 'quiet' },
			),
		);
		form.addEventListener('submit', (event) => {
			event.preventDefault();
			const fault = this.#actions.create(input.value.trim());
			wrong.textContent = fault ?? '';
			if (fault) return input.focus();
			input.value = '';
			set(false);
		});
		return make('div', { class: 'files-list-head' }, opener, form);
	}
}
