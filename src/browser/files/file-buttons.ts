/** The buttons of blocks that go into a file, or open one. What they do is loaded when the first is pressed. */
import type { Strings } from '../../i18n/fr.ts';
import type { Placing } from '../../shared/course/placed-file.ts';
import type { Api } from '../api.ts';
import { blockText, say, setNote } from '../blocks/block-note.ts';
import { isSecondHalf } from '../blocks/double-click.ts';
import { button, make } from '../dom.ts';

export interface FileParts {
	frame: HTMLElement;
	t: Strings;
	api: Api;
	/** Resolves when the lab is up; rejects with a sentence for the learner. */
	ready(): Promise<unknown>;
	/** Opens a file in the editor, brought in sight. @param line from 1 @returns it is open; otherwise the editor says why */
	open(path: string, line: number | undefined): Promise<boolean>;
}

/** Does it once the lab is up, and says under the block what keeps it from being done; nothing when the button has been pressed again meanwhile. */
function onceReady(figure: HTMLElement, { t, ready }: Pick<FileParts, 't' | 'ready'>, work: () => Promise<unknown>): () => Promise<void> {
	let pressed = 0;
	return async () => {
		const press = ++pressed;
		const patience = setTimeout(() => say(figure, t.notReady), 400);
		try {
			await ready();
			if (press !== pressed) return;
			setNote(figure, []);
			await work();
		} catch (error) {
			say(figure, error instanceof Error ? error.message : t.notReady);
		} finally {
			clearTimeout(patience);
		}
	};
}

function addButton(figure: HTMLElement, icon: string, label: string, press: () => void): HTMLButtonElement {
	// The second half of a double click would find done what the first has begun, or be refused for it.
	const element = button('', (event) => isSecondHalf(event) || press(), { class: 'run-button', 'data-place-button': true });
	element.append(make('span', { class: `lab-icon ${icon}`, 'aria-hidden': 'true' }), label);
	figure.querySelector('.copy')?.before(element);
	return element;
}

/** Gives every block of the page that writes a file, or opens one, its button. */
export function addFileButtons(parts: FileParts): void {
	const { frame, t, api, open } = parts;
	for (const figure of frame.querySelectorAll<HTMLElement>('figure[data-open]')) {
		const press = onceReady(figure, parts, async () => {
			// Its name may hold a value of the learner's, which is not known yet.
			if (figure.matches('[data-templates]')) return void say(figure, t.requestFailed);
			const { open: path = '', line } = figure.dataset;
			await open(path, line === undefined ? undefined : Number(line));
		});
		addButton(figure, 'icon-open', t.openFile, () => void press());
	}
	const labels = { write: t.place, append: t.placeAppend, replace: t.placeReplace };
	for (const figure of frame.querySelectorAll<HTMLElement>('figure[data-file]')) {
		const { placing: mode, pattern = '' } = figure.dataset;
		const placing: Placing = mode === 'replace' ? { mode, pattern } : { mode: mode === 'append' ? mode : 'write' };
		const press = onceReady(figure, parts, async () => {
			const text = blockText(figure);
			if (text === undefined) return void say(figure, t.requestFailed);
			const { placeFile } = await import('./place-file.ts');
			await placeFile({ figure, t, api, text, path: figure.dataset.file ?? '', placing, button: element });
		});
		const element = addButton(figure, 'icon-place', labels[placing.mode], () => void press());
	}
}
