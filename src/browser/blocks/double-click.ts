/** Double clicks on buttons that are to do once what they do, out of a habit from elsewhere. */

/** A press so soon after the first is the second half of one, ms; and so is what the browser counts as one, by the reader's own settings. */
const doubleMs = 600;

let last: { button: EventTarget | null; at: number } | undefined;

/** Something else has been pressed or typed: whatever comes next is a new wish, however soon. */
function elsewhere({ target }: Event): void {
	if (!(target instanceof Node && last?.button instanceof Node && last.button.contains(target))) last = undefined;
}
for (const type of ['pointerdown', 'keydown']) document.addEventListener(type, elsewhere, { capture: true });

/**
 * @param click on a button, its listener's
 * @returns it is the second half (or third part) of a double click on that very button: two buttons pressed fast at one place of the screen, as
 * when the page moves under a hand that stays, are two wishes
 */
export function isSecondHalf({ currentTarget, detail }: MouseEvent): boolean {
	const now = performance.now();
	if (last?.button === currentTarget && (detail > 1 || now - last.at < doubleMs)) return true;
	last = { button: currentTarget, at: now };
	return false;
}

/** A hand that stays moves so far at most, px. */
const placePx = 4;

/** For a row of buttons that move when one of them is pressed: the second half of a double click would press another one. It is left out. */
export function leaveOutSecondHalves(row: HTMLElement): void {
	let former: { at: number; x: number; y: number } | undefined;
	const heed = (event: MouseEvent) => {
		const { clientX: x, clientY: y } = event;
		const now = performance.now();
		if (former && now - former.at < doubleMs && Math.hypot(x - former.x, y - former.y) < placePx) return event.stopPropagation();
		// Nobody double-clicks by the keyboard.
		former = event.detail > 0 ? { at: now, x, y } : undefined;
	};
	row.addEventListener('click', heed, { capture: true });
}
