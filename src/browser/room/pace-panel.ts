/** Leading the class through its time: eyes up, how far it may go, time for an exercise, everybody's workbenches. */
import { fill } from '../../shared/fill.ts';
import type { FeedPerson, FeedRoom } from '../../shared/protocol/room-feed.ts';
import { type Pace, type PaceRequest, paceBounds } from '../../shared/protocol/room-pace.ts';
import { countdown } from '../../shared/room/countdown.ts';
import { button, make } from '../dom.ts';
import type { PageContext, Titles } from './context.ts';
import { field } from './form-parts.ts';
import { Ticking } from './ticking.ts';

/** What is offered: "look up" for so many seconds, more minutes for an exercise, and how many at first. */
const lookUpSeconds = [30, 60, 120];
const moreMinutes = [1, 5];
const usualMinutes = 10;

/** As the feed tells it. */
export interface PaceView {
	room: FeedRoom;
	people: readonly FeedPerson[];
	pace: Pace;
	/** The server's clock, ms. */
	now: number;
}

/**
 * A part that shows either how to begin something, or what runs. The keyboard goes along: to what ends it; and at its end, which may come by time
 * while somebody is about to press, to the title, where nothing can be asked for anew by mistake.
 */
class Part {
	readonly element: HTMLElement;
	readonly state = make('p', { class: 'pace-state' });
	readonly #title: HTMLElement;
	readonly #begin: HTMLElement;
	readonly #running: HTMLElement;

