/** Puts a block's text in a file: at once where nothing is lost, otherwise after the learner has seen the difference; and back again. */
import type { Strings } from '../../i18n/fr.ts';
import { type Placing, place } from '../../shared/course/placed-file.ts';
import { fill } from '../../shared/fill.ts';
import type { FileReport } from '../../shared/protocol/api.ts';
import type { Api } from '../api.ts';
import { say, setNote } from '../blocks/block-note.ts';
import { button, make } from '../dom.ts';
import { difference } from './difference.ts';
import { sayFilesTouched } from './files-touched.ts';

export interface Asked {
	figure: HTMLElement;
	t: Strings;
	api: Pick<Api, 'lookAtFile' | 'writeFile'>;
	text: string;
	path: string;
	placing: Placing;
	/** The one that was pressed: it has the keyboard again afterwards. */
	button: HTMLElement;
}

/** @throws Refused with a sentence for the learner */
export async function placeFile(asked: Asked): Promise<void> {
	const { figure, t, api, text, path, placing } = asked;
	const before = await api.lookAtFile(path);
	const after = place(before.text ?? undefined, text, placing);
	if ('fault' in after) {
		const pattern = placing.mode === 'replace' ? placing.pattern : '';
		return void say(figure, fill(after.fault === 'no-file' ? t.placeNoFile : t.placeNoLine, { file: path, pattern }));
	}
	if (after.text === before.text) return void say(figure, fill(t.placeAlready, { file: path }));
	if (before.text === null || before.text === '') await write(asked, before, after.text);
	else confirm(asked, before, before.text, after.text);
}

function confirm(asked: Asked, before: FileReport, old: string, text: string): void {
	const { figure, t, path, placing } = asked;
	const done = (next: () => Promise<void>) => {
		group.remove();
		// What is said stands under the block, which may be long.
		asked.button.focus({ preventScroll: true });
		next().catch((error: unknown) => say(figure, error instanceof Error ? error.message : t.requestFailed));
	};
	const keep = async () => void say(figure, fill(t.placeKept, { file: path }));
	const question = fill(placing.mode === 'write' ? t.placeDiffers : t.placeChanges, { file: path });
	const yes = button(t.placeConfirm, () => done(() => write(asked, before, text)));
	// No status: a screen reader would read the whole difference aloud by itself. It says the question when the button gets the keyboard.
	const group = make(
		'div',
		{ class: 'run-note', role: 'group', 'aria-label': question },
		make('span', { style: 'flex:1 1 100%' }, question),
		difference(old, text, t),
		yes,
		button(t.placeKeep, () => done(keep), { class: 'quiet' }),
	);
	group.addEventListener('keydown', ({ key }) => key === 'Escape' && done(keep));
	setNote(figure, []);
	figure.append(group);
	yes.focus();
}

async function write({ figure, t, api, path }: Asked, before: FileReport, text: string): Promise<void> {
	const written = await api.writeFile({ path, text, mark: before.mark });
	sayFilesTouched(figure);
	const undo = async () => {
		try {
			await api.writeFile({ path, text: before.text, mark: written.mark });
			sayFilesTouched(figure);
			say(figure, fill(before.text === null ? t.placeRemoved : t.placeUndone, { file: path }));
		} catch (error) {
			say(figure, error instanceof Error ? error.message : t.requestFailed);
		}
	};
	setNote(figure, [
		make('span', { style: 'flex:1 1 12rem' }, fill(before.text === null ? t.placeNew : t.placeDone, { file: path })),
		button(t.placeUndo, () => void undo(), { class: 'quiet' }),
	]);
}
