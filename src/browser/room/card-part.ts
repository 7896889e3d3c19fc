/** A minute card in a lesson page: the question, an answer that nobody knows whose it is, once. */
import type { AttendeeStrings } from '../../i18n/attendee-fr.ts';
import type { CardAnswer } from '../../shared/protocol/room-cards.ts';
import type { MemberState } from '../../shared/protocol/room-member.ts';
import { announce, button, make } from '../dom.ts';
import { CardForm } from './card-form.ts';

type Card = NonNullable<MemberState['card']>;

interface CardDeps {
	t: AttendeeStrings;
	/** Throws Refused. */
	answer: (card: string, answer: CardAnswer) => Promise<unknown>;
	/** Where the keyboard goes when what it was on is not there any more. */
	neighbour: HTMLElement;
}

export class CardPart {
	readonly element = make('div', { class: 'room-card-place', hidden: true });
	/** For the strip: leads back to a question that has been put aside. */
	readonly button: HTMLButtonElement;
	readonly #deps: CardDeps;
	/** What is asked, or the thanks. */
	readonly #now = make('div', {});
	/** A question that was closed while somebody was answering it. */
	readonly #over = make('div', {});
	#card: Card | undefined;
	#form: CardForm | undefined;
	#closed: CardForm | undefined;
	/** Cards that the reader has put aside. */
	readonly #aside = new Set<string>();

	constructor(deps: CardDeps) {
		this.#deps = deps;
		this.button = button(deps.t.cardWaiting, () => this.#putAside(false), { class: 'quiet', hidden: true });
		this.element.append(this.#over, this.#now);
	}

	show(card: Card | undefined): void {
		const before = this.#card;
		// What is being written stays.
		if (JSON.stringify(card) === JSON.stringify(before)) return;
		const had = this.#hasKeyboard;
		this.#card = card;
		if (card?.answered) this.#thank(before?.id === card.id);
		else {
			this.#leave();
			if (card) this.#ask(card);
		}
		this.#update();
		if (had && !this.#hasKeyboard) this.#deps.neighbour.focus();
	}

	get #hasKeyboard(): boolean {
		return [this.element, this.button].some((part) => part.contains(document.activeElement) && document.activeElement?.checkVisibility());
	}

	#update(): void {
		const aside = this.#card !== undefined && this.#aside.has(this.#card.id);
		this.#now.hidden = aside;
		this.button.hidden = !aside || this.#card?.answered === true;
		this.element.hidden = (aside || this.#now.childElementCount === 0) && this.#over.childElementCount === 0;
	}

	/** @param here it has been answered in front of the reader, and not before the page was there */
	#thank(here: boolean): void {
		const { t } = this.#deps;
		const had = this.#now.contains(document.activeElement);
		const thanks = make('p', { class: 'room-card-said', tabindex: '-1' }, t.cardThanks);
		this.#form = undefined;
		this.#now.replaceChildren(...(here ? [thanks] : []));
		if (had) thanks.focus();
		else if (here) announce(t.cardThanks);
	}

	/** The question is over: who was answering keeps what they have written, and reads why it goes nowhere. */
	#leave(): void {
		const { t } = this.#deps;
		const form = this.#form;
		const had = this.#now.contains(document.activeElement);
		this.#form = undefined;
		if (form && !form.sent && (had || form.begun)) {
			const said = make('p', { class: 'room-card-said', tabindex: '-1' }, t.cardOver);
			this.#closed = form;
			this.#over.replaceChildren(said, form.close(button(t.cardOverRead, () => this.#clear())));
			this.element.hidden = false;
			if (had) said.focus();
			else announce(t.cardOver);
		}
		this.#now.replaceChildren();
	}

	#clear(): void {
		const had = this.#over.contains(document.activeElement);
		this.#closed = undefined;
		this.#over.replaceChildren();
		this.#update();
		if (had) this.#deps.neighbour.focus();
	}

	#ask(card: Card): void {
		const { t } = this.#deps;
		const form: CardForm = new CardForm(card, t, {
			send: async (answer) => {
				await this.#deps.answer(card.id, answer);
				// It was closed in the same moment, and the page has said that the answer was not sent.
				if (this.#closed !== form) return;
				this.#clear();
				announce(t.cardThanks);
			},
			aside: () => this.#putAside(true),
		});
		this.#form = form;
		this.#now.replaceChildren(form.element);
		if (this.#closed?.id === card.id) this.#again(this.#closed, form);
		if (!this.#aside.has(card.id)) announce(`${t.cardAsked} ${card.question}`);
	}

	/** The same question is asked again: what was written is there again. */
	#again(closed: CardForm, form: CardForm): void {
		const had = this.#over.contains(document.activeElement);
		form.continue(closed);
		this.#closed = undefined;
		this.#over.replaceChildren();
		if (had) form.focus();
	}

	#putAside(aside: boolean): void {
		const { id } = this.#card ?? {};
		if (id === undefined) return;
		if (aside) this.#aside.add(id);
		else this.#aside.delete(id);
		this.#update();
		if (aside) this.button.focus();
		else this.#form?.focus();
	}
}
