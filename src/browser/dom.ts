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

export function button(label: string, onClick: () => void, attributes: Attributes = {}): HTMLButtonElement {
	const element = make('button', { type: 'button', class: 'button', ...attributes }, label);
	element.addEventListener('click', onClick);
	return element;
}

/** Says a sentence to people who listen instead of looking. */
export function announce(text: string): void {
	const announcer = document.getElementById('announcer');
	if (!announcer) return;
	announcer.textContent = '';
	// A change in the same frame is not announced by every screen reader.
	requestAnimationFrame(() => {
		announcer.textContent = text;
	});
}

/** Styles of a part that is loaded late: as a sheet of a lazy import they would be linked from every page. */
export function addStyles(text: string): void {
	document.head.append(make('style', {}, text));
}
