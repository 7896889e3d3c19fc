/** Hints open one after the other: the style sheet hides a hint until the one before carries `data-seen`. */
export function watchHints(root: HTMLElement): void {
	// "toggle" does not bubble.
	root.addEventListener(
		'toggle',
		(event) => {
			const fold = event.target;
			if (fold instanceof HTMLDetailsElement && fold.open && fold.matches('.hint')) fold.dataset.seen = '';
		},
		true,
	);
}
