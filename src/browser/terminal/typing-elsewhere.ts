/**
 * Somebody types in the page, and not in this terminal: in the editor, an answer, a search, another terminal. Each key wants a frame, and output is drawn by the same thread: a
 * flood leaves most of each frame to them then, and is as fast as ever a moment after the last key.
 */
import type { Manners } from './output-writer.ts';

/** Somebody who types looks up now and then. */
const pauseMs = 1000;
/** Where no frame is drawn, none is waited for. */
const frameMs = 100;

/** The last key: when, ms, and in which terminal. */
let last: { at: number; terminal: Element | null } = { at: Number.NEGATIVE_INFINITY, terminal: null };

document.addEventListener(
	'keydown',
	({ target }) => {
		last = { at: performance.now(), terminal: target instanceof Element ? target.closest('lab-terminal') : null };
	},
	{ capture: true, passive: true },
);

/** For a terminal beside which somebody may type. */
export function besideTyping(terminal: Element): Omit<Manners, 'atOnce'> {
	return {
		stepBack: () => last.terminal !== terminal && performance.now() - last.at < pauseMs,
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
}
