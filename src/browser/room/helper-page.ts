/** A helper's page of a room: who asks for help, and nothing else. */
import { make } from '../dom.ts';
import { type PageContext, Titles } from './context.ts';
import { followRoom } from './feed.ts';
import { Queue } from './queue.ts';
import type { Me } from './room-api.ts';

/** How often times that pass are told anew, ms. */
const tickMs = 15_000;

/** Fills the page, and follows the room until it is over. */
export function showHelper(context: PageContext, { room }: Me): void {
	const { frame, t, language, courses } = context;
	const heading = document.querySelector('h1');
	if (heading) heading.textContent = room.title;
	document.title = `${room.title} | Établi`;
	const titles = new Titles(courses.find(({ slug }) => slug === room.course));
	const queue = new Queue(context, titles, room.id);
	const said = make('p', { class: 'room-said', role: 'status' });
	let ahead = 0;
	frame.replaceChildren(
		said,
		make('section', { class: 'panel', 'aria-labelledby': 'hands' }, make('h2', { id: 'hands' }, t.handsTitle), queue.element),
	);
	followRoom(room.id, 'queue', language, {
		changed(view) {
			({ ahead } = view);
			queue.show(view.hands ?? [], Date.now() + ahead);
		},
		connected(is) {
			said.textContent = is ? '' : t.connectionLost;
		},
		over(_, message) {
			said.textContent = message;
		},
	});
	setInterval(() => queue.tick(Date.now() + ahead), tickMs);
}
