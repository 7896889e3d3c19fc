/** First script of a lesson page, and the only one that a reader without a server gets: small. */
import { make } from '../dom.ts';
import { watchHints } from '../steps/hints.ts';
import { watchLayout, watchSkipLink } from './layout.ts';
import { codeWanted, findSession, isSession } from './session.ts';
import { showValues } from './values.ts';

const frame = document.querySelector<HTMLElement>('.lesson-frame');
if (frame) {
	watchHints(frame);
	const layout = watchLayout(frame);
	watchSkipLink(frame, layout);
	let session = await findSession();
	while (session === codeWanted) {
		const { askCode } = await import('./ask-code.ts');
		await askCode(frame);
		session = await findSession();
	}
	if (session && isSession(session)) {
		void showValues(frame);
		void import('./course-progress.ts').then(({ markLessons }) => markLessons(frame));
	}
	if (session && isSession(session) && session.live) {
		const { LabPage } = await import('./lab.ts');
		const lab = await LabPage.start(frame, layout, session.learner);
		const room = session.rooms?.find(({ course }) => course === frame.dataset.course);
		if (room) lab.enterRoom(room);
	} else {
		frame.dataset.mode = 'reading';
		const show = (selector: string, shown: boolean) => {
			for (const element of frame.querySelectorAll<HTMLElement>(selector)) element.hidden = !shown;
		};
		show('.dock-message > .dock-sentence', false);
		show('.dock-reading', true);
		show('[data-no-server]', !session);
		show('[data-no-engine]', session !== undefined);
		if (session && !isSession(session)) {
			const ways = session.signIn ? [(await import('./sign-in-ways.ts')).signInWays()] : [];
			frame.querySelector('.dock-reading')?.replaceChildren(make('p', { class: 'dock-sentence' }, session.refused), ...ways);
		}
	}
}
