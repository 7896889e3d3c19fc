/** Minute cards on a trainer's page: asking, and what comes in. */
import { cardBounds, type FeedCard } from '../../shared/protocol/room-cards.ts';
import { button, make } from '../dom.ts';
import { choicesOf } from './card-choices.ts';
import { cardResults } from './card-results.ts';
import type { PageContext } from './context.ts';
import { field, onSubmit } from './form-parts.ts';

export class CardsPanel {
	readonly element = make('div', { class: 'cards' });
	readonly #context: PageContext;
	readonly #room: string;
	readonly #form: HTMLElement;
	readonly #list = make('div', { class: 'cards-list' });
	readonly #fault = make('p', { role: 'alert', class: 'room-said' });
	readonly #file: HTMLAnchorElement;
	readonly #cards = new Map<string, CardView>();

	/** @param room its id */
	constructor(context: PageContext, room: string) {
		const { t, language } = context;
		this.#context = context;
		this.#room = room;
		this.#form = this.#ask();
		this.#file = make(
			'a',
			{ class: 'button', href: `/api/rooms/${room}/cards.csv?language=${language}`, download: '', hidden: true },
			t.cardsFile,
		);
		this.element.append(this.#form, this.#fault, this.#list, this.#file);
	}

	#ask(): HTMLElement {
		const { t, api } = this.#context;
		const question = make('input', { type: 'text', maxlength: String(cardBounds.question), required: true, autocomplete: 'off' });
		const choices = make('textarea', { rows: '3' });
		const form = make(
			'form',
			{ class: 'say-form' },
			field(t.cardQuestion, question),
			field(t.cardChoices, choices, t.cardChoicesHelp),
			make('button', { class: 'button primary' }, t.cardAsk),
		);
		onSubmit(form, t.doing, async () => {
			await api.askCard(this.#room, { question: question.value, choices: choicesOf(choices.value, t) });
			form.reset();
		});
		return form;
	}

	/** @param open whether the room is */
	show(cards: readonly FeedCard[], open: boolean): void {
		this.#form.hidden = !open;
		this.#file.hidden = cards.length === 0;
		const here = new Set(cards.map(({ id }) => id));
		for (const [id, { element }] of this.#cards) {
			if (here.has(id)) continue;
			element.remove();
			this.#cards.delete(id);
		}
		for (const card of cards.toReversed()) this.#put(card, open);
	}

	#put(card: FeedCard, open: boolean): void {
		const known = this.#cards.get(card.id);
		const view = known ?? new CardView(this.#context, card.question, (label, changes) => this.#change(card, label, changes));
		view.show(card, open);
		if (known) return;
		this.#list.prepend(view.element);
		this.#cards.set(card.id, view);
	}

	#change({ id, question }: FeedCard, label: string, changes: Changes): HTMLButtonElement {
		const press = () => {
			this.#fault.textContent = '';
			this.#context.api.changeCard(this.#room, id, changes).catch((error: unknown) => {
				this.#fault.textContent = error instanceof Error ? error.message : String(error);
			});
		};
		return button(label, press, { 'aria-label': `${label}: ${question}` });
	}
}

type Changes = { open?: boolean; shown?: boolean };

/** One card: answers come in several times a second, so what can be pressed stays where it is, and so does what has been scrolled to. */
class CardView {
	readonly element: HTMLElement;
	readonly #context: PageContext;
	readonly #change: (label: string, changes: Changes) => HTMLButtonElement;
	readonly #state = make('p', { class: 'quiet-line' });
	readonly #results = make('div', { class: 'card-results' });
	readonly #actions = make('div', { class: 'room-actions' });
	/** As they are shown. */
	#answers = '';
	#pressable = '';

	constructor(context: PageContext, question: string, change: (label: string, changes: Changes) => HTMLButtonElement) {
		this.#context = context;
		this.#change = change;
		this.element = make('article', { class: 'card' }, make('h3', {}, question), this.#state, this.#actions, this.#results);
	}

	/** @param open whether the room is */
	show(card: FeedCard, open: boolean): void {
		const { people, counts, texts } = card;
		const answers = JSON.stringify([people, counts, texts]);
		if (answers !== this.#answers) this.#showAnswers(card);
		this.#answers = answers;
		const pressable = JSON.stringify([card.open, card.shown, open]);
		if (pressable !== this.#pressable) this.#showButtons(card, open);
		this.#pressable = pressable;
	}

	#showAnswers(card: FeedCard): void {
		const top = this.#results.querySelector('.card-texts')?.scrollTop ?? 0;
		this.#results.replaceChildren(...cardResults(this.#context, card));
		const texts = this.#results.querySelector('.card-texts');
		if (texts) texts.scrollTop = top;
	}

	/** The keyboard stays on the button that it is on. */
	#showButtons({ open: asks, shown }: FeedCard, open: boolean): void {
		const { t } = this.#context;
		const at = [...this.#actions.children].indexOf(document.activeElement as HTMLElement);
		this.element.dataset.open = String(asks);
		this.#state.textContent = asks ? t.cardOpen : t.cardClosed;
		this.#actions.replaceChildren(
			...(open || asks ? [this.#change(asks ? t.cardClose : t.cardAgain, { open: !asks })] : []),
			this.#change(shown ? t.cardHide : t.cardShow, { shown: !shown }),
		);
		(this.#actions.children[at] as HTMLElement | undefined)?.focus();
	}
}
