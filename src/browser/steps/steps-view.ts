/** Shows how the steps stand: strip under each step, list in the sidebar, bar above the text, page's end. */

import type { Strings } from '../../i18n/fr.ts';
import { fill } from '../../shared/fill.ts';
import type { Language } from '../../shared/language.ts';
import type { StepReport } from '../../shared/protocol/api.ts';
import { announce, button, make } from '../dom.ts';
import { sentenceNodes, sentenceText } from '../sentence.ts';
import { applyReport, initialSteps, passedCount, type StepView } from './step-list.ts';

export interface StepActions {
	/** Run the check, or "I have read it". */
	check(step: string, checked: boolean): void;
	reset(step: string): void;
	/** @param begun they have pressed something in it; otherwise it is in view */
	focus(step: string, begun: boolean): void;
	/** A step stands differently: for the dock, since its own strip may be out of sight. */
	told(verdict: Told): void;
}

export interface Told {
	state: StepView['state'];
	/** "Step 2". */
	place: string;
	/** Code stands between backticks. */
	sentence: string;
	/** Id of the strip that has the whole of it. */
	target: string;
}

/** A refusal of another step that comes within so many ms after a success is of the same command: it does not cover it. */
const successStays = 3000;

export class StepsView {
	readonly #t: Strings;
	readonly #lesson: string;
	readonly #actions: StepActions;
	readonly #sections = new Map<string, HTMLElement>();
	#steps: StepView[];
	#focused = '';
	/** Steps in which something has been pressed since the page is there. */
	readonly #begun = new Set<string>();
	/** The learner has asked how this step stands. */
	#asked: string | undefined;
	#lastSuccess = Number.NEGATIVE_INFINITY;

