/** The dialog that resets the lesson or the bench, or puts the bench away. */
import type { Strings } from '../i18n/fr.ts';
import { button, make } from './dom.ts';

export interface ResetActions {
	lesson(forget: boolean): Promise<unknown>;
	bench(forget: boolean): Promise<unknown>;
	end(): Promise<unknown>;
	/** Address of the learner's work as an archive. */
	work: string;
}

/** Opens it. Each action closes it when it has succeeded, and says what went wrong otherwise. */
export function openResetDialog(t: Strings, actions: ResetActions): void {
	const status = make('p', { role: 'status' });
	const dialog = make('dialog', { class: 'lab-dialog not-content', 'aria-labelledby': 'reset-title' });
	const forget = () => {
		const box = make('input', { type: 'checkbox' });
		return { box, label: make('label', {}, box, t.forget) };
	};
	const act = async (action: () => Promise<unknown>) => {
		for (const element of dialog.querySelectorAll('button')) element.disabled = true;
		status.textContent = t.doing;
		try {
			await action();
			dialog.close();
		} catch (error) {
			status.textContent = error instanceof Error ? error.message : t.requestFailed;
			for (const element of dialog.querySelectorAll('button')) element.disabled = false;
		}
	};
	const part = (title: string, text: string, box: HTMLElement | undefined, action: () => Promise<unknown>) =>
		make(
			'section',
			{},
			make('h3', {}, title),
			make('p', {}, text),
			...(box ? [box] : []),
			button(title, () => void act(action)),
		);
	const lesson = forget();
	const bench = forget();
	dialog.append(
		make('h2', { id: 'reset-title' }, t.resetTitle),
		part(t.resetLesson, t.resetLessonText, lesson.label, () => actions.lesson(lesson.box.checked)),
		part(t.resetBench, t.resetBenchText, bench.label, () => actions.bench(bench.box.checked)),
		part(t.endBench, t.endBenchText, undefined, () => actions.end()),
		make(
			'section',
			{},
			make('h3', {}, t.takeHome),
			make('p', {}, t.takeHomeText),
			make('a', { href: actions.work, download: '', class: 'button' }, t.takeHome),
		),
		make(
			'div',
			{ class: 'dialog-foot' },
			status,
			button(t.close, () => dialog.close()),
		),
	);
	dialog.addEventListener('close', () => dialog.remove());
	dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
	document.body.append(dialog);
	dialog.showModal();
}
