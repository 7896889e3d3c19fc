/** How people get into the room: code, short address, QR code; on a trainer's page and, large, on the wall. */
import { make } from '../dom.ts';
import type { PageContext } from './context.ts';

/** What people type: "http://salle.example:8080/j". */
export const shortAddress = () => `${location.origin}/j`;

/** The page was opened by an address that leads other machines to themselves. */
const onlyHere = () => /^(localhost|127\.|\[::1\])/.test(location.hostname);

let pictures = 0;

/** @param code undefined: nobody can join */
export function shareBlock({ t, language }: PageContext, room: { id: string; code?: string | undefined; state: string }): HTMLElement {
	const { id, code, state } = room;
	const block = make('div', { class: 'share', 'data-state': state });
	if (state !== 'open' || code === undefined) {
		block.append(make('p', { class: 'share-closed' }, state === 'planned' ? t.notOpenYet : t.isClosed));
		return block;
	}
	const text = make('div', { class: 'share-text' });
	text.append(
		make('p', { class: 'share-label' }, t.goTo),
		make('p', { class: 'share-address' }, shortAddress().replace(/^https?:\/\//, '')),
		make('p', { class: 'share-label' }, t.andType),
		// Read out letter by letter: it is not a word.
		make('p', { class: 'share-code', 'aria-label': [...code].join(' ') }, code),
	);
	if (onlyHere()) text.append(make('p', { class: 'share-warning' }, t.onlyHere));
	// An address of its own, since the code may be another by now: the code itself would stay in the log of a proxy.
	const picture = make('img', { class: 'share-qr', alt: t.qrAlt, src: `/api/rooms/${id}/qr?language=${language}&picture=${++pictures}` });
	block.append(text, picture);
	return block;
}