	constructor(frame: HTMLElement, t: Strings, actions: StepActions) {
		this.#t = t;
		this.#lesson = frame.dataset.lesson ?? '';
		this.#actions = actions;
		for (const section of frame.querySelectorAll<HTMLElement>('.step')) this.#sections.set(section.dataset.step ?? '', section);
		this.#steps = initialSteps([...this.#sections.keys()]);
		for (const step of this.#steps) this.#show(step);
		this.#watchFocus();
		// A hint that has been opened need not be proposed any more; "toggle" does not bubble.
		frame.addEventListener('toggle', (event) => this.#showStepOf(event.target as Element), true);
	}

	#showStepOf(element: Element): void {
		const id = element.closest<HTMLElement>('.step')?.dataset.step;
		const step = this.#steps.find((candidate) => candidate.id === id);
		if (step?.state === 'failed') this.#show(step);
	}

	/** Takes reports of this lesson; those of others are left aside. @param quiet at the start: nothing is announced */
	apply(reports: readonly StepReport[], quiet = false): void {
		const before = this.#steps;
		for (const report of reports) this.#steps = applyReport(this.#steps, this.#lesson, report);
		for (const [index, step] of this.#steps.entries()) {
			if (step === before[index]) continue;
			this.#show(step);
			if (!quiet) this.#say(step, before[index]);
		}
		if (this.#steps !== before) this.#count(quiet);
	}

	/** A refusal or a broken connection, told where the learner has clicked. */
	note(step: string, text: string): void {
		const view = this.#steps.find((candidate) => candidate.id === step);
		if (view) this.#show({ ...view, message: text });
	}

	#say(step: StepView, before: StepView | undefined): void {
		if (step.state === 'todo' || step.state === 'checking' || (step.state === 'passed' && before?.state === 'passed')) return;
		if (step.state === 'passed') this.#lastSuccess = performance.now();
		else if (!this.#speaks(step.id)) return;
		this.#asked = undefined;
		const n = this.#sections.get(step.id)?.dataset.number ?? '';
		const { passedSay, failedSay, errorText, passed, stepNumber } = this.#t;
		const said = { passed: passedSay, failed: failedSay, error: step.message || errorText }[step.state];
		announce(sentenceText(fill(said, { n, message: step.message ?? '' }), this.#language));
		const sentence = { passed, failed: step.message || this.#t.failed, error: step.message || errorText }[step.state];
		this.#actions.told({ state: step.state, place: fill(stepNumber, { n }), sentence, target: statusId(step.id) });
	}

	/**
	 * A command may leave several steps not done: one of them speaks, the one that the learner works on, or the next. After a success
	 * only if they have asked.
	 */
	#speaks(id: string): boolean {
		if (this.#asked !== undefined) return id === this.#asked;
		if (performance.now() - this.#lastSuccess < successStays) return false;
		const open = (step: StepView) => step.state !== 'passed' && 'checked' in (this.#sections.get(step.id)?.dataset ?? {});
		const worked = this.#steps.find((step) => step.id === this.#focused && this.#begun.has(step.id) && open(step));
		return (worked ?? this.#steps.find(open))?.id === id;
	}

	#show(step: StepView): void {
		const section = this.#sections.get(step.id);
		if (!section) return;
		section.dataset.state = step.state;
		const word = this.#t[step.state];
		// The copy in the panel under the bar is shown too, when it is open.
		for (const link of document.querySelectorAll<HTMLElement>(`[data-step-link="${step.id}"]`)) {
			link.dataset.state = step.state;
			const place = link.querySelector('.state-word');
			if (place) place.textContent = word;
		}
		for (const mark of document.querySelectorAll<HTMLElement>(`[data-step-mark="${step.id}"]`)) mark.dataset.state = step.state;
		const strip = section.querySelector<HTMLElement>('.step-status');
		if (!strip) return;
		// Rebuilding the strip must not take the focus from somebody who has just pressed its button.
		const focused = strip.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.does : undefined;
		strip.dataset.state = step.state;
		strip.id = statusId(step.id);
		// The sentence under the terminal leads here.
		strip.tabIndex = -1;
		strip.replaceChildren(...this.#strip(step, section, word));
		// A step that is passed may have no button left: then the strip itself, which the next Tab goes on from.
		if (focused) (strip.querySelector<HTMLElement>(`[data-does="${focused}"]`) ?? strip.querySelector('button') ?? strip).focus();
	}

	get #language(): Language {
		return this.#t.locale.startsWith('en') ? 'en' : 'fr';
	}

	#strip(step: StepView, section: HTMLElement, word: string): Node[] {
		const checked = 'checked' in section.dataset;
		const text = make('div', { class: 'status-text' }, make('strong', {}, word));
		// What the server says of a broken check says whose fault it is not, and what to do: once is enough.
		const message = step.message || (step.state === 'error' ? this.#t.errorText : undefined);
		if (message && step.state !== 'passed') text.append(' ', make('p', {}, ...sentenceNodes(message, this.#language)));
		const parts: Node[] = [make('span', { class: 'state-icon', 'aria-hidden': 'true' }), text];
		const actions = make('div', { class: 'status-actions' });
		const hint = step.hint ? section.querySelector<HTMLDetailsElement>(`[data-hint="${step.hint}"]`) : null;
		if (hint && !hint.open && step.state === 'failed') {
			actions.append(
				button(fill(this.#t.tryHint, { n: step.hint ?? 1 }), () => openHint(section, step.hint ?? 1), { 'data-does': 'hint' }),
			);
		}
		if (step.state !== 'todo' && 'resettable' in section.dataset) {
			actions.prepend(button(this.#t.resetStep, () => this.#actions.reset(step.id), { class: 'quiet', 'data-does': 'reset' }));
		}
		if (step.state !== 'passed') {
			const label = checked ? this.#t.check : this.#t.done;
			const describedby = section.querySelector('h2')?.id;
			const disabled = step.state === 'checking' ? 'true' : undefined;
			actions.append(
				button(label, () => this.#ask(step.id, checked), {
					'data-does': 'check',
					'aria-describedby': describedby,
					'aria-disabled': disabled,
				}),
			);
		}
		// Whoever has left the terminal by the keyboard is here, and a hundred stops of the Tab key away from it.
		actions.append(make('a', { class: 'to-terminal', href: '#dock', 'data-does': 'terminal' }, this.#t.backToTerminal));
		parts.push(actions);
		return parts;
	}

	#ask(step: string, checked: boolean): void {
		this.#asked = step;
		this.#actions.check(step, checked);
	}

	#count(quiet: boolean): void {
		const passed = passedCount(this.#steps);
		for (const place of document.querySelectorAll('.steps-count')) place.textContent = `${passed}/${this.#steps.length}`;
		const complete = document.querySelector<HTMLElement>('.lesson-complete');
		if (!complete) return;
		const done = passed === this.#steps.length;
		if (done && complete.hidden && !quiet) announce(this.#t.congratulations);
		complete.hidden = !done;
	}

	/** The step under the reader's eyes, or the one clicked last, is the one whose checks run first; what is pressed in it has begun it. */
	#watchFocus(): void {
		const inSight = new Set<string>();
		let timer: ReturnType<typeof setTimeout> | undefined;
		const set = (step: string | undefined, begun = false) => {
			if (!step || (step === this.#focused && (!begun || this.#begun.has(step)))) return;
			this.#focused = step;
			if (begun) this.#begun.add(step);
			for (const link of document.querySelectorAll<HTMLElement>('[data-step-link]')) {
				if (link.dataset.stepLink === step) link.setAttribute('aria-current', 'step');
				else link.removeAttribute('aria-current');
			}
			this.#actions.focus(step, begun || this.#begun.has(step));
		};
		const observer = new IntersectionObserver(
			(entries) => {
				for (const { target, isIntersecting } of entries) {
					const id = (target as HTMLElement).dataset.step ?? '';
					if (isIntersecting) inSight.add(id);
					else inSight.delete(id);
				}
				clearTimeout(timer);
				timer = setTimeout(() => {
					const there = this.#steps.filter(({ id }) => inSight.has(id));
					// The end of one that is passed is still in sight of whoever works on the next.
					set((there.find(({ state }) => state !== 'passed') ?? there[0])?.id);
				}, 400);
			},
			// The band in the middle of the window where people read.
			{ rootMargin: '-25% 0px -45% 0px' },
		);
		for (const [id, section] of this.#sections) {
			observer.observe(section);
			section.addEventListener('pointerdown', () => set(id));
			// Whoever comes by with the Tab key has not begun it, nor even looked at it; whoever presses something has.
			section.addEventListener('click', ({ target }) => set(id, (target as Element).closest('button, summary') !== null), true);
		}
	}

	/** Puts the keyboard on the present step: its button, or the list of steps when there is none. */
	enter(): void {
		const section = this.#sections.get(this.#focused) ?? [...this.#sections.values()][0];
		(section?.querySelector<HTMLElement>('[data-does="check"]') ?? document.querySelector<HTMLElement>('.steps-toggle'))?.focus();
	}

	get focused(): { step: string; begun: boolean } | undefined {
		return this.#focused ? { step: this.#focused, begun: this.#begun.has(this.#focused) } : undefined;
	}

	/** How a step stands, as it was reported. */
	report(id: string): StepReport | undefined {
		const view = this.#steps.find((step) => step.id === id);
		return view && { lesson: this.#lesson, step: id, state: view.state, message: view.message, hint: view.hint };
	}
}

const statusId = (step: string) => `status-${step}`;

/** Opens hint `number` and those before it, which have to be open first. */
function openHint(section: HTMLElement, number: number): void {
	for (let n = 1; n <= number; n++) {
		const hint = section.querySelector<HTMLDetailsElement>(`[data-hint="${n}"]`);
		if (!hint) continue;
		hint.open = true;
		hint.dataset.seen = '';
		if (n === number) hint.querySelector('summary')?.focus();
	}
}
