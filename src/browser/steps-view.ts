/** Shows how the steps stand: strip under each step, list in the sidebar, bar above the text, page's end. */
import { fill } from '../i18n/fill.ts';
import type { Strings } from '../i18n/fr.ts';
import type { StepReport } from '../shared/api.ts';
import { typographic } from '../shared/typography.ts';
import { announce, button, make } from './dom.ts';
import { applyReport, initialSteps, passedCount, type StepView } from './step-list.ts';

export interface StepActions {
	/** Run the check, or "I have read it". */
	check(step: string, checked: boolean): void;
	reset(step: string): void;
	focus(step: string): void;
	/** A step stands differently: for the dock, since its own strip may be out of sight. */
	told(verdict: { state: StepView['state']; sentence: string; target: string }): void;
}

export class StepsView {
	readonly #t: Strings;
	readonly #lesson: string;
	readonly #actions: StepActions;
	readonly #sections = new Map<string, HTMLElement>();
	#steps: StepView[];
	#focused = '';

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
		const section = this.#sections.get(step.id);
		const sentence = this.#sentence(step, before, section?.dataset.number ?? '');
		if (sentence === undefined) return;
		announce(sentence);
		this.#actions.told({ state: step.state, sentence, target: section?.querySelector('h2')?.id ?? '' });
	}

	#sentence(step: StepView, before: StepView | undefined, n: string): string | undefined {
		if (step.state === 'passed') return before?.state === 'passed' ? undefined : fill(this.#t.passedSay, { n });
		if (step.state === 'failed') return fill(this.#t.failedSay, { n, message: typographic(step.message ?? '', this.#language) });
		return step.state === 'error' ? this.#t.errorText : undefined;
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
		strip.replaceChildren(...this.#strip(step, section, word));
		if (focused) (strip.querySelector<HTMLElement>(`[data-does="${focused}"]`) ?? strip.querySelector('button'))?.focus();
	}

	get #language(): 'fr' | 'en' {
		return this.#t.locale.startsWith('en') ? 'en' : 'fr';
	}

	#strip(step: StepView, section: HTMLElement, word: string): Node[] {
		const checked = 'checked' in section.dataset;
		const text = make('div', { class: 'status-text' }, make('strong', {}, word));
		const message = step.state === 'error' ? [this.#t.errorText, step.message].filter(Boolean).join(' ') : step.message;
		if (message && step.state !== 'passed') text.append(' ', make('p', {}, typographic(message, this.#language)));
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
				button(label, () => this.#actions.check(step.id, checked), {
					'data-does': 'check',
					'aria-describedby': describedby,
					'aria-disabled': disabled,
				}),
			);
		}
		if (actions.hasChildNodes()) parts.push(actions);
		return parts;
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

	/** The step under the reader's eyes, or the one clicked last, is the one whose checks run first. */
	#watchFocus(): void {
		const inSight = new Set<string>();
		let timer: ReturnType<typeof setTimeout> | undefined;
		const set = (step: string | undefined) => {
			if (!step || step === this.#focused) return;
			this.#focused = step;
			for (const link of document.querySelectorAll<HTMLElement>('[data-step-link]')) {
				if (link.dataset.stepLink === step) link.setAttribute('aria-current', 'step');
				else link.removeAttribute('aria-current');
			}
			this.#actions.focus(step);
		};
		const observer = new IntersectionObserver(
			(entries) => {
				for (const { target, isIntersecting } of entries) {
					const id = (target as HTMLElement).dataset.step ?? '';
					if (isIntersecting) inSight.add(id);
					else inSight.delete(id);
				}
				clearTimeout(timer);
				timer = setTimeout(() => set(this.#steps.find((step) => inSight.has(step.id))?.id), 400);
			},
			// The band in the middle of the window where people read.
			{ rootMargin: '-25% 0px -45% 0px' },
		);
		for (const [id, section] of this.#sections) {
			observer.observe(section);
			section.addEventListener('pointerdown', () => set(id));
			section.addEventListener('focusin', () => set(id));
		}
	}

	/** Puts the keyboard on the present step: its button, or the list of steps when there is none. */
	enter(): void {
		const section = this.#sections.get(this.#focused) ?? [...this.#sections.values()][0];
		(section?.querySelector<HTMLElement>('[data-does="check"]') ?? document.querySelector<HTMLElement>('.steps-toggle'))?.focus();
	}

	get focused(): string {
		return this.#focused;
	}
}

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
