/** The lessons of the course that are done, marked in the sidebar. */
import type { StepReport } from '../../shared/protocol/api.ts';
import { make } from '../dom.ts';
import { Newest } from './newest.ts';

/** Asks the server, and once more whenever this lesson is finished. Never rejects: without an answer nothing is marked. */
export async function markLessons(frame: HTMLElement): Promise<void> {
	const list = document.querySelector<HTMLElement>('.course-nav .lessons');
	if (!list) return;
	const newest = new Newest();
	const ask = async () => {
		const response = await fetch(`/api/courses/${frame.dataset.course}/progress`).catch(() => undefined);
		return response?.ok ? ((await response.json()) as { steps: StepReport[] }).steps : undefined;
	};
	const look = () => newest.take('progress', ask, (steps) => steps && mark(list, steps));
	const complete = document.querySelector('.lesson-complete');
	if (complete) new MutationObserver(() => void look()).observe(complete, { attributeFilter: ['hidden'] });
	await look();
}

function mark(list: HTMLElement, steps: readonly StepReport[]): void {
	for (const item of list.querySelectorAll<HTMLElement>(':scope > [data-lesson]')) {
		const own = steps.filter(({ lesson }) => lesson === item.dataset.lesson);
		const done = own.length > 0 && own.every(({ state }) => state === 'passed');
		item.toggleAttribute('data-done', done);
		item.querySelector('.done-word')?.remove();
		if (done) item.querySelector('a')?.append(make('span', { class: 'done-word sr-only' }, ` – ${list.dataset.word}`));
	}
}
