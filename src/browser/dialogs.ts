/** The dialog of the learner's work: taking it home, putting the lab away, beginning anew. What deletes asks first. */
import type { Strings } from '../i18n/fr.ts';
import { Refused } from './ask.ts';
import { button, downloadLink, make } from './dom.ts';

export interface ResetActions {
	lesson(forget: boolean): Promise<unknown>;
	lab(forget: boolean): Promise<unknown>;
	/** @param ask not when something of the files cannot be kept @throws Refused files-unkept */
	end(ask: boolean): Promise<unknown>;
	/** Address of the learner's work as an archive. */
	work: string;
}

interface Question {
	title: string;
	/** What is deleted. */
	text: string;
	/** Label of the button that does it. */
	yes: string;
	/** A choice that goes with it. */
	choice?: string;
	/** Address of the learner's work as an archive. */
	work: string;
	/** @param chosen the choice was made */
	act(chosen: boolean): Promise<unknown>;
}

const workLink = (t: Strings, address: string) => downloadLink(address, '', { class: 'button' }, t.takeHome);

/** Opens an empty dialog that goes when it is closed. @returns it with `act`, which closes it on success and says what went wrong otherwise */
function openDialog(t: Strings, title: string) {
	const id = 'lab-dialog-title';
	const status = make('p', { role: 'status' });
	const dialog = make('dialog', { class: 'lab-dialog not-content', 'aria-labelledby': id }, make('h2', { id }, title));
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
	dialog.addEventListener('close', () => dialog.remove());
	dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
	document.body.append(dialog);
	return { dialog, status, act };
}

/** Asks before something of the learner's is deleted. The keyboard is on the button that changes nothing. */
export function askFirst(t: Strings, { title, text, yes, choice, work, act: action }: Question): void {
	const { dialog, status, act } = openDialog(t, title);
	const box = make('input', { type: 'checkbox' });
	const keep = button(t.keepAll, () => dialog.close());
	dialog.append(
		make('p', { id: 'lab-dialog-text' }, text),
		...(choice ? [make('label', {}, box, choice)] : []),
		make(
			'div',
			{ class: 'dialog-choice' },
			keep,
			workLink(t, work),
			button(yes, () => void act(() => action(box.checked)), { class: 'button danger' }),
		),
		status,
	);
	dialog.setAttribute('aria-describedby', 'lab-dialog-text');
	dialog.showModal();
	keep.focus();
}

/** Puts the lab away; where that would lose files, it asks first. */
async function endLab(t: Strings, { end, work }: ResetActions): Promise<void> {
	try {
		await end(true);
	} catch (error) {
		if (!(error instanceof Refused && error.code === 'files-unkept')) throw error;
		askFirst(t, { title: t.endLab, text: error.message, yes: t.endLabYes, work, act: () => end(false) });
	}
}

/** What can be done with the work and the lab. */
export function openResetDialog(t: Strings, actions: ResetActions): void {
	const { work } = actions;
	const { dialog, status, act } = openDialog(t, t.resetTitle);
	const part = (title: string, text: string, action: HTMLElement) =>
		make('section', {}, make('h3', {}, title), make('p', {}, text), action);
	const asking = (label: string, question: Omit<Question, 'work'>) =>
		button(
			label,
			() => {
				dialog.close();
				askFirst(t, { ...question, work });
			},
			{ 'aria-haspopup': 'dialog' },
		);
	dialog.append(
		part(t.takeHome, t.takeHomeText, workLink(t, work)),
		part(
			t.endLab,
			t.endLabText,
			button(t.endLab, () => void act(() => endLab(t, actions))),
		),
		part(
			t.resetLesson,
			t.resetLessonText,
			asking(`${t.resetLesson}…`, {
				title: t.resetLesson,
				text: t.resetLessonAsk,
				yes: t.resetLessonYes,
				choice: t.forget,
				act: (forget) => actions.lesson(forget),
			}),
		),
		part(
			t.resetLab,
			t.resetLabText,
			asking(`${t.resetLab}…`, {
				title: t.resetLab,
				text: t.resetLabAsk,
				yes: t.resetLabYes,
				choice: t.forget,
				act: (forget) => actions.lab(forget),
			}),
		),
		make(
			'div',
			{ class: 'dialog-foot' },
			status,
			button(t.close, () => dialog.close()),
		),
	);
	dialog.showModal();
}
