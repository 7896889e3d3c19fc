/** Asks for the access code, in the place where the terminal will be. */
import type { Language } from '../../shared/language.ts';
import { addStyles, make } from '../dom.ts';
import { giveCode } from './session.ts';

const styles = `
.access-code { display: grid; gap: 0.5rem; justify-items: center; }
.access-code-row { display: flex; flex-wrap: wrap; gap: 0.5rem; justify-content: center; margin-top: 0.75rem; }
.access-code-row .button { margin-top: 0; }
.access-code input {
	width: 14rem; min-height: 2.5rem; padding: 0.25rem 0.75rem; font-size: 1rem; text-align: center;
}
.access-code [role='alert'] { min-height: 1.5em; color: var(--sl-color-white); font-weight: 600; }`;

/** Resolves when the browser has been let in. */
export async function askCode(frame: HTMLElement): Promise<void> {
	const language: Language = frame.dataset.language === 'en' ? 'en' : 'fr';
	const t = language === 'en' ? (await import('../../i18n/en.ts')).en : (await import('../../i18n/fr.ts')).fr;
	const place = frame.querySelector<HTMLElement>('.dock-message');
	if (!place) return;
	addStyles(styles);
	const before = [...place.childNodes];
	const input = make('input', {
		id: 'access-code',
		name: 'code',
		required: true,
		maxlength: '100',
		autocomplete: 'off',
		autocapitalize: 'none',
		spellcheck: 'false',
		'aria-describedby': 'access-code-said',
	});
	const said = make('p', { id: 'access-code-said', role: 'alert' });
	const enter = make('button', { class: 'button primary' }, t.codeEnter);
	const form = make(
		'form',
		{ class: 'access-code' },
		make('label', { for: 'access-code', class: 'dock-sentence' }, t.codeLabel),
		make('p', {}, t.codeText),
		make('div', { class: 'access-code-row' }, input, enter),
		said,
	);
	place.dataset.dockState = 'code';
	place.replaceChildren(form);
	const barState = frame.querySelector('.dock-bar-state');
	if (barState) barState.textContent = t.codeLabel;
	await new Promise<void>((resolve) => {
		form.addEventListener('submit', async (event) => {
			event.preventDefault();
			enter.disabled = true;
			said.textContent = '';
			// Without an answer it is the connection: the sentence says so, and the code stays to be sent again.
			const refused = await giveCode(input.value, language).catch(() => t.requestFailed);
			enter.disabled = false;
			if (refused === undefined) return resolve();
			said.textContent = refused || t.requestFailed;
			input.select();
		});
	});
	place.replaceChildren(...before);
}
