/** What is said under a code block, and what its text is. */
import { make } from '../dom.ts';

/** @returns the text that the block's buttons act on; undefined while the learner's own values are not known */
export function blockText(figure: HTMLElement): string | undefined {
	// What stands there until then are examples.
	if (figure.matches('[data-templates]') || figure.querySelector('[data-templates]')) return undefined;
	// Expressive Code puts the text on its copy button, lines parted by DEL.
	const text = figure.querySelector<HTMLElement>('.copy button')?.dataset.code ?? figure.querySelector('code')?.innerText ?? '';
	return text.replaceAll('\x7f', '\n');
}

/** Shows a note under the block; an empty one goes. @returns the note */
export function setNote(figure: HTMLElement, children: Node[]): HTMLElement | undefined {
	let note = figure.querySelector<HTMLElement>('.run-note') ?? undefined;
	if (children.length === 0) {
		note?.remove();
		return undefined;
	}
	if (!note) {
		note = make('div', { class: 'run-note', role: 'status' });
		figure.append(note);
	}
	// The same words again would only make a screen reader repeat itself, and take the focus from a button.
	const text = children.map((child) => child.textContent).join('|');
	if (note.dataset.text === text) return note;
	note.dataset.text = text;
	note.replaceChildren(...children);
	return note;
}

/** Shows a sentence under the block. @returns the note */
export const say = (figure: HTMLElement, text: string): HTMLElement | undefined => setNote(figure, [make('span', {}, text)]);
