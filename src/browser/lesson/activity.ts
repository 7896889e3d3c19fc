/** Whether somebody is at the page: a page that is only left open is not to hold a machine for hours. */

const signs = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'scroll', 'touchstart'] as const;
/** Said at most so often, ms. */
const everyMs = 60_000;

/** Calls `active` when somebody types, reads on or moves the pointer, at most once a minute. */
export function watchActivity(active: () => void, target: EventTarget = window, now = () => Date.now()): void {
	let said = Number.NEGATIVE_INFINITY;
	const seen = () => {
		if (now() - said < everyMs) return;
		said = now();
		active();
	};
	// Captured: scrolling a part of the page does not bubble.
	for (const sign of signs) target.addEventListener(sign, seen, { capture: true, passive: true });
}
