/** All that the server has of whoever reads the page of their progress: erased, after a question. */
import type { ProgressStrings } from '../i18n/progress-fr.ts';
import { erasedSchema } from '../shared/protocol/api.ts';
import { ask, Refused } from './ask.ts';
import { button, make } from './dom.ts';

export class EraseMe {
	readonly #section: HTMLElement;
	readonly #t: ProgressStrings;
	readonly #language: string;
	readonly #place = make('div', { class: 'progress-actions' });
	readonly #said = make('p', { role: 'status' });
	readonly #failed = make('p', { role: 'alert' });

	/** @param section hidden until the server knows who asks */
	constructor(section: HTMLElement, t: ProgressStrings, language: string) {
		this.#section = section;
		this.#t = t;
		this.#language = language;
		section.append(this.#place, this.#said, this.#failed);
		this.#offer();
	}

	/** There is somebody to be erased. */
	show(): void {
		this.#section.hidden = false;
	}

	#offer(): HTMLButtonElement {
		const { erase, eraseSure, eraseYes } = this.#t;
		const offer = button(erase, () => this.#ask(eraseSure, eraseYes, false));
		this.#place.replaceChildren(offer);
		return offer;
	}

	/** In the place of the button; the keyboard is on the one that changes nothing. */
	#ask(question: string, yes: string, end: boolean): void {
		const keep = button(this.#t.eraseNo, () => this.#offer().focus());
		const go = button(yes, () => void this.#erase(end), { class: 'button danger' });
		this.#failed.textContent = '';
		this.#place.replaceChildren(make('p', {}, question), go, keep);
		keep.focus();
	}

	async #erase(end: boolean): Promise<void> {
		const { erasing, erased, eraseOpen, eraseOpenYes, failed } = this.#t;
		this.#place.replaceChildren();
		this.#said.textContent = erasing;
		try {
			const url = `/api/me?language=${this.#language}${end ? '&end=1' : ''}`;
			await ask(url, { schema: erasedSchema, method: 'DELETE', failed });
			// Drafts of files, and how the page was arranged.
			localStorage.clear();
			sessionStorage.clear();
			this.#said.textContent = erased;
		} catch (error) {
			this.#said.textContent = '';
			if (error instanceof Refused && error.code === 'in-use') return this.#ask(eraseOpen, eraseOpenYes, true);
			this.#offer().focus();
			this.#failed.textContent = error instanceof Error ? error.message : failed;
		}
	}
}
