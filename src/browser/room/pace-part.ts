/** The pace of the class in a lesson page: "look up, please", how far it goes for now, and the time that there is for an exercise. */
import type { AttendeeStrings } from '../../i18n/attendee-fr.ts';
import { fill } from '../../shared/fill.ts';
import type { Pace } from '../../shared/protocol/room-pace.ts';
import { behindGate, countdown, gateNews } from '../../shared/room/countdown.ts';
import { announce, make } from '../dom.ts';
import { Ticking } from './ticking.ts';

/** Those who listen are told once more when so little is left, ms. */
const soonMs = 60_000;

interface PaceDeps {
	t: AttendeeStrings;
	/** Slug of this page's lesson. */
	lesson: string;
	/** Slugs of the course's lessons, in order. */
	lessons: () => string[];
	/** What a step is called. */
	titleOf: (at: { lesson: string; step: string }) => string;
	/** Beside the text and above the terminal: on a narrow screen one of them is out of sight. */
	places: HTMLElement[];
}

export class PacePart {
	/** In the strip: the clock, and how far the class goes. */
	readonly element = make('div', { class: 'room-pace', hidden: true });
	readonly #deps: PaceDeps;
	readonly #bars: HTMLElement[];
	readonly #clock = make('p', { class: 'room-clock', hidden: true });
	readonly #gate = make('p', { hidden: true });
	/** In the text, where the class stops. */
	readonly #line = make('p', { class: 'room-gate not-content', role: 'note' });
	readonly #ticking = new Ticking((now) => this.#draw(now));
	#pace: Pace = {};
	/** What has been said to those who listen. */
	readonly #said = new Set<string>();

	constructor(deps: PaceDeps) {
		this.#deps = deps;
		this.element.append(this.#clock, this.#gate);
		this.#bars = deps.places.map((place) => {
			const bar = make('div', { class: 'room-attention', hidden: true });
			place.prepend(bar);
			return bar;
		});
	}

	/** @param now the server's clock, ms since 1970 */
	show(pace: Pace, now: number): void {
		const news = gateNews(this.#pace.gate, pace.gate);
		this.#ticking.set(now);
		this.#pace = pace;
		this.#showGate();
		if (news === 'set') announce(this.#gate.textContent);
		if (news === 'lifted') announce(this.#deps.t.gateGone);
		this.#ticking.run();
	}

	/** The reader is in no room any more: there is nothing to be said of it. */
	leave(now: number): void {
		this.#pace = {};
		this.show({}, now);
	}

	#showGate(): void {
		const { t, lesson, lessons, titleOf } = this.#deps;
		const { gate } = this.#pace;
		this.#line.remove();
		this.#gate.hidden = !gate;
		if (!gate) return;
		const where = behindGate(lessons(), lesson, gate.lesson);
		const step = titleOf(gate);
		this.#gate.textContent = fill(where === 'behind' ? t.gateBehind : t.gateTo, { step });
		if (where !== 'at') return;
		this.#line.textContent = t.gateHere;
		document.querySelector(`.step[data-step="${CSS.escape(gate.step)}"]`)?.after(this.#line);
	}

	/** Takes away what is over, without waiting for the server. */
	#draw(now: number): void {
		const { t } = this.#deps;
		const { attention, clock } = this.#pace;
		const looks = attention !== undefined && attention.until > now;
		for (const bar of this.#bars) {
			bar.hidden = !looks;
			if (!looks) bar.replaceChildren();
			else if (bar.childElementCount === 0) bar.append(make('strong', {}), make('span', { class: 'room-left', role: 'timer' }));
			const [words, left] = bar.children;
			if (looks && words && left) {
				words.textContent = fill(t.lookUp, { name: attention.by });
				left.textContent = countdown(attention.until - now);
			}
		}
		if (looks) this.#tell(`up ${attention.until}`, fill(t.lookUp, { name: attention.by }));
		this.#clock.hidden = !clock;
		if (clock) this.#drawClock(clock, now);
		this.element.hidden = !clock && !this.#pace.gate;
		if (!looks && !clock) this.#ticking.stop();
	}

	#drawClock(clock: NonNullable<Pace['clock']>, now: number): void {
		const { t, titleOf } = this.#deps;
		const left = clock.ends - now;
		const step = titleOf(clock);
		this.#clock.dataset.over = String(left <= 0);
		const words = fill(left > 0 ? t.clockFor : t.clockOver, { step });
		this.#clock.replaceChildren(`${words} `, ...(left > 0 ? [make('strong', { class: 'room-left', role: 'timer' }, countdown(left))] : []));
		const key = `clock ${clock.ends}`;
		if (left <= 0) this.#tell(`${key} over`, words);
		else if (left <= soonMs) this.#tell(`${key} soon`, `${words} ${countdown(left)}`);
		else this.#tell(key, `${words} ${countdown(left)}`);
	}

	/** Each once. */
	#tell(key: string, text: string): void {
		if (this.#said.has(key)) return;
		this.#said.add(key);
		announce(text);
	}
}
