/** The dock: what it says, its tabs, its tools. It shows; the bench decides. */
import { fill } from '../i18n/fill.ts';
import type { Strings } from '../i18n/fr.ts';
import type { DockView } from './dock-state.ts';
import { button, make } from './dom.ts';

export interface DockActions {
	start(): void;
	retry(): void;
	reload(): void;
	select(number: string): void;
	add(): void;
	end(number: string): void;
	search(): void;
	larger(by: number): void;
	toggleReader(): void;
	press(keys: string): void;
	newShell(): void;
}

export interface Tab {
	number: string;
	selected: boolean;
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

const keys: [string, string][] = [
	['Esc', '\x1b'],
	['Tab', '\t'],
	['Ctrl-C', '\x03'],
	['Ctrl-D', '\x04'],
	['↑', '\x1b[A'],
	['↓', '\x1b[B'],
	['←', '\x1b[D'],
	['→', '\x1b[C'],
];

export class Dock {
	/** Where terminals stand. */
	readonly body: HTMLElement;
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
	#shown = '';
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
		const keyRow = keys.map(([label, sent]) => button(label, () => actions.press(sent), { class: 'button' }));
		this.body.after(
			make('div', { class: 'terminal-keys', role: 'group', 'aria-label': t.keys }, ...keyRow),
			make('div', { class: 'dock-foot' }, make('span', { class: 'foot-state' }), make('span', { class: 'foot-leave' }, t.leave)),
		);
	}

	setReader(on: boolean): void {
		this.#reader.setAttribute('aria-pressed', String(on));
	}

	/** @param terminals terminals are there to be seen: then a trouble is a strip above them */
	show(view: DockView, terminals: boolean, extra: Node[] = []): void {
		const key = JSON.stringify([view, terminals, extra.map((node) => node.textContent)]);
		if (key === this.#shown) return;
		this.#shown = key;
		this.body.dataset.state = view.state;
		this.#message.dataset.dockState = view.state;
		if (this.#barState) this.#barState.textContent = view.sentence;
		const foot = this.body.parentElement?.querySelector('.foot-state');
		if (foot) foot.textContent = view.sentence;
		const action = view.action;
		const act = action && button(action.label, () => this.#actions[action.does](), { class: terminals ? 'button' : 'button primary' });
		// Seconds count down: the button must not lose the keyboard at each of them.
		const focused = [this.#strip, this.#message].some((place) => place.contains(document.activeElement));
		this.#message.style.display = terminals ? 'none' : '';
		if (!terminals) {
			this.#message.replaceChildren(
				make('p', { class: 'dock-sentence' }, view.sentence),
				...(view.text ? [make('p', {}, view.text)] : []),
				...(view.moving ? [make('span', { class: 'dock-progress', 'aria-hidden': 'true' })] : []),
				...(act ? [make('div', {}, act)] : []),
			);
		}
		const strip = terminals
			? [...(view.ready ? [] : [make('span', {}, [view.sentence, view.text].filter(Boolean).join(' ')), ...(act ? [act] : [])]), ...extra]
			: [];
		this.#strip.hidden = strip.length === 0;
		this.#strip.replaceChildren(...strip);
		if (focused) act?.focus();
	}

	/** What the last check said, under the terminal: whoever types may have the step's own strip out of sight. It leads there. */
	verdict({ state, sentence, target }: { state: string; sentence: string; target: string }): void {
		const foot = this.body.parentElement?.querySelector<HTMLElement>('.dock-foot');
		if (!foot) return;
		foot.dataset.verdict = state;
		const icon = make('span', { class: 'state-icon', 'aria-hidden': 'true' });
		foot.firstElementChild?.replaceWith(
			make('a', { class: 'foot-verdict', href: `#${target}`, title: sentence, 'data-state': state }, icon, make('span', {}, sentence)),
		);
	}

	/** A sentence in the dock with a button to send it away. @param code what it is about: it takes the place of an earlier one */
	notice(text: string, code = text, action?: HTMLElement): HTMLElement {
		this.withdraw(code);
		const notice = make('div', { class: 'dock-strip', role: 'status' }, make('span', { style: 'flex:1' }, text));
		if (action) notice.append(action);
		notice.append(button(this.#t.close, () => notice.remove(), { class: 'quiet' }));
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

	showTabs(tabs: Tab[]): void {
		const key = JSON.stringify(tabs);
		if (key === this.#tabsShown) return;
		this.#tabsShown = key;
		this.#tools.hidden = tabs.length === 0;
		if (tabs.length === 0) return this.#tabs.replaceChildren();
		const focused = this.#tabs.contains(document.activeElement);
		const list = make('div', { role: 'tablist', 'aria-label': this.#t.terminals });
		for (const { number, selected } of tabs) {
			const tab = button(number, () => this.#actions.select(number), {
				class: 'quiet icon-button',
				role: 'tab',
				id: `tab-${number}`,
				'aria-selected': String(selected),
				'aria-controls': `terminal-${number}`,
				'aria-label': fill(this.#t.terminalName, { n: number }),
				tabindex: selected ? '0' : '-1',
			});
			tab.addEventListener('keydown', (event) => this.#tabKey(event, tabs, number));
			list.append(tab);
		}
		const more = tabs.length < 4 ? [signButton('+', this.#t.newTerminal, () => this.#actions.add())] : [];
		const selected = tabs.find((tab) => tab.selected)?.number ?? '1';
		const label = fill(this.#t.endTerminal, { n: selected });
		const less = tabs.length > 1 ? [signButton('×', label, () => this.#actions.end(selected))] : [];
		this.#tabs.replaceChildren(list, ...more, ...less);
		if (focused) list.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
	}

	#tabKey(event: KeyboardEvent, tabs: Tab[], number: string): void {
		const at = tabs.findIndex((tab) => tab.number === number);
		const to = { ArrowRight: (at + 1) % tabs.length, ArrowLeft: (at + tabs.length - 1) % tabs.length, Home: 0, End: tabs.length - 1 }[
			event.key
		];
		if (event.key === 'Delete' && tabs.length > 1) return this.#actions.end(number);
		const target = to === undefined ? undefined : tabs[to];
		if (!target) return;
		event.preventDefault();
		this.#actions.select(target.number);
	}
}
