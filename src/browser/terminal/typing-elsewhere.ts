/**
 * Somebody types in the page, and not in a terminal: in the editor, an answer, a search. Each key wants a frame, and output is drawn by the same thread: a
 * flood leaves most of each frame to them then, and is as fast as ever a moment after the last key.
 */
import type { Manners } from './output-writer.ts';

/** Somebody who types looks up now and then. */
const pauseMs = 1000;
/** Where no frame is drawn, none is waited for. */
const frameMs = 100;

let last = Number.NEGATIVE_INFINITY;

document.addEventListener(
	'keydown',
	({ target }) => {
		if (!(target instanceof Element && target.closest('lab-terminal'))) last = performance.now();
	},
	{ capture: true, passive: true },
);

/** For terminals beside which somebody may type. */
export const besideTyping: Omit<Manners, 'atOnce'> = {
	stepBack: () => performance.now() - last < pauseMs,
	afterFrame(goOn) {
		let gone = false;
		const once = () => {
			if (!gone) goOn();
			gone = true;
		};
		requestAnimationFrame(() => setTimeout(once));
		setTimeout(once, frameMs);
	},
};
