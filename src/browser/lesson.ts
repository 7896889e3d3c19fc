/** First script of a lesson page, and the only one that a reader without a server gets: small. */
import { watchHints } from './hints.ts';
import { watchLayout } from './layout.ts';
import { codeWanted, findSession } from './session.ts';
import { showValues } from './values.ts';

const frame = document.querySelector<HTMLElement>('.lesson-frame');
if (frame) {
	watchHints(frame);
	const layout = watchLayout(frame);
	let session = await findSession();
	while (session === codeWanted) {
		const { askCode } = await import('./ask-code.ts');
		await askCode(frame);
		session = await findSession();
	}
	if (session) void showValues(frame);
	if (session?.live) {
		const { Bench } = await import('./bench.ts');
		await Bench.start(frame, layout);
	} else {
		frame.dataset.mode = 'reading';
		const show = (selector: string, shown: boolean) => {
			for (const element of frame.querySelectorAll<HTMLElement>(selector)) element.hidden = !shown;
		};
		show('.dock-message > .dock-sentence', false);
		show('.dock-reading', true);
		show('[data-no-server]', !session);
		show('[data-no-engine]', session !== undefined);
	}
}
