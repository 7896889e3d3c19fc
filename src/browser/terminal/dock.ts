/** The dock: what it says, its tabs, its tools. It shows; the lab decides. */

import type { Strings } from '../../i18n/fr.ts';
import { nodeOf, ownTerminals } from '../../shared/course/terminal-names.ts';
import { fill } from '../../shared/fill.ts';
import { leaveOutSecondHalves } from '../blocks/double-click.ts';
import { button, make } from '../dom.ts';
import type { Preferences } from '../preferences.ts';
import { sentenceNodes } from '../sentence.ts';
import type { Told } from '../steps/steps-view.ts';
import type { DockView } from './dock-state.ts';
import { KeyRow, type RowKey } from './key-row.ts';
import { terminalLabel } from './terminal-label.ts';

export interface DockActions {
	start(): void;
	retry(): void;
	reload(): void;
	select(number: string): void;
	selectFiles(): void;
	add(): void;
	end(number: string): void;
	search(): void;
	larger(by: number): void;
	toggleReader(): void;
	press(key: RowKey): void;
	focusTerminal(): void;
	newShell(): void;
}

/** Of a terminal. */
export interface Tab {
	number: string;
	selected: boolean;
	/** Of a tab that is none of the learner's own terminals. */
	label?: string;
}

/** The tab of the files, after those of the terminals. */
export interface FilesTabState {
	shown: boolean;
	unsaved: boolean;
}

/** A button whose sign is for the eye, and whose name is a word. */
function signButton(sign: string, label: string, onClick: () => void): HTMLButtonElement {
	return button('', onClick, { class: 'quiet icon-button', 'aria-label': label, title: label, 'data-sign': sign });
}

function iconButton(icon: string, label: string, onClick: () => void, keysHint = ''): HTMLButtonElement {
	const element = button('', onClick, { class: 'quiet icon-button', 'aria-label': label, title: `${label}${keysHint}` });
	element.append(make('span', { class: `lab-icon icon-${icon}`, 'aria-hidden': 'true' }));
	return element;
}

/** Arrows, Home and End of a list of tabs. @param at the one that has the keyboard */
function tabKey(event: KeyboardEvent, choices: (() => void)[], at: number): void {
	const last = choices.length - 1;
	const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[event.key];
	const choose = to === undefined ? undefined : choices[to];
	if (!choose) return;
	event.preventDefault();
	choose();
}

export class Dock {
	/** Where terminals stand. */
	readonly body: HTMLElement;
	readonly keys: KeyRow;
	readonly #t: Strings;
	readonly #actions: DockActions;
	readonly #message: HTMLElement;
	readonly #strip: HTMLElement;
	readonly #tabs: HTMLElement;
	readonly #tools: HTMLElement;
	readonly #barState: HTMLElement | null;
	readonly #reader: HTMLButtonElement;
	/** By what they are about. */
	readonly #notices = new Map<string, HTMLElement>();
	/** What is shown, but for its sentence; and that, with the element that says it. */
	#shown = '';
	#sentence = '';
	#said: HTMLElement | undefined;
	#tabsShown = '';

