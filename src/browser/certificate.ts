/** The page where anybody verifies a certificate by its code. */
import { durationText } from '../shared/duration.ts';
import { fill } from '../shared/fill.ts';
import { type Certificate, certificateSchema } from '../shared/protocol/certificates.ts';
import { ask } from './ask.ts';
import { type CertificateTexts, certificateTextsOf } from './certificate-texts.ts';
import { codeOf } from './code-of.ts';
import { make } from './dom.ts';
import { Newest } from './lesson/newest.ts';

class VerifyPage {
	readonly #texts: CertificateTexts;
	readonly #alert: HTMLElement;
	readonly #found: HTMLElement;
	readonly #code: HTMLInputElement;
	readonly #newest = new Newest();

	constructor(page: HTMLElement) {
		this.#texts = certificateTextsOf(page);
		const { t } = this.#texts;
		this.#alert = page.querySelector<HTMLElement>('[role="alert"]') ?? page;
		this.#found = page.querySelector<HTMLElement>('[data-found]') ?? page;
		this.#code = make('input', { id: 'code', autocomplete: 'off', spellcheck: 'false', maxlength: '200', 'aria-describedby': 'code-help' });
		const form = make(
			'form',
			{ class: 'room-card' },
			make('label', { for: 'code' }, t.codeLabel),
			this.#code,
			make('p', { class: 'room-help', id: 'code-help' }, t.codeHelp),
			make('button', { class: 'button primary' }, t.verify),
		);
		form.addEventListener('submit', (event) => {
			event.preventDefault();
			void this.#verify();
		});
		page.querySelector('[data-form]')?.replaceChildren(form);
		addEventListener('hashchange', () => this.#takeAddress());
		this.#takeAddress();
	}

	#takeAddress(): void {
		const code = codeOf(location.hash);
		if (code === '') return;
		this.#code.value = code;
		void this.#verify();
	}

	async #verify(): Promise<void> {
		const { t, language } = this.#texts;
		// Whatever was asked before is about another code.
		this.#newest.told('code');
		const isNewest = this.#newest.asked();
		this.#alert.textContent = '';
		this.#found.replaceChildren();
		const code = this.#code.value.trim();
		if (code === '') {
			this.#alert.textContent = t.codeMissing;
			this.#code.focus();
			return;
		}
		this.#found.replaceChildren(make('p', {}, t.verifying));
		try {
			const url = `/api/certificates/verify?language=${language}`;
			const certificate = await ask(url, { schema: certificateSchema, body: { code }, failed: t.failed });
			if (isNewest('code')) this.#found.replaceChildren(this.#card(certificate));
		} catch (error) {
			if (!isNewest('code')) return;
			this.#found.replaceChildren();
			this.#alert.textContent = error instanceof Error && 'status' in error ? error.message : t.failed;
		}
	}

	#card({ name, title, issued, steps, lessons, ms, code }: Certificate): HTMLElement {
		const { t, language, day } = this.#texts;
		const facts = [
			[t.name, name],
			[t.course, title[language]],
			[t.when, day(issued)],
			[t.steps, fill(t.stepsIn, { steps, lessons })],
			[t.time, durationText(ms)],
			[t.code, code],
		] as const;
		return make(
			'article',
			{ class: 'room-card', 'data-part': 'certificate' },
			make('h2', {}, t.valid),
			make('dl', {}, ...facts.flatMap(([term, text]) => [make('dt', {}, term), make('dd', {}, text)])),
			make('p', { class: 'room-help' }, t.honest),
		);
	}
}

const page = document.getElementById('certificate-page');
if (page) new VerifyPage(page);