	constructor(title: string, begin: Node[], running: Node[]) {
		this.#title = make('h3', { tabindex: '-1' }, title);
		this.#begin = make('div', { class: 'pace-row' }, ...begin);
		this.#running = make('div', { class: 'pace-row', hidden: true }, this.state, ...running);
		this.element = make('div', { class: 'pace-part', role: 'group', 'aria-label': title }, this.#title, this.#begin, this.#running);
	}

	show(runs: boolean): void {
		if (this.#running.hidden !== runs) return;
		const had = this.element.contains(document.activeElement);
		this.#running.hidden = !runs;
		this.#begin.hidden = runs;
		if (had) (runs ? this.#running.querySelector('button') : this.#title)?.focus();
	}
}

export class PacePanel {
	readonly element = make('div', { class: 'pace' });
	readonly #context: PageContext;
	readonly #titles: Titles;
	readonly #room: string;
	readonly #attention: Part;
	readonly #gate: Part;
	readonly #clock: Part;
	readonly #gateStep = make('select', {});
	readonly #clockStep = make('select', {});
	readonly #minutes: HTMLInputElement;
	readonly #said = make('p', { role: 'status', class: 'room-status' });
	readonly #fault = make('p', { role: 'alert', class: 'room-said' });
	readonly #ticking = new Ticking((now) => this.#draw(now));
	#view: PaceView | undefined;
	#steps = '';

	/** @param room its id */
	constructor(context: PageContext, titles: Titles, room: string) {
		const { t, api } = context;
		this.#context = context;
		this.#titles = titles;
		this.#room = room;
		const { least, most } = paceBounds.minutes;
		this.#minutes = make('input', { type: 'number', min: String(least), max: String(most), value: String(usualMinutes), required: true });
		const set = (request: () => PaceRequest) => () => this.#do(() => api.pace(room, request()));
		const at = (select: HTMLSelectElement) => this.#view?.room.steps[Number(select.value)] ?? { lesson: '', step: '' };
		this.#attention = new Part(
			t.paceLookUp,
			lookUpSeconds.map((seconds) =>
				button(
					fill(t.paceSeconds, { n: seconds }),
					set(() => ({ attention: { seconds } })),
				),
			),
			[
				button(
					t.paceEnd,
					set(() => ({ attention: null })),
				),
			],
		);
		this.#gate = new Part(
			t.paceGate,
			[
				field(t.paceGateStep, this.#gateStep),
				button(
					t.paceGateSet,
					set(() => ({ gate: at(this.#gateStep) })),
				),
			],
			[
				button(
					t.paceGateOpen,
					set(() => ({ gate: null })),
				),
			],
		);
		const start = () => {
			if (!this.#minutes.reportValidity()) return;
			this.#do(() => api.pace(room, { clock: { ...at(this.#clockStep), minutes: this.#minutes.valueAsNumber } }));
		};
		this.#clock = new Part(
			t.paceClock,
			[field(t.paceClockStep, this.#clockStep), field(t.paceClockMinutes, this.#minutes), button(t.paceClockStart, start)],
			[
				...moreMinutes.map((more) =>
					button(
						fill(t.paceMore, { n: more }),
						set(() => ({ clock: { more } })),
					),
				),
				button(
					t.paceEnd,
					set(() => ({ clock: null })),
				),
			],
		);
		const benches = make('div', { class: 'pace-row' }, ...this.#benchButtons());
		this.element.append(this.#attention.element, this.#gate.element, this.#clock.element);
		const all = make('div', { class: 'pace-part', role: 'group', 'aria-label': t.paceBenches }, make('h3', {}, t.paceBenches), benches);
		this.element.append(all, this.#said, this.#fault);
	}

	#benchButtons(): HTMLElement[] {
		const { t, api } = this.#context;
		return [
			button(t.pacePrepare, () =>
				this.#do(async () => {
					this.#said.textContent = fill(t.pacePrepared, await api.prepareAll(this.#room));
				}),
			),
			button(t.paceExtend, () =>
				this.#do(async () => {
					this.#said.textContent = fill(t.paceExtended, await api.extendAll(this.#room));
				}),
			),
		];
	}

	show(view: PaceView): void {
		this.#view = view;
		this.#ticking.set(view.now);
		const steps = JSON.stringify(view.room.steps);
		if (steps !== this.#steps) {
			this.#steps = steps;
			for (const select of [this.#gateStep, this.#clockStep]) this.#fill(select, view.room);
		}
		this.#ticking.run();
	}

	#fill(select: HTMLSelectElement, { steps }: FeedRoom): void {
		const groups = new Map<string, HTMLElement>();
		steps.forEach((at, index) => {
			const group = groups.get(at.lesson) ?? make('optgroup', { label: this.#titles.lesson(at.lesson) });
			groups.set(at.lesson, group);
			group.append(make('option', { value: String(index) }, this.#titles.step(at)));
		});
		select.replaceChildren(...groups.values());
	}

	#draw(now: number): void {
		const { t } = this.#context;
		const { attention, gate, clock } = this.#view?.pace ?? {};
		const looks = attention !== undefined && attention.until > now;
		if (looks) this.#attention.state.textContent = fill(t.paceLooking, { left: countdown(attention.until - now) });
		this.#attention.show(looks);
		if (gate) this.#gate.state.textContent = this.#gateText(gate);
		this.#gate.show(gate !== undefined);
		const step = clock && this.#titles.step(clock);
		if (clock) {
			const left = clock.ends - now;
			this.#clock.state.textContent = fill(left > 0 ? t.paceClockRuns : t.paceClockOver, { step: step ?? '', left: countdown(left) });
		}
		this.#clock.show(clock !== undefined);
		if (!looks && !clock) this.#ticking.stop();
	}

	/** Where it is, and how many have come so far. */
	#gateText(gate: NonNullable<Pace['gate']>): string {
		const { t } = this.#context;
		const { room, people = [] } = this.#view ?? {};
		const index = room?.steps.findIndex(({ lesson, step }) => lesson === gate.lesson && step === gate.step) ?? -1;
		const there = people.filter(({ at }) => at > index).length;
		return `${fill(t.paceGateAt, { step: this.#titles.step(gate) })} ${fill(t.paceThere, { n: there, people: people.length })}`;
	}

	#do(work: () => Promise<unknown>): void {
		this.#said.textContent = '';
		this.#fault.textContent = '';
		work().catch((error: unknown) => {
			this.#fault.textContent = error instanceof Error ? error.message : String(error);
		});
	}
}

/** For the wall: nothing but what everybody is to know. @returns the lines; none when nothing is said */
export function paceLines({ t }: PageContext, titles: Titles, { attention, gate, clock }: Pace, now: number): Node[] {
	const line = (words: string, left?: number) =>
		make('p', {}, `${words} `, ...(left === undefined ? [] : [make('strong', { class: 'room-left', role: 'timer' }, countdown(left))]));
	const lines: Node[] = [];
	if (attention && attention.until > now) lines.push(line(t.wallLookUp, attention.until - now));
	if (clock) {
		const left = clock.ends - now;
		lines.push(
			left > 0 ? line(fill(t.wallClock, { step: titles.step(clock) }), left) : line(fill(t.wallClockOver, { step: titles.step(clock) })),
		);
	}
	if (gate) lines.push(line(fill(t.wallGate, { step: titles.step(gate) })));
	return lines;
}
