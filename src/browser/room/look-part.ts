/** Somebody asks to look at this person's terminal, or looks: said where it cannot be overlooked, with one button that ends it. */
import type { AttendeeStrings } from '../../i18n/attendee-fr.ts';
import { fill } from '../../shared/fill.ts';
import type { MemberState } from '../../shared/protocol/room-member.ts';
import { announce, button, make } from '../dom.ts';
import type { attendeeApi } from './attendee.ts';

type Look = MemberState['looks'][number];

interface LookDeps {
	t: AttendeeStrings;
	api: Pick<ReturnType<typeof attendeeApi>, 'answer' | 'stop'>;
	/** What the lesson is called on this page. */
	lessonTitle: (slug: string) => string;
	/** Beside the text and above the terminal: on a narrow screen one of them is out of sight. */
	places: HTMLElement[];
}

export class LookPart {
	readonly #deps: LookDeps;
	readonly #bars: HTMLElement[];
	#looks: Look[] = [];
	/** Questions that have been answered, until the server shows what follows: a second click does not answer the next one. */
	readonly #answered = new Set<string>();

	constructor(deps: LookDeps) {
		this.#deps = deps;
		this.#bars = deps.places.map((place) => {
			const bar = make('div', { class: 'room-looks', hidden: true });
			place.prepend(bar);
			return bar;
		});
	}

	show(looks: Look[]): void {
		const before = this.#looks;
		if (JSON.stringify(before) === JSON.stringify(looks)) return;
		this.#looks = looks;
		for (const key of this.#answered) if (!looks.some((look) => questionOf(look) === key)) this.#answered.delete(key);
		for (const look of looks) {
			const was = before.find(({ id }) => id === look.id);
			if (was?.phase !== look.phase || was.hands !== look.hands) announce(this.#sentence(look));
		}
		const { looksNone, looksNoneAll } = this.#deps.t;
		for (const { id, by, phase, all } of before)
			if (phase !== 'asked' && !looks.some((look) => look.id === id)) announce(fill(all ? looksNoneAll : looksNone, { name: by }));
		for (const bar of this.#bars) {
			const had = bar.contains(document.activeElement);
			bar.hidden = looks.length === 0;
			bar.replaceChildren(...looks.map((look) => this.#line(look)));
			if (had) bar.querySelector('button')?.focus();
		}
	}

	#sentence({ by, phase, hands, lesson, terminal, all }: Look): string {
		const { t } = this.#deps;
		const text = {
			asked: all ? t.lookAskedAll : t.lookAsked,
			looking: all ? t.lookingAll : t.looking,
			'typing-asked': t.typingAsked,
			typing: hands === 'guest' ? t.typingGuest : t.typingOwn,
			ended: t.looksNone,
		}[phase];
		const typing = phase === 'typing-asked' || phase === 'typing';
		return fill(all && typing ? `${t.lookingAll} ${text}` : text, { name: by, terminal, lesson: this.#deps.lessonTitle(lesson) });
	}

	/** The keyboard is first on what changes nothing, or ends it. */
	#line(look: Look): HTMLElement {
		const { t } = this.#deps;
		// Not `disabled`, which would take the keyboard away from it.
		const state = { 'data-question': questionOf(look), 'aria-disabled': String(this.#answered.has(questionOf(look))) };
		const no = (label: string) => button(label, () => this.#answer(look, false), state);
		const yes = (label: string) => button(label, () => this.#answer(look, true), { class: 'button primary', ...state });
		const end = () => this.#deps.api.stop(look.room, look.id).catch((error: unknown) => this.#failed(error));
		const stop = button(t.lookStop, () => void end(), { class: 'button danger' });
		const buttons = {
			asked: [no(t.lookNo), yes(look.all ? t.lookYesAll : t.lookYes)],
			looking: [stop],
			'typing-asked': [no(t.typingNo), yes(t.typingYes), stop],
			typing: [stop, no(t.typingStop)],
			ended: [],
		}[look.phase];
		const words = make('strong', {}, this.#sentence(look));
		return make(
			'div',
			{ class: 'room-look', 'data-phase': look.phase, ...(look.all && { 'data-all': '' }) },
			make('span', { class: 'room-eye', 'aria-hidden': 'true' }, '◉'),
			words,
			...buttons,
		);
	}

	#answer(look: Look, yes: boolean): void {
		const { id, room, phase } = look;
		const key = questionOf(look);
		if (phase === 'looking' || phase === 'ended' || this.#answered.has(key)) return;
		this.#answered.add(key);
		this.#mark(key, true);
		this.#deps.api.answer(room, id, { yes, to: phase }).catch((error: unknown) => {
			this.#answered.delete(key);
			this.#mark(key, false);
			this.#failed(error);
		});
	}

	#mark(key: string, answered: boolean): void {
		for (const bar of this.#bars)
			for (const one of bar.querySelectorAll<HTMLElement>(`[data-question="${key}"]`)) one.setAttribute('aria-disabled', String(answered));
	}

	#failed(error: unknown): void {
		announce(error instanceof Error ? error.message : this.#deps.t.failed);
	}
}

const questionOf = ({ id, phase }: Look) => `${id}-${phase}`;
