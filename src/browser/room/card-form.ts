/** The form of a minute card: choices, or words of one's own. */
import type { AttendeeStrings } from '../../i18n/attendee-fr.ts';
import { type CardAnswer, cardBounds } from '../../shared/protocol/room-cards.ts';
import type { MemberState } from '../../shared/protocol/room-member.ts';
import { button, make } from '../dom.ts';

type Card = NonNullable<MemberState['card']>;

interface CardWork {
	/** Throws Refused. */
	send: (answer: CardAnswer) => Promise<unknown>;
	aside: () => void;
}

export class CardForm {
	/** Of the card. */
	readonly id: string;
	readonly element: HTMLFormElement;
	/** The server has taken it. */
	sent = false;
	readonly #fields: HTMLElement;
	readonly #text: HTMLTextAreaElement;
	readonly #choices: HTMLInputElement[];
	readonly #fault = make('p', { class: 'room-fault', role: 'alert' });

	constructor({ id, question, choices }: Card, t: AttendeeStrings, { send, aside }: CardWork) {
		this.id = id;
		this.#text = make('textarea', { id: `room-card-${id}`, rows: '2', maxlength: String(cardBounds.text), required: true });
		this.#choices = choices.map((_, index) => make('input', { type: 'radio', name: 'room-card', value: String(index), required: true }));
		const options = this.#choices.map((input, index) => make('label', { class: 'room-choice' }, input, choices[index] ?? ''));
		this.#fields =
			choices.length > 0
				? make('fieldset', {}, make('legend', {}, question), ...options)
				: make('div', {}, make('label', { for: this.#text.id, class: 'room-question' }, question), this.#text);
		const row = make(
			'div',
			{ class: 'room-form-row' },
			make('button', { class: 'button primary' }, t.cardSend),
			button(t.cardAside, aside),
		);
		const anonymous = make('p', { class: 'room-quiet' }, t.cardAnonymous);
		this.element = make('form', { class: 'room-form' }, this.#fields, anonymous, row, this.#fault);
		this.element.addEventListener('submit', (event) => {
			event.preventDefault();
			void this.#submit(send, t.failed);
		});
	}

	/** Something has been written or chosen. */
	get begun(): boolean {
		return this.#text.value.trim() !== '' || this.#chosen !== undefined;
	}

	get #chosen(): HTMLInputElement | undefined {
		return this.#choices.find(({ checked }) => checked);
	}

	async #submit(send: CardWork['send'], failed: string): Promise<void> {
		this.#fault.textContent = '';
		try {
			await send(this.#chosen ? { choice: Number(this.#chosen.value) } : { text: this.#text.value });
			this.sent = true;
		} catch (error) {
			this.#fault.textContent = error instanceof Error ? error.message : failed;
		}
	}

	focus(): void {
		(this.#chosen ?? this.#choices[0] ?? this.#text).focus();
	}

	/** Nothing can be changed or sent any more; words can still be copied. @param read what takes it away */
	close(read: HTMLButtonElement): HTMLElement {
		this.#text.readOnly = true;
		for (const choice of this.#choices) choice.disabled = true;
		this.element.replaceChildren(this.#fields, make('div', { class: 'room-form-row' }, read));
		return this.element;
	}

	/** With what was written or chosen in another form of the same card. */
	continue(other: CardForm): void {
		this.#text.value = other.#text.value;
		for (const [index, choice] of this.#choices.entries()) choice.checked = other.#choices[index]?.checked ?? false;
	}
}
