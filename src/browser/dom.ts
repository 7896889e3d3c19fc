/** Making elements in a line. */

type Attributes = Record<string, string | boolean | undefined>;

/** @param attributes false and undefined leave an attribute out, true sets an empty one */
export function make<K extends keyof HTMLElementTagNameMap>(
	tag: K,
	attributes: Attributes = {},
	...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
	}
	element.append(...children);
	return element;
}

/**
 * A link to something that the server makes on request. Pages fetch the addresses of their links ahead, under the pointer and with the
 * keyboard on them; this one only once it is followed: making it costs the server work, and is counted.
 * @param name of the file; '' as the server names it
 */
export function downloadLink(href: string, name: string, attributes: Attributes, ...children: (Node | string)[]): HTMLAnchorElement {
	return make('a', { href, download: name, 'data-astro-prefetch': 'false', ...attributes }, ...children);
}

/** A button that submits no form. */
export function button(label: string, onClick: (event: MouseEvent) => void, attributes: Attributes = {}): HTMLButtonElement {
	const element = make('button', { type: 'button', class: 'button', ...attributes }, label);
	element.addEventListener('click', onClick);
	return element;
}

/** How long a sentence stays to be read, ms: speakers take it up when it is added. */
const announcementMs = 10_000;

/** Says a sentence to people who listen instead of looking, after those before it: none replaces another. */
export function announce(text: string): void {
	const line = make('span', {}, `${text} `);
	document.getElementById('announcer')?.append(line);
	setTimeout(() => line.remove(), announcementMs);
}

/** Styles of a part that is loaded late: as a sheet of a lazy import they would be linked from every page. */
export function addStyles(text: string): void {
	document.head.append(make('style', {}, text));
}
