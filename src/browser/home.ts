/** The learner's progress on the cards of the home page, when there is a server to ask. */
import { fill } from '../shared/fill.ts';
import type { StepReport } from '../shared/protocol/api.ts';
import { findSession, isSession } from './lesson/session.ts';

const session = await findSession();
// On a plain web host there is nobody to ask.
if (session) void offerSignIn();
if (session && isSession(session)) {
	for (const card of document.querySelectorAll<HTMLElement>('.course-card')) {
		const response = await fetch(`/api/courses/${card.dataset.course}/progress`);
		// The cards are complete without progress: a refusal leaves them as they are.
		if (response.ok) showProgress(card, ((await response.json()) as { steps: StepReport[] }).steps);
	}
}

/** Where there is single sign-on. */
async function offerSignIn(): Promise<void> {
	const response = await fetch('/api/sign-in').catch(() => undefined);
	if (!response?.ok || !response.headers.get('content-type')?.includes('json')) return;
	const found = (await response.json()) as { provider?: string };
	document.querySelector('[data-sign-in]')?.toggleAttribute('hidden', found.provider === undefined);
}

function showProgress(card: HTMLElement, steps: StepReport[]): void {
	const texts = JSON.parse(card.dataset.texts ?? '{}') as Record<'resume' | 'again' | 'done' | 'steps', string>;
	const passed = steps.filter((step) => step.state === 'passed');
	let next: HTMLElement | undefined;
	for (const item of card.querySelectorAll<HTMLElement>('[data-lesson]')) {
		const count = Number(item.dataset.steps);
		const done = passed.filter((step) => step.lesson === item.dataset.lesson).length;
		item.toggleAttribute('data-done', done >= count);
		const progress = item.querySelector('.lesson-progress');
		if (progress && done > 0) progress.textContent = done >= count ? texts.done : fill(texts.steps, { n: done, count });
		if (done < count) next ??= item;
	}
	const start = card.querySelector<HTMLAnchorElement>('[data-start]');
	if (!start || passed.length === 0) return;
	start.textContent = next ? texts.resume : texts.again;
	start.href = (next ?? card.querySelector('[data-lesson]'))?.querySelector('a')?.href ?? start.href;
}
