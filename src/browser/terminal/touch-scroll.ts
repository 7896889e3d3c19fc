/**
 * Scrolling by a finger, which xterm.js 6.0 has lost (its issue 5489): by whole lines, as far as the finger moves. Programs that have the screen
 * (`less`) get arrows, as from a wheel, and those that read the mouse its wheel.
 */
import type { Terminal } from '@xterm/xterm';
import { keyText } from './key-row.ts';

/** Less is a tap, px. */
const threshold = 8;

/** A finger scrolls the lines, or what a full-screen program shows, as a wheel would. */
export function scrollByTouch(screen: HTMLElement, term: Terminal): void {
	let at: number | undefined;
	let scrolls = false;
	/** Moved by the finger and not by the lines yet, px. */
	let rest = 0;
	screen.addEventListener(
		'touchstart',
		({ touches }) => {
			at = touches.length === 1 ? touches[0]?.clientY : undefined;
			scrolls = false;
			rest = 0;
		},
		{ passive: true },
	);
	screen.addEventListener(
		'touchmove',
		(event) => {
			const touch = event.touches[0];
			if (at === undefined || !touch || event.touches.length > 1) return;
			const moved = at - touch.clientY;
			if (!scrolls && Math.abs(moved) < threshold) return;
			scrolls = true;
			at = touch.clientY;
			event.preventDefault();
			const line = (screen.querySelector('.xterm-screen')?.clientHeight ?? 0) / term.rows || 1;
			rest += moved;
			const lines = Math.trunc(rest / line);
			rest -= lines * line;
			if (lines === 0) return;
			if (term.modes.mouseTrackingMode === 'none') {
				if (term.buffer.active.type === 'normal') return term.scrollLines(lines);
				const arrow = keyText({ arrow: lines < 0 ? 'A' : 'B' }, term.modes.applicationCursorKeysMode, { ctrl: false, alt: false });
				return term.input(arrow.repeat(Math.abs(lines)));
			}
			const turn = { deltaY: lines, deltaMode: WheelEvent.DOM_DELTA_LINE, clientX: touch.clientX, clientY: touch.clientY };
			event.target?.dispatchEvent(new WheelEvent('wheel', { ...turn, bubbles: true, cancelable: true }));
		},
		{ passive: false },
	);
}
