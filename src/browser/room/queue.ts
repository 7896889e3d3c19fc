/** Who asks for help, in the order of waiting: for trainers beside the class, for helpers all that they see. */
import { fill } from '../../shared/fill.ts';
import type { FeedHand } from '../../shared/protocol/room-feed.ts';
import { announce, button, make } from '../dom.ts';
import { sentenceNodes } from '../sentence.ts';
import type { PageContext, Titles } from './context.ts';
import { lasting } from './format.ts';
import { openLook } from './look.ts';

/** Of one hand. */
interface Line {
	/** As it was shown last. */
	hand: FeedHand;
	readonly element: HTMLElement;
	/** Stay while the rest of the line is written anew: a button that has the keyboard keeps it, and one that is being pressed is pressed. */
	readonly actions: HTMLElement;
	readonly waits: HTMLElement;
}

/** A list that keeps its lines, so that the keyboard stays on the one that it is on. */
export class Queue {
	readonly element = make('div', { class: 'queue' });
	readonly #context: PageContext;
	readonly #titles: Titles;
	readonly #room: string;
	readonly #empty: HTMLElement;
	readonly #list = make('ol', { class: 'need' });
	readonly #said = make('p', { role: 'alert', class: 'room-said' });
	readonly #lines = new Map<string, Line>();
	#begun = false;

	/** @param room its id */
	constructor(context: PageContext, titles: Titles, room: string) {
		this.#context = context;
		this.#titles = titles;
		this.#room = room;
		this.#empty = make('p', { class: 'quiet-line' }, context.t.noHands);
		this.element.append(this.#empty, this.#list, this.#said);
	}

	/** @param now the server's clock, ms */
	show(hands: readonly FeedHand[], now: number): void {
		const here = new Set(hands.map(({ id }) => id));
		for (const [id, { element }] of this.#lines) {
			if (here.has(id)) continue;
			element.remove();
			this.#lines.delete(id);
		}
		for (const hand of hands) this.#put(hand);
		this.#begun = true;
		this.#empty.hidden = hands.length > 0;
		this.tick(now);
	}

	/** Time has passed. */
	tick(now: number): void {
		const { t } = this.#context;
		for (const { waits, hand } of this.#lines.values())
			waits.textContent = fill(t.waitsFor, { time: lasting(Math.max(0, now - hand.since), t) });
	}

	#put(hand: FeedHand): void {
		const { t } = this.#context;
		const before = this.#lines.get(hand.id);
		if (JSON.stringify(before?.hand) === JSON.stringify(hand)) return;
		const line = before ?? this.#line(hand);
		line.hand = hand;
		line.element.toggleAttribute('data-taken', hand.takenBy !== undefined);
		for (const part of [...line.element.children]) if (part !== line.actions) part.remove();
		line.actions.before(...this.#words(line));
		for (const [at, label] of [t.onMyWay, hand.looks ? t.lookByHand : t.look, t.helped].entries()) {
			const action = line.actions.children[at];
			if (action && action.textContent !== label) action.textContent = label;
			action?.setAttribute('aria-label', `${label}: ${hand.name}`);
		}
		if (before) return;
		this.#lines.set(hand.id, line);
		this.#list.append(line.element);
		// Not for those who were waiting when the page was opened.
		if (this.#begun) announce(fill(t.handUp, { name: hand.name }));
	}

	#words({ hand, waits }: Line): HTMLElement[] {
		const { name, lesson, step, line, verdict, command, takenBy } = hand;
		const { t, language } = this.#context;
		const detail = (label: string, text: string | undefined, shown: (text: string) => (Node | string)[]) =>
			text === undefined ? [] : [make('p', { class: 'need-why' }, `${label} `, ...shown(text))];
		return [
			make('strong', { class: 'queue-name' }, name),
			waits,
			make('p', { class: 'need-why' }, `${this.#titles.lesson(lesson)} › ${this.#titles.step({ lesson, step })}`),
			...detail(t.handLine, line, (text) => [text]),
			...detail(t.handVerdict, verdict, (text) => sentenceNodes(text, language)),
			...detail(t.handCommand, command, (text) => [make('code', {}, text)]),
			...(takenBy === undefined ? [] : [make('p', { class: 'need-why' }, fill(t.takenBy, { name: takenBy }))]),
		];
	}

	/** Its buttons act on the hand as it was shown when their press began: who is told of nothing overrules nobody. */
	#line(first: FeedHand): Line {
		const { api } = this.#context;
		const { id } = first;
		const doing = (work: () => Promise<unknown>) => () => {
			this.#said.textContent = '';
			void work().catch((error: Error) => {
				this.#said.textContent = error.message;
			});
		};
		const look = () => {
			const { learner, name, lesson } = line.hand;
			return openLook(this.#context, { room: this.#room, learner, name, lesson, lessonTitle: this.#titles.lesson(lesson) });
		};
		let pressed: FeedHand | undefined;
		const press = () => {
			pressed = line.hand;
		};
		const take = () => {
			const { takenBy } = pressed ?? line.hand;
			pressed = undefined;
			return api.takeHand(this.#room, id, takenBy);
		};
		const close = () => api.closeHand(this.#room, id);
		const taking = button('', doing(take));
		taking.addEventListener('pointerdown', press);
		// A key that is held says so again and again.
		taking.addEventListener('keydown', ({ repeat }) => repeat || press());
		const actions = make(
			'div',
			{ class: 'room-actions' },
			taking,
			button('', doing(look), { 'aria-haspopup': 'dialog' }),
			button('', doing(close)),
		);
		const element = make('li', {}, actions);
		const line: Line = { hand: first, element, actions, waits: make('span', { class: 'need-step' }) };
		return line;
	}
}
