/** For the wall: how to get in, large, and where the class is. No name is sent to this page, but what people write themselves, once that question is closed. */
import { make } from '../dom.ts';
import { cardResults } from './card-results.ts';
import { type PageContext, roomOfAddress, Titles } from './context.ts';
import { followRoom } from './feed.ts';
import { paceLines } from './pace-panel.ts';
import { shareBlock } from './share.ts';
import { Ticking } from './ticking.ts';
import { whereNodes } from './where.ts';

/** Fills the page, and follows the room of its address. */
export async function showProjector(context: PageContext): Promise<void> {
	const { frame, t, language, courses } = context;
	const share = make('div', { class: 'wall-share' });
	const where = make('section', { class: 'wall-where', 'aria-label': t.whereTitle });
	const said = make('p', { class: 'room-said', role: 'status' });
	const pace = make('div', { class: 'wall-pace' });
	const card = make('section', { class: 'wall-card', 'aria-label': t.cardsTitle, hidden: true });
	frame.replaceChildren(said, pace, card, share, where);
	let shown = '';
	let lines = (_now: number): Node[] => [];
	const ticking = new Ticking((now) => pace.replaceChildren(...lines(now)));
	followRoom(roomOfAddress(), 'front', language, {
		changed({ room, counts, pace: said = {}, wall = [], ahead }) {
			if (!room || !counts) return;
			const heading = document.querySelector('h1');
			if (heading && heading.textContent !== room.title) heading.textContent = room.title;
			const key = `${room.state} ${room.code}`;
			if (key !== shown) share.replaceChildren(shareBlock(context, room));
			shown = key;
			const titles = new Titles(courses.find(({ slug }) => slug === room.course));
			card.hidden = wall.length === 0;
			card.replaceChildren(...wall.flatMap((one) => [make('h2', {}, one.question), ...cardResults(context, one)]));
			lines = (now) => paceLines(context, titles, said, now);
			ticking.set(Date.now() + ahead);
			ticking.run();
			where.replaceChildren(...whereNodes(context, { titles, room, counts, heading: 'h2' }));
		},
		connected(is) {
			said.textContent = is ? '' : t.connectionLost;
		},
		over(_, message) {
			said.textContent = message;
		},
	});
}
