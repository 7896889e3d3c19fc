/** A learner's certificate of one course, on the page of their progress: asked for, taken home, named anew, withdrawn. */
import { fill } from '../shared/fill.ts';
import { pageAddress } from '../shared/page-names.ts';
import { type Certificate, certificateSchema } from '../shared/protocol/certificates.ts';
import { goneSchema } from '../shared/protocol/rooms.ts';
import { ask } from './ask.ts';
import type { CertificateTexts } from './certificate-texts.ts';
import { button, downloadLink, make } from './dom.ts';

/** How it stands with a course and its certificate. */
interface Standing {
	held: Certificate | undefined;
	/** All steps of the course are passed: a certificate may be issued, in whatever name. */
	done: boolean;
}
interface Options extends Standing {
	/** slug */
	course: string;
	/** Of an account elsewhere: certificates are issued in it, and no other. */
	name?: string | undefined;
	/** The learner has just changed it here: answers to questions from before are about what was. */
	changed: () => void;
}

export class OwnCertificate {
	readonly #texts: CertificateTexts;
	readonly #course: string;
	readonly #name: string | undefined;
	readonly #changed: () => void;
	readonly #title: HTMLElement;
	readonly #said = make('p', { role: 'status' });
	readonly #body = make('div', {});
	/** The part for the page. */
	readonly element: HTMLElement;
	#standing: Standing;
	/** Something is being written or asked. */
	#open = false;

	constructor(texts: CertificateTexts, { course, changed, held, done, name }: Options) {
		this.#texts = texts;
		this.#course = course;
		this.#name = name;
		this.#changed = changed;
		this.#standing = { held, done };
		this.#title = make('h3', { id: `certificate-${course}`, tabindex: '-1' }, texts.t.heading);
		// With the course: a page may have several.
		const attributes = { class: 'progress-certificate', 'aria-labelledby': `${this.#title.id} course-${course}` };
		this.element = make('section', attributes, this.#title, this.#said, this.#body);
		this.#show();
	}

	/** Shows how it stands now, unless the learner is about to change it. */
	take({ held, done }: Standing): void {
		const before = this.#standing;
		if (this.#open || (held?.code === before.held?.code && done === before.done)) return;
		this.#standing = { held, done };
		const text = before.held && !held ? this.#texts.t.withdrawn : '';
		if (this.#body.contains(document.activeElement)) this.#done(text);
		else this.#show(text);
	}

	/** @param text to say of it */
	#show(text = ''): void {
		const { held, done } = this.#standing;
		this.#open = false;
		this.#said.textContent = text;
		const form = () => [make('p', {}, this.#texts.t.intro), this.#form('')];
		this.#body.replaceChildren(...(held ? this.#have(held) : done ? form() : []));
		this.element.hidden = !held && !done && text === '';
	}

	#have(held: Certificate): HTMLElement[] {
		const { t, language, day } = this.#texts;
		const file = (of: 'fr' | 'en', text: string) =>
			make('li', {}, downloadLink(`/api/certificates/${this.#course}/pdf?language=${of}`, '', { hreflang: of }, text));
		const badge = downloadLink(`/api/certificates/${this.#course}/badge?language=${language}`, '', {}, t.badge);
		const verify = `${pageAddress('certificate', language)}#${held.code}`;
		const actions = make('div', { class: 'progress-actions' });
		const first = button(t.change, () => this.#ask(actions, make('p', {}, t.changeText), this.#form(held.name)));
		const withdraw = button(t.withdrawYes, () => void this.#withdraw(), { class: 'button danger' });
		const second = button(t.withdraw, () => this.#ask(actions, make('p', {}, t.withdrawText), withdraw));
		// The server issues none, in another name neither, while steps are to be done.
		actions.append(...(this.#standing.done ? [first] : []), second);
		return [
			make('p', {}, fill(t.issued, { when: day(held.issued), name: held.name })),
			make('p', {}, fill(t.codeIs, { code: held.code })),
			make(
				'ul',
				{},
				file('fr', t.pdfFr),
				file('en', t.pdfEn),
				make('li', {}, badge),
				make('li', {}, make('a', { href: verify }, t.toVerify)),
			),
			actions,
		];
	}

	/** In the place of the buttons; the keyboard is on the one that changes nothing. */
	#ask(place: HTMLElement, ...parts: HTMLElement[]): void {
		const cancel = button(this.#texts.t.cancel, () => {
			this.#show();
			this.#body.querySelector('button')?.focus();
		});
		this.#open = true;
		place.replaceChildren(...parts, cancel);
		cancel.focus();
	}

	#form(name: string): HTMLFormElement {
		const { t, language } = this.#texts;
		const id = `name-${this.#course}`;
		const field = make('input', {
			id,
			autocomplete: 'name',
			maxlength: '200',
			'aria-describedby': `${id}-help`,
			value: this.#name ?? name,
		});
		field.readOnly = this.#name !== undefined;
		const alert = make('p', { role: 'alert' });
		const press = make('button', { class: 'button primary' }, t.get);
		const form = make(
			'form',
			{},
			make('div', { class: 'field' }, make('label', { for: id }, t.nameLabel), field),
			make('p', { id: `${id}-help`, class: 'progress-help' }, this.#name === undefined ? t.nameHelp : t.nameOfAccount),
			alert,
			press,
		);
		form.addEventListener('input', () => {
			this.#open = true;
		});
		form.addEventListener('submit', async (event) => {
			event.preventDefault();
			alert.textContent = '';
			// Asked twice, two would be issued: the first void at once. Enter does nothing either while the button is disabled.
			press.disabled = true;
			try {
				if (field.value.trim() === '') throw new Error(t.nameMissing);
				const body = { course: this.#course, name: field.value };
				const held = await ask(`/api/certificates?language=${language}`, { schema: certificateSchema, body, failed: t.failed });
				this.#change(held, t.gotIt);
			} catch (error) {
				alert.textContent = error instanceof Error ? error.message : t.failed;
				field.focus();
			} finally {
				press.disabled = false;
			}
		});
		return form;
	}

	async #withdraw(): Promise<void> {
		const { t, language } = this.#texts;
		try {
			const url = `/api/certificates/${this.#course}?language=${language}`;
			await ask(url, { schema: goneSchema, method: 'DELETE', failed: t.failed });
			this.#change(undefined, t.withdrawn);
		} catch (error) {
			this.#said.textContent = error instanceof Error ? error.message : t.failed;
		}
	}

	#change(held: Certificate | undefined, text: string): void {
		this.#standing = { ...this.#standing, held };
		this.#changed();
		this.#done(text);
	}

	/** What had the keyboard is gone: it is on what comes next. */
	#done(text: string): void {
		this.#show(text);
		(this.#body.querySelector<HTMLElement>('a, input') ?? this.#title).focus();
	}
}
