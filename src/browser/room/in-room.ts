/** What a lesson page of somebody in a trainer's room has besides: a mark that leads to what the room knows, the raised hand, the trainer's words. */
import { attendeeEn } from '../../i18n/attendee-en.ts';
import { type AttendeeStrings, attendeeFr } from '../../i18n/attendee-fr.ts';
import { fill } from '../../shared/fill.ts';
import type { Language } from '../../shared/language.ts';
import { pageAddress } from '../../shared/page-names.ts';
import { type MemberState, memberStateSchema } from '../../shared/protocol/room-member.ts';
import styles from '../../styles/in-room.css?inline';
import { addStyles, announce, button, make } from '../dom.ts';
import { attendeeApi } from './attendee.ts';
import { CardPart } from './card-part.ts';
import { Following } from './following.ts';
import { HandPart } from './hand-part.ts';
import { LookPart } from './look-part.ts';
import { followOpened, OpenedHelp } from './opened.ts';
import { PacePart } from './pace-part.ts';
import { ShowPart } from './show-part.ts';

export interface RoomPlace {
	frame: HTMLElement;
	/** The step that the learner looks at, or works on. */
	step: () => string | undefined;
	/** Number of the learner's terminal that is in sight. */
	terminal: () => string;
	/** Somebody else's terminal is shown to the room; undefined: none is. */
	shown: (shown: MemberState['shown'], t: AttendeeStrings) => void;
	/** The server says something of the room that this page does not know. */
	outdated: () => void;
}

/** Notes that the reader has sent away; they do not come back with the next page. */
const readKey = 'etabli-room-read';

export class InRoom {
	readonly #place: RoomPlace;
	readonly #t: AttendeeStrings;
	readonly #language: Language;
	readonly #strip: HTMLElement;
	readonly #mark: HTMLAnchorElement;
	readonly #notes = make('div', { class: 'room-notes' });
	readonly #hand: HandPart;
	readonly #following: Following;
	readonly #looks: LookPart;
	readonly #pace: PacePart;
	readonly #card: CardPart;
	readonly #lead: HTMLButtonElement;
	readonly #show: ShowPart;
	readonly #opened: OpenedHelp;
	#state: MemberState | undefined;
	#announced = new Set<string>();
	#outdated = false;

