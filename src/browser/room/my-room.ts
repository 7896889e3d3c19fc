/** The page that says what rooms know of whoever reads it, and lets them leave. */

import type { z } from 'zod';
import { fill } from '../../shared/fill.ts';
import type { meSchema } from '../../shared/protocol/rooms.ts';
import { button, downloadLink, make } from '../dom.ts';
import { Newest } from '../lesson/newest.ts';
import { attendeeApi, type Texts, textsOf } from './attendee.ts';

type Known = z.output<typeof meSchema>;

const roleNames = { learner: 'roleLearner', helper: 'roleHelper', trainer: 'roleTrainer' } as const;

const eventTexts = {
	asked: 'eventAsked',
	'asked-for-all': 'eventAskedAll',
	refused: 'eventRefused',
	withdrawn: 'eventWithdrawn',
	looking: 'eventLooking',
	'looking-by-hand': 'eventLookingByHand',
	'shown-to-all': 'eventShownAll',
	'typing-asked': 'eventTypingAsked',
	'typing-refused': 'eventTypingRefused',
	typing: 'eventTyping',
	'typing-ended': 'eventTypingEnded',
	ended: 'eventEnded',
} as const;

class MyRooms {
	readonly #texts: Texts;
	readonly #api: ReturnType<typeof attendeeApi>;
	readonly #place: HTMLElement;
	readonly #said: HTMLElement;
	readonly #newest = new Newest();

	constructor(page: HTMLElement) {
		this.#texts = textsOf(page);
		this.#api = attendeeApi(this.#texts);
		this.#place = page.querySelector<HTMLElement>('[data-rooms]') ?? page;
		this.#said = page.querySelector<HTMLElement>('[data-said]') ?? page;
		void this.#show();
	}

	async #show(): Promise<void> {
		try {
			const ask = async () => {
				const { rooms } = await this.#api.mine();
				return Promise.all(rooms.map(({ id }) => this.#api.me(id)));
			};
			await this.#newest.take('rooms', ask, (known) => {
				const none = make('p', { class: 'room-card' }, this.#texts.t.mineNone);
				this.#place.replaceChildren(...(known.length > 0 ? known.map((one) => this.#card(one)) : [none]));
			});
		} catch (error) {
			// Whom the server does not know is in no room.
			const stranger = error instanceof Error && 'status' in error && error.status === 401;
			this.#said.textContent = stranger ? this.#texts.t.mineNone : error instanceof Error ? error.message : this.#texts.t.failed;
		}
	}

	#card(known: Known): HTMLElement {
		const { t } = this.#texts;
		const { room, name, joined, hand } = known;
		const state = { planned: fill(t.statePlanned, { when: this.#moment(room.starts) }), open: t.stateOpen, closed: t.stateClosed };
		const facts: [string, string][] = [
			[t.mineName, name],
			[t.mineRole, t[roleNames[room.role]]],
			[t.mineJoined, this.#moment(joined)],
			[t.mineState, state[room.state]],
			[t.mineWork, this.#work(known)],
			...(hand ? [[t.mineHand, `${hand.step} · ${hand.line ?? ''}`.replace(/ · $/, '')] as [string, string]] : []),
			[t.mineErased, this.#moment(room.erases)],
		];
		return make(
			'article',
			{ class: 'room-card', 'data-room': room.id },
			make('h2', {}, room.title),
			make('dl', {}, ...facts.flatMap(([term, text]) => [make('dt', {}, term), make('dd', {}, text)])),
			make('p', {}, downloadLink(`/api/rooms/${room.id}/me`, '', {}, t.mineFile)),
			...this.#section(t.mineSeen, t.mineSeenText),
			...this.#section(t.mineHands, t.mineHandsText, ...(room.handLooks ? [t.handLooks] : []), ...(hand?.looks ? [t.handIsLeave] : [])),
			...this.#cards(known),
			...this.#log(known),
			this.#leaving(known),
		);
	}

	#work({ steps, sentences, opened }: Known): string {
		const passed = steps.filter(({ passed }) => passed !== undefined).length;
		const tries = steps.reduce((sum, one) => sum + one.tries, 0);
		return fill(this.#texts.t.mineWorkText, { steps: steps.length, passed, tries, sentences: sentences.length, opened: opened.length });
	}

	#section(title: string, ...texts: string[]): HTMLElement[] {
		return [make('h3', {}, title), ...texts.map((text) => make('p', {}, text))];
	}

	#cards({ cards }: Known): HTMLElement[] {
		const { t } = this.#texts;
		if (cards.length === 0) return [];
		return [...this.#section(t.mineCards, t.mineCardsText), make('ul', {}, ...cards.map((question) => make('li', {}, question)))];
	}

	/** Who has looked, the newest first. */
	#log({ looks }: Known): HTMLElement[] {
		const { t } = this.#texts;
		if (looks.length === 0) return this.#section(t.mineLog, t.mineLogNone);
		const lines = looks.toReversed().map(({ at, by, what }) => {
			const time = make('time', { datetime: new Date(at).toISOString() }, this.#moment(at));
			return make('li', {}, time, fill(t.says, { who: '', what: fill(t[eventTexts[what]], { name: by }) }));
		});
		return [make('h3', {}, t.mineLog), make('ul', { class: 'room-log' }, ...lines)];
	}

	/** Asks once more, in the place of the button: the keyboard is on the button that changes nothing. */
	#leaving({ room }: Known): HTMLElement {
		const { t } = this.#texts;
		const place = make('div', { class: 'room-actions' });
		const ask = button(t.leave, () => {
			const stay = button(t.leaveNo, () => {
				place.replaceChildren(ask);
				ask.focus();
			});
			const leave = button(t.leaveYes, () => void this.#leave(room.id, room.title), { class: 'button danger' });
			place.replaceChildren(make('p', {}, t.leaveText), stay, leave);
			stay.focus();
		});
		place.append(ask);
		return place;
	}

	async #leave(id: string, title: string): Promise<void> {
		try {
			await this.#api.leave(id);
			await this.#show();
			this.#said.textContent = fill(this.#texts.t.left, { title });
		} catch (error) {
			this.#said.textContent = error instanceof Error ? error.message : this.#texts.t.failed;
		}
	}

	/** Day and hour, as people of that language write them. @param ms since 1970 */
	#moment(ms: number): string {
		return new Date(ms).toLocaleString(this.#texts.language === 'en' ? 'en-GB' : 'fr-FR', { dateStyle: 'long', timeStyle: 'short' });
	}
}

const page = document.getElementById('my-room');
if (page) new MyRooms(page);
