/** Keys that a touch keyboard lacks, in two rows under the terminal. Ctrl and Alt stay pressed until the next key. */
import type { Strings } from '../../i18n/fr.ts';
import { button, make } from '../dom.ts';

/** What a key of the row stands for: text, or an arrow by its letter (programs choose how arrows are written). */
export type RowKey = { text: string } | { arrow: 'A' | 'B' | 'C' | 'D' };

export interface Held {
	ctrl: boolean;
	alt: boolean;
}

/** @param application programs have asked for the other way to write arrows (DECCKM): `less`, `vi` */
export function keyText(key: RowKey, application: boolean, held: Held): string {
	if ('text' in key) return withHeld(key.text, held);
	if (held.ctrl || held.alt) return `\x1b[1;${1 + (held.alt ? 2 : 0) + (held.ctrl ? 4 : 0)}${key.arrow}`;
	return `\x1b${application ? 'O' : '['}${key.arrow}`;
}

/** One typed character as it is with Ctrl or Alt; longer texts, such as a paste, stay as they are. */
export function withHeld(text: string, { ctrl, alt }: Held): string {
	if ([...text].length !== 1) return text;
	const code = text.toUpperCase().charCodeAt(0);
	const typed = !ctrl ? text : code >= 0x40 && code <= 0x5f ? String.fromCharCode(code & 0x1f) : text === ' ' ? '\0' : text;
	return alt ? `\x1b${typed}` : typed;
}

const keys: [label: string, key: RowKey | 'ctrl' | 'alt'][] = [
	['Esc', { text: '\x1b' }],
	['|', { text: '|' }],
	['~', { text: '~' }],
	['/', { text: '/' }],
	['^C', { text: '\x03' }],
	['↑', { arrow: 'A' }],
	['^D', { text: '\x04' }],
	['Tab', { text: '\t' }],
	['Ctrl', 'ctrl'],
	['Alt', 'alt'],
	['-', { text: '-' }],
	['←', { arrow: 'D' }],
	['↓', { arrow: 'B' }],
	['→', { arrow: 'C' }],
];
const names: Record<string, string> = { '^C': 'Ctrl+C', '^D': 'Ctrl+D' };

export class KeyRow {
	readonly element: HTMLElement;
	readonly #held: Held = { ctrl: false, alt: false };
	readonly #holders = new Map<keyof Held, HTMLButtonElement>();

	/** @param press a key was pressed; `focus` the terminal is to have the keyboard again */
	constructor(t: Strings, { press, focus }: { press(key: RowKey): void; focus(): void }) {
		const row = keys.map(([label, key]) => {
			const attributes = { class: 'button', ...(names[label] && { 'aria-label': names[label] }) };
			if (typeof key !== 'string') return button(label, () => press(key), attributes);
			const holder = button(
				label,
				() => {
					this.#hold(key, !this.#held[key]);
					focus();
				},
				{ ...attributes, 'aria-pressed': 'false' },
			);
			this.#holders.set(key, holder);
			return holder;
		});
		this.element = make('div', { class: 'terminal-keys', role: 'group', 'aria-label': t.keys }, ...row);
		// The keyboard on the screen would go and come with each key.
		this.element.addEventListener('pointerdown', (event) => event.preventDefault());
	}

	/** Ctrl and Alt as they are held, for one key: they are free again. */
	take(): Held {
		const held = { ...this.#held };
		for (const key of ['ctrl', 'alt'] as const) this.#hold(key, false);
		return held;
	}

	#hold(key: keyof Held, on: boolean): void {
		if (this.#held[key] === on) return;
		this.#held[key] = on;
		this.#holders.get(key)?.setAttribute('aria-pressed', String(on));
	}
}
