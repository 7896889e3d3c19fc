/** The bar that searches in a terminal's screen and scrollback. */
import type { SearchAddon } from '@xterm/addon-search';
import type { Strings } from '../../i18n/fr.ts';
import { button, make } from '../dom.ts';

export class TerminalSearch {
	readonly element: HTMLElement;
	readonly #addon: SearchAddon;
	readonly #input: HTMLInputElement;
	readonly #status: HTMLElement;
	readonly #none: string;
	readonly #back: () => void;

	/** @param back gives the focus back to the terminal */
	constructor(addon: SearchAddon, t: Strings, back: () => void) {
		this.#addon = addon;
		this.#none = t.searchNone;
		this.#back = back;
		this.#input = make('input', { type: 'search', 'aria-label': t.search, placeholder: t.search });
		this.#status = make('span', { role: 'status' });
		this.element = make(
			'div',
			{ class: 'terminal-search', role: 'search', hidden: true },
			this.#input,
			this.#status,
			button('↑', () => this.#find(true), { class: 'quiet', 'aria-label': t.searchPrevious, title: t.searchPrevious }),
			button('↓', () => this.#find(false), { class: 'quiet', 'aria-label': t.searchNext, title: t.searchNext }),
			button('×', () => this.close(), { class: 'quiet', 'aria-label': t.close, title: t.close }),
		);
		this.#input.addEventListener('input', () => this.#find(false, true));
		this.element.addEventListener('keydown', (event) => {
			if (event.key === 'Escape') this.close();
			else if (event.key === 'Enter') this.#find(event.shiftKey);
			else return;
			event.preventDefault();
		});
	}

	open(): void {
		this.element.hidden = false;
		this.#input.focus();
		this.#input.select();
	}

	close(): void {
		this.element.hidden = true;
		this.#addon.clearDecorations();
		this.#back();
	}

	#find(backwards: boolean, incremental = false): void {
		const text = this.#input.value;
		const found = text === '' || (backwards ? this.#addon.findPrevious(text) : this.#addon.findNext(text, { incremental }));
		this.#status.textContent = found ? '' : this.#none;
	}
}