	constructor(place: RoomPlace, room: { id: string; title: string }) {
		this.#place = place;
		this.#language = place.frame.dataset.language === 'en' ? 'en' : 'fr';
		this.#t = this.#language === 'en' ? attendeeEn : attendeeFr;
		addStyles(styles);
		const texts = { language: this.#language, t: this.#t };
		this.#mark = make('a', { class: 'room-mark' });
		const api = attendeeApi(texts);
		const roomId = () => this.#state?.id ?? room.id;
		this.#hand = new HandPart({ t: this.#t, api, room: roomId, at: () => this.#at(), titleOf: stepTitle });
		this.#following = new Following({ t: this.#t, lesson: this.#lesson, addressOf: (lesson, step) => this.#addressOf(lesson, step) });
		this.#lead = button(this.#t.lead, () => void this.#toggleLead(api), { class: 'quiet', hidden: true, 'aria-pressed': 'false' });
		const terminal = () => ({ lesson: this.#lesson, terminal: place.terminal() });
		this.#show = new ShowPart({ t: this.#t, api, terminal, lessonTitle });
		this.#card = new CardPart({ t: this.#t, answer: (card, answer) => api.card(roomId(), card, answer), neighbour: this.#mark });
		const row = make('div', { class: 'room-row' }, this.#mark, this.#hand.button, this.#card.button, this.#lead, this.#show.button);
		row.append(this.#show.status, this.#hand.status);
		this.#strip = make('section', { class: 'room-strip not-content', 'aria-label': this.#t.mineTitle }, row, this.#hand.form);
		place.frame.querySelector('.steps-bar')?.after(this.#strip);
		const dock = place.frame.querySelector<HTMLElement>('.dock-body');
		const places = [this.#strip, ...(dock ? [dock] : [])];
		this.#looks = new LookPart({ t: this.#t, api, lessonTitle, places });
		this.#pace = new PacePart({ t: this.#t, lesson: this.#lesson, lessons: courseLessons, titleOf: (at) => this.#titleOf(at), places });
		this.#strip.append(this.#card.element, this.#pace.element, this.#following.element, this.#notes);
		this.#showMark(room);
		this.#opened = new OpenedHelp(({ step, what }) => api.opened(roomId(), { lesson: this.#lesson, step, what }));
		followOpened(place.frame, (one) => this.#opened.add(one));
	}

	/**
	 * Takes what the server says; null: the learner is in no room any more. What is not understood is left aside: the server is newer, which is told once.
	 * @param now the server's clock, ms since 1970
	 */
	take(said: unknown, now: number): void {
		this.#strip.hidden = said === null;
		if (said === null) {
			this.#looks.show([]);
			this.#pace.leave(now);
			this.#card.show(undefined);
			this.#place.shown(undefined, this.#t);
			this.#opened.take(null);
			return;
		}
		const state = memberStateSchema.safeParse(said).data;
		if (!state) return this.#tellOutdated();
		const before = this.#state;
		this.#state = state;
		this.#opened.take(state.role);
		this.#showMark(state);
		if (state.state === 'closed' && before?.state !== 'closed') announce(this.#t.closedText);
		this.#hand.show(state);
		this.#looks.show(state.looks);
		this.#pace.show(state.pace, now);
		this.#card.show(state.card);
		this.#show.take(state);
		this.#place.shown(state.shown?.mine ? undefined : state.shown, this.#t);
		this.#following.show(state.role === 'trainer' ? undefined : state.follow);
		this.#lead.hidden = state.role !== 'trainer' || state.state !== 'open';
		this.#lead.setAttribute('aria-pressed', String(state.follow !== undefined));
		this.#lead.textContent = state.follow ? this.#t.leadStop : this.#t.lead;
		this.#showNotes(state);
	}

	#tellOutdated(): void {
		if (!this.#outdated) this.#place.outdated();
		this.#outdated = true;
	}

	get #lesson(): string {
		return this.#place.frame.dataset.lesson ?? '';
	}

	#at(): { lesson: string; step: string } {
		const first = this.#place.frame.querySelector<HTMLElement>('.step')?.dataset.step ?? '';
		return { lesson: this.#lesson, step: this.#place.step() ?? first };
	}

	/** "2. Building"; of another lesson, whose steps this page does not know by their titles, its lesson. */
	#titleOf({ lesson, step }: { lesson: string; step: string }): string {
		return lesson === this.#lesson ? stepTitle(step) : lessonTitle(lesson);
	}

	#addressOf(lesson: string, step: string): string {
		return `/${this.#language}/${this.#place.frame.dataset.course}/${lesson}/#step-${step}`;
	}

	#showMark({ id, title, state }: { id: string; title: string; state?: string }): void {
		this.#mark.href = `${pageAddress('myRoom', this.#language)}#${id}`;
		this.#mark.textContent = fill(state === 'closed' ? this.#t.inClosedRoom : this.#t.inRoom, { title });
	}

	async #toggleLead(api: ReturnType<typeof attendeeApi>): Promise<void> {
		const { id, follow } = this.#state ?? {};
		if (id === undefined) return;
		try {
			await (follow ? api.stopLeading(id) : api.lead(id, this.#at()));
		} catch (error) {
			announce(error instanceof Error ? error.message : this.#t.failed);
		}
	}

	/** Each is said once; a reader sends it away, or it goes by itself after half an hour. */
	#showNotes({ notes }: MemberState): void {
		const read = new Set(sessionStorage.getItem(readKey)?.split(' '));
		const shown = notes.filter(({ id }) => !read.has(id));
		this.#notes.replaceChildren(
			...shown.map(({ id, from, text }) => {
				const away = button(this.#t.noteRead, () => {
					read.add(id);
					sessionStorage.setItem(readKey, [...read].slice(-20).join(' '));
					this.#showNotes({ notes } as MemberState);
				});
				return make(
					'p',
					{ class: 'room-note' },
					make('strong', {}, fill(this.#t.says, { who: from, what: '' })),
					make('span', {}, text),
					away,
				);
			}),
		);
		for (const { id, from, text } of shown) {
			if (!this.#announced.has(id)) announce(fill(this.#t.says, { who: from, what: text }));
			this.#announced.add(id);
		}
	}
}

/** Slugs of the course's lessons, in order. */
const courseLessons = (): string[] =>
	[...document.querySelectorAll<HTMLElement>('.lessons [data-lesson]')].map(({ dataset }) => dataset.lesson ?? '');

/** What a lesson is called in the list of the course's lessons. */
function lessonTitle(lesson: string): string {
	const name = document.querySelector(`.lessons [data-lesson="${CSS.escape(lesson)}"] > a > span:not(.lesson-order, .done-word)`);
	return name?.textContent?.trim() || lesson;
}

/** What a step is called on this page: "2. Building"; its name when it is not of this page. */
function stepTitle(step: string): string {
	const link = document.querySelector(`.step[data-step="${CSS.escape(step)}"] h2`);
	return link?.textContent?.trim() || step;
}
