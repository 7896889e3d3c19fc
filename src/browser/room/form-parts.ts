/** Fields of forms, in a line each: a label, what goes into it, and a word of help. */
import { make } from '../dom.ts';

let made = 0;

/** @param input is given an id, and the help as its description */
export function field(label: string, input: HTMLElement, help?: string): HTMLElement {
	input.id ||= `field-${++made}`;
	const row = make('div', { class: 'field' }, make('label', { for: input.id }, label), input);
	if (help === undefined) return row;
	input.setAttribute('aria-describedby', `${input.id}-help`);
	row.append(make('p', { id: `${input.id}-help`, class: 'field-help' }, help));
	return row;
}

/** Does what a form asks for when it is sent: meanwhile nothing can be pressed, and what went wrong is said at its end. */
export function onSubmit(form: HTMLFormElement, doing: string, work: () => Promise<unknown>): void {
	const said = make('p', { role: 'alert', class: 'room-said' });
	const status = make('p', { role: 'status', class: 'room-status' });
	form.append(status, said);
	form.addEventListener('submit', async (event) => {
		event.preventDefault();
		const buttons = [...form.querySelectorAll('button')];
		for (const button of buttons) button.disabled = true;
		status.textContent = doing;
		said.textContent = '';
		try {
			await work();
		} catch (error) {
			said.textContent = error instanceof Error ? error.message : String(error);
		}
		status.textContent = '';
		for (const button of buttons) button.disabled = false;
	});
}

/** A dialog that goes when it is closed: by Esc, by its button, by a click beside it. */
export function openDialog(title: string, close: string): { dialog: HTMLDialogElement; body: HTMLElement } {
	const id = `dialog-${++made}`;
	const body = make('div', { class: 'room-dialog-body' });
	const shut = make('button', { type: 'button', class: 'button' }, close);
	const dialog = make('dialog', { class: 'room-dialog not-content', 'aria-labelledby': id }, make('h2', { id }, title), body, shut);
	shut.addEventListener('click', () => dialog.close());
	dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
	dialog.addEventListener('close', () => dialog.remove());
	document.body.append(dialog);
	return { dialog, body };
}
