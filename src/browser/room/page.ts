/** Trainers' pages: who may see them, and which of them this is. */
import { roomStrings } from '../../i18n/room.ts';
import { Refused } from '../ask.ts';
import { make } from '../dom.ts';
import { showClosed } from './closed.ts';
import type { PageContext } from './context.ts';
import { enterByLink } from './enter.ts';
import { RoomApi } from './room-api.ts';

const frame = document.getElementById('room-page');
if (frame) void start(frame);

async function start(frame: HTMLElement): Promise<void> {
	const language = frame.dataset.language === 'en' ? 'en' : 'fr';
	const t = roomStrings[language];
	const api = new RoomApi(language, t.noServer);
	const context: PageContext = { frame, language, t, api, courses: JSON.parse(frame.dataset.courses ?? '[]') };
	keepQuery();
	if (!(await enterByLink(context))) return;
	try {
		await show(context);
	} catch (error) {
		if (!(error instanceof Refused)) throw error;
		// Nobody is known here, or somebody who leads nothing: both need a link, or to sign in.
		const closed = ['no-identity', 'forbidden', 'access-code', 'sign-in'].includes(error.code ?? '');
		if (closed) await showClosed(context);
		else frame.replaceChildren(make('p', { role: 'alert', class: 'room-said' }, error.message));
	}
}

async function show(context: PageContext): Promise<void> {
	const { page } = context.frame.dataset;
	if (page === 'rooms') await (await import('./rooms-page.ts')).showRooms(context);
	else if (page === 'room') await (await import('./room-page.ts')).showRoom(context);
	else await (await import('./projector-page.ts')).showProjector(context);
}

/** The link to the other language leads to the same room. */
function keepQuery(): void {
	for (const link of document.querySelectorAll<HTMLAnchorElement>('.language-link')) link.search = location.search;
}
