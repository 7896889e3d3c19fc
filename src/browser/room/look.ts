/** Asks to see somebody's terminal; the dialog says what they answer, and ends the look when it is closed. */
import { fill } from '../../shared/fill.ts';
import type { PageContext } from './context.ts';
import { openDialog } from './form-parts.ts';

export interface Whose {
	/** Id of the room. */
	room: string;
	/** Public name. */
	learner: string;
	/** What they are called in the room. */
	name: string;
	lesson: string;
	/** As the page calls it. */
	lessonTitle: string;
	/** For the whole room to see. */
	all?: boolean;
}

/** @throws Refused */
export async function openLook({ t, api }: PageContext, { room, learner, name, lesson, lessonTitle, all = false }: Whose): Promise<void> {
	const terminal = '1';
	const { showLook } = await import('./look-page.ts');
	const { look, ticket } = await api.askLook(room, { learner, lesson, terminal, all });
	const { dialog, body } = openDialog(fill(t.lookTitle, { name, lesson: lessonTitle }), all ? t.lookEndAll : t.lookEnd);
	dialog.classList.add('look-dialog');
	dialog.showModal();
	showLook({ t, all, name, terminal, ticket, dialog, body, askTyping: () => api.askTyping(room, look) });
}
