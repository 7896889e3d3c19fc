/** Who asks for help, in the order of waiting: for trainers beside the class, for helpers all that they see. */
import { fill } from '../../shared/fill.ts';
import type { FeedHand } from '../../shared/protocol/room-feed.ts';
import { announce, button, make } from '../dom.ts';
import { sentenceNodes } from '../sentence.ts';
import type { PageContext, Titles } from './context.ts';
import { lasting } from './format.ts';
import { openLook } from './look.ts';

/** A list that keeps its lines, so that the keyboard stays on the one that it is on. */
export class Queue {
	readonly element = make('div', { class: 'queue' });
	readonly #context: PageContext;
	readonly #titles: Titles;
	readonly #room: string;
	readonly #empty: HTMLElement;
	readonly #list = make('ol', { class: 'need' });
	readonly #said = make('p', { role: 'alert', class: 'room-said' });
	readonly #lines = new Map<string, { hand: string; line: HTMLElement; waits: HTMLElement; since: number }>();
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
		for (const [id, { line }] of this.#lines) {
			if (here.has(id)) continue;
			line.remove();
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
		for (const { waits, since } of this.#lines.values())
			waits.textContent = fill(t.waitsFor, { time: lasting(Math.max(0, now - since), t) });
	}

	#put(hand: FeedHand): void {
		const text = JSON.stringify(hand);
		const before = this.#lines.get(hand.id);
		if (before?.hand === text) return;
		const { line, waits } = this.#line(hand);
		if (before) {
			// Whoever has pressed a button there goes on from the same one.
			const at = [...before.line.querySelectorAll('button')].indexOf(document.activeElement as HTMLButtonElement);
			before.line.replaceWith(line);
			line.querySelectorAll('button')[at]?.focus();
		} else this.#list.append(line);
		// Not for those who were waiting when the page was opened.
		if (!before && this.#begun) announce(fill(this.#context.t.handUp, { name: hand.name }));
		this.#lines.set(hand.id, { hand: text, line, waits, since: hand.since });
	}

	#line({ id, learner, name, lesson, step, line, verdict, command, takenBy, looks }: FeedHand): { line: HTMLElement; waits: HTMLElement } {
		const { t, api, language } = this.#context;
		const waits = make('span', { class: 'need-step' });
		const look = looks ? t.lookByHand : t.look;
		const detail = (label: string, text: string | undefined, shown: (text: string) => (Node | string)[]) =>
			text === undefined ? [] : [make('p', { class: 'need-why' }, `${label} `, ...shown(text))];
		const doing = (work: () => Promise<unknown>) => () => {
			this.#said.textContent = '';
			void work().catch((error: Error) => {
				this.#said.textContent = error.message;
			});
		};
		const taken = takenBy === undefined ? [] : [make('p', { class: 'need-why' }, fill(t.takenBy, { name: takenBy }))];
		const element = make(
			'li',
			{ 'data-taken': takenBy !== undefined },
			make('strong', { class: 'queue-name' }, name),
			waits,
			make('p', { class: 'need-why' }, `${this.#titles.lesson(lesson)} › ${this.#titles.step({ lesson, step })}`),
			...detail(t.handLine, line, (text) => [text]),
			...detail(t.handVerdict, verdict, (text) => sentenceNodes(text, language)),
			...detail(t.handCommand, command, (text) => [make('code', {}, text)]),
			...taken,
			make(
				'div',
				{ class: 'room-actions' },
				button(
					t.onMyWay,
					doing(() => api.takeHand(this.#room, id, takenBy)),
					{ 'aria-label': `${t.onMyWay}: ${name}` },
				),
				button(
					look,
					doing(() => openLook(this.#context, { room: this.#room, learner, name, lesson, lessonTitle: this.#titles.lesson(lesson) })),
					{ 'aria-label': `${look}: ${name}`, 'aria-haspopup': 'dialog' },
				),
				button(
					t.helped,
					doing(() => api.closeHand(this.#room, id)),
					{ 'aria-label': `${t.helped}: ${name}` },
				),
			),
		);
		return { line: element, waits };
	}
}
