/** The buttons of blocks that go into a file. What they do is loaded when the first is pressed. */
import type { Strings } from '../i18n/fr.ts';
import type { Placing } from '../shared/placed-file.ts';
import type { Api } from './api.ts';
import { blockText, say, setNote } from './block-note.ts';
import { button, make } from './dom.ts';

export interface FileParts {
	frame: HTMLElement;
	t: Strings;
	api: Api;
	/** Resolves when the bench is up; rejects with a sentence for the learner. */
	ready(): Promise<unknown>;
}

export function addFileButtons({ frame, t, api, ready }: FileParts): void {
	const labels = { write: t.place, append: t.placeAppend, replace: t.placeReplace };
	for (const figure of frame.querySelectorAll<HTMLElement>('figure[data-file]')) {
		const { placing: mode, pattern = '' } = figure.dataset;
		const placing: Placing = mode === 'replace' ? { mode, pattern } : { mode: mode === 'append' ? mode : 'write' };
		let pressed = 0;
		const press = async () => {
			const text = blockText(figure);
			if (text === undefined) return void say(figure, t.requestFailed);
			const press = ++pressed;
			const patience = setTimeout(() => say(figure, t.notReady), 400);
			try {
				await ready();
				if (press !== pressed) return;
				setNote(figure, []);
				const { placeFile } = await import('./place-file.ts');
				await placeFile({ figure, t, api, text, path: figure.dataset.file ?? '', placing, button: element });
			} catch (error) {
				say(figure, error instanceof Error ? error.message : t.notReady);
			} finally {
				clearTimeout(patience);
			}
		};
		const element = button('', () => void press(), { class: 'run-button', 'data-place-button': true });
		element.append(make('span', { class: 'lab-icon icon-place', 'aria-hidden': 'true' }), labels[placing.mode]);
		figure.querySelector('.copy')?.before(element);
	}
}
