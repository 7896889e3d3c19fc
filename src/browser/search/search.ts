/**
 * The dialog of the search. Its field stands in the page from the start and is never replaced: whatever is typed before the rest has been
 * loaded, dead keys and all, stays in it and is searched for then. The rest is loaded when somebody is about to search.
 */
class SiteSearch extends HTMLElement {
	#loading: Promise<typeof import('./results.ts')> | undefined;

	connectedCallback(): void {
		const dialog = this.querySelector('dialog');
		const field = this.querySelector('input');
		const open = this.querySelector<HTMLButtonElement>('[data-open-modal]');
		const status = this.querySelector<HTMLElement>('[role="status"]');
		const results = this.querySelector<HTMLElement>('.search-results');
		if (!dialog || !field || !open || !status || !results) return;
		const show = () => {
			dialog.showModal();
			field.focus();
			// What was looked for before is read, or typed over.
			field.select();
		};
		let newest = 0;
		// Twice: what it waits for may have been begun by an earlier letter, and be just about to fail.
		const look = async (mine = ++newest, tries = 2): Promise<void> => {
			try {
				const { lookFor } = await this.#load();
				await lookFor(field.value, { status, results });
			} catch {
				if (mine !== newest) return;
				if (tries > 1) return look(mine, tries - 1);
				// What is typed stays; the next letter tries again.
				status.textContent = this.dataset['broken'] ?? '';
			}
		};
		const prepare = () =>
			void this.#load()
				.then(({ ready }) => ready())
				// Who types is told.
				.catch(() => undefined);
		open.addEventListener('click', show);
		open.disabled = false;
		for (const sign of ['pointerenter', 'focus']) open.addEventListener(sign, prepare);
		field.addEventListener('focus', prepare);
		field.addEventListener('input', () => void look());
		this.querySelector('[data-clear]')?.addEventListener('click', () => {
			field.value = '';
			field.focus();
			void look();
		});
		this.querySelector('[data-close-modal]')?.addEventListener('click', () => dialog.close());
		// Beside its frame, or on a link that may lead to this very page.
		dialog.addEventListener('click', ({ target }) => {
			if (target === dialog || (target instanceof Element && target.closest('a'))) dialog.close();
		});
		window.addEventListener('keydown', (event) => {
			if (!(event.metaKey || event.ctrlKey) || event.key !== 'k') return;
			if (dialog.open) dialog.close();
			else show();
			event.preventDefault();
		});
	}

	/** Once; again when it could not be loaded. */
	#load(): Promise<typeof import('./results.ts')> {
		this.#loading ??= import('./results.ts').catch((error: unknown) => {
			this.#loading = undefined;
			throw error;
		});
		return this.#loading;
	}
}

customElements.define('site-search', SiteSearch);
