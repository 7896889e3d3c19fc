/** A trainer's rooms: the list, and a new one. */
import { pageAddress } from '../../shared/page-names.ts';
import { make } from '../dom.ts';
import { showClosed } from './closed.ts';
import type { PageContext } from './context.ts';
import { span } from './format.ts';
import type { MyRooms } from './room-api.ts';
import { roomForm } from './room-form.ts';

/** @throws Refused */
export async function showRooms(context: PageContext): Promise<void> {
	const { frame, api, t, language } = context;
	const { rooms, trainer } = await api.mine();
	const led = rooms.filter(({ role }) => role !== 'learner');
	if (!trainer && led.length === 0) {
		await showClosed(context);
		return;
	}
	const form = roomForm(context, {
		submit: t.create,
		save: async (draft) => {
			const made = await api.create(draft);
			// Lines that were not understood are told on the room's own page, beside the list.
			sessionStorage.setItem(`problems-${made.id}`, JSON.stringify(made.problems ?? []));
			location.assign(`${pageAddress('room', language)}?room=${made.id}`);
		},
	});
	const fresh = make('details', { class: 'room-new' }, make('summary', { class: 'button primary' }, t.newRoom), form);
	// The first room is what a new trainer has come for.
	fresh.open = trainer && led.length === 0;
	const list = led.length === 0 ? make('p', {}, t.noRooms) : make('ul', { class: 'room-list' }, ...led.map((room) => line(context, room)));
	frame.replaceChildren(list, ...(trainer ? [fresh] : []));
}

function line({ t, language, courses }: PageContext, room: MyRooms['rooms'][number]): HTMLElement {
	const course = courses.find(({ slug }) => slug === room.course)?.title ?? room.course;
	return make(
		'li',
		{ 'data-state': room.state },
		make('a', { href: `${pageAddress('room', language)}?room=${room.id}` }, room.title),
		make('span', { class: 'room-state' }, t[room.state]),
		make('span', { class: 'room-facts' }, `${course} · ${span(room.starts, room.ends, language)}`),
	);
}