	constructor(frame: HTMLElement, t: Strings, actions: DockActions) {
		this.#t = t;
		this.#actions = actions;
		const find = (selector: string) => {
			const element = frame.querySelector<HTMLElement>(selector);
			if (!element) throw new Error(`The lesson page has no ${selector}.`);
			return element;
		};
		this.body = find('.dock-body');
		this.#message = find('.dock-message');
		this.#message.setAttribute('role', 'status');
		this.#tabs = find('.dock-tabs');
		leaveOutSecondHalves(this.#tabs);
		this.#barState = frame.querySelector('.dock-bar-state');
		this.#strip = make('div', { class: 'dock-strip', role: 'status', hidden: true });
		this.body.prepend(this.#strip);
		this.#reader = iconButton('reader', t.reader, () => actions.toggleReader());
		this.#tools = find('.dock-tools');
		this.#tools.append(
			signButton('A−', t.smaller, () => actions.larger(-1)),
			signButton('A+', t.larger, () => actions.larger(1)),
			this.#reader,
			iconButton('search', t.search, () => actions.search(), ' (Ctrl+Shift+F)'),
		);
		this.keys = new KeyRow(t, { press: (key) => actions.press(key), focus: () => actions.focusTerminal() });
		this.body.after(
			this.keys.element,
			make('div', { class: 'dock-foot' }, make('span', { class: 'foot-state' }), make('span', { class: 'foot-leave' }, t.leave)),
		);
	}

	/** As the learner wants it. The terminals are told by themselves. */
	prefer({ screenReader, fontSize }: Preferences): void {
		this.#reader.setAttribute('aria-pressed', String(screenReader));
		this.body.style.setProperty('--text-size', `${fontSize}px`);
	}

	/** @param terminals terminals are there to be seen: then a trouble is a strip above them */
	show(view: DockView, terminals: boolean, extra: Node[] = []): void {
		const key = JSON.stringify([{ ...view, sentence: '' }, terminals, extra.map((node) => node.textContent)]);
		const same = key === this.#shown;
		if (same && view.sentence === this.#sentence) return;
		this.#shown = key;
		this.#sentence = view.sentence;
		this.body.dataset.state = view.state;
		this.#message.dataset.dockState = view.state;
		if (this.#barState) this.#barState.textContent = view.sentence;
		const foot = this.body.parentElement?.querySelector('.foot-state');
		if (foot) foot.textContent = view.sentence;
		const words = terminals ? [view.sentence, view.text].filter(Boolean).join(' ') : view.sentence;
		// Seconds count down: a button that is being pressed stays the one that it is, or the press would be none.
		if (same && this.#said?.isConnected) {
			this.#said.textContent = words;
			return;
		}
		const action = view.action;
		const act = action && button(action.label, () => this.#actions[action.does](), { class: terminals ? 'button' : 'button primary' });
		const focused = [this.#strip, this.#message].some((place) => place.contains(document.activeElement));
		this.#message.style.display = terminals ? 'none' : '';
		this.#said = terminals ? make('span', {}, words) : make('p', { class: 'dock-sentence' }, words);
		if (!terminals) {
			this.#message.replaceChildren(
				this.#said,
				...(view.text ? [make('p', {}, view.text)] : []),
				...(view.moving ? [make('span', { class: 'dock-progress', 'aria-hidden': 'true' })] : []),
				...(act ? [make('div', {}, act)] : []),
			);
		}
		const strip = terminals ? [...(view.ready ? [] : [this.#said, ...(act ? [act] : [])]), ...extra] : [];
		this.#strip.hidden = strip.length === 0;
		this.#strip.replaceChildren(...strip);
		if (focused) act?.focus();
	}

	/** What the last check said, under the terminal: whoever types may have the step's own strip out of sight. It leads there. */
	verdict({ state, place, sentence, target }: Told): void {
		const foot = this.body.parentElement?.querySelector<HTMLElement>('.dock-foot');
		if (!foot) return;
		foot.dataset.verdict = state;
		const icon = make('span', { class: 'state-icon', 'aria-hidden': 'true' });
		const text = make(
			'span',
			{},
			make('strong', {}, place),
			' ',
			...sentenceNodes(sentence, this.#t.locale.startsWith('en') ? 'en' : 'fr'),
		);
		const link = make('a', { class: 'foot-verdict', href: `#${target}`, 'data-state': state }, icon, text);
		link.addEventListener('click', () => document.getElementById(target)?.focus({ preventScroll: true }));
		foot.firstElementChild?.replaceWith(link);
	}

	/** A sentence in the dock with a button to send it away. @param code what it is about: it takes the place of an earlier one */
	notice(text: string, code = text, ...actions: HTMLElement[]): HTMLElement {
		this.withdraw(code);
		const notice = make('div', { class: 'dock-strip', role: 'status' }, make('span', { style: 'flex:1' }, text));
		notice.append(
			...actions,
			button(this.#t.close, () => notice.remove(), { class: 'quiet' }),
		);
		this.#strip.after(notice);
		this.#notices.set(code, notice);
		return notice;
	}

	/** What was said is over. */
	withdraw(code: string): void {
		this.#notices.get(code)?.remove();
		this.#notices.delete(code);
	}

	/** What was said of a sandbox that is no more. */
	clearNotices(): void {
		for (const notice of this.#notices.values()) notice.remove();
		this.#notices.clear();
	}

	showTabs(tabs: Tab[], files: FilesTabState): void {
		const key = JSON.stringify([tabs, files]);
		if (key === this.#tabsShown) return;
		this.#tabsShown = key;
		this.#tools.hidden = tabs.length === 0;
		if (tabs.length === 0) return this.#tabs.replaceChildren();
		const focused = this.#tabs.contains(document.activeElement);
		// Neither the files nor a program's page is a terminal: its keys and the way out of it go.
		const page = tabs.some(({ number, selected }) => selected && number === 'preview');
		this.body.parentElement?.toggleAttribute('data-files', files.shown || page);
		const list = make('div', { role: 'tablist', 'aria-label': this.#t.tabs });
		const own = tabs.filter(({ label }) => label === undefined);
		const shown = files.shown ? undefined : tabs.find(({ selected }) => selected)?.number;
		const choices = [
			...tabs.map(
				({ number }) =>
					() =>
						this.#actions.select(number),
			),
			() => this.#actions.selectFiles(),
		];
		// Where none is selected, as while the lab is away, the first is the way in by the keyboard.
		const selectedAt = files.shown ? tabs.length : tabs.findIndex(({ selected }) => selected);
		const entry = Math.max(0, selectedAt);
		const add = (tab: HTMLButtonElement, at: number, selected: boolean, ends?: string) => {
			const more = { role: 'tab', 'aria-selected': String(selected), tabindex: at === entry ? '0' : '-1' };
			for (const [name, value] of Object.entries(more)) tab.setAttribute(name, value);
			tab.addEventListener('keydown', (event) => {
				if (event.key === 'Delete' && ends !== undefined && own.length > 1) this.#actions.end(ends);
				else tabKey(event, choices, at);
			});
			list.append(tab);
		};
		for (const [at, { number, label }] of tabs.entries()) {
			const isOwn = label === undefined;
			const tab = button(label ?? number, choices[at] ?? (() => {}), {
				class: isOwn ? 'quiet icon-button' : 'quiet',
				id: `tab-${number}`,
				'aria-controls': `terminal-${number}`,
				'aria-label': isOwn && terminalLabel(number, this.#t),
				title: isOwn && nodeOf(number) !== undefined && terminalLabel(number, this.#t),
			});
			add(tab, at, number === shown, isOwn ? number : undefined);
		}
		const about = files.unsaved ? { 'aria-label': this.#t.filesUnsaved, title: this.#t.filesUnsaved, 'data-unsaved': true } : {};
		const controls = files.shown ? { 'aria-controls': 'files-panel' } : {};
		add(
			button(this.#t.files, () => this.#actions.selectFiles(), { class: 'quiet', id: 'tab-files', ...controls, ...about }),
			tabs.length,
			files.shown,
		);
		const numbered = own.filter(({ number }) => nodeOf(number) === undefined).length;
		const more = own.length > 0 && numbered < ownTerminals.length ? [signButton('+', this.#t.newTerminal, () => this.#actions.add())] : [];
		const ending = own.find(({ number }) => number === shown)?.number;
		const label = fill(this.#t.endTerminal, { n: ending ?? '' });
		const less = own.length > 1 && ending !== undefined ? [signButton('×', label, () => this.#actions.end(ending))] : [];
		this.#tabs.replaceChildren(list, ...more, ...less);
		if (focused) list.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
	}
}
