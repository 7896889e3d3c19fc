/** A link that lets one person in, once: what stands after `#enter=` is given to the server, and kept nowhere. */
import { decoded } from '../../shared/decoded.ts';
import { make } from '../dom.ts';
import type { PageContext } from './context.ts';

/** Gives the secret of the address, if there is one. @returns whether the page is to go on; false: it says why the link was refused */
export async function enterByLink({ frame, api, t }: PageContext): Promise<boolean> {
	const secret = /^#enter=(.+)$/.exec(location.hash)?.[1];
	if (secret === undefined) return true;
	// Out of the address at once: it is not to be bookmarked, nor read over a shoulder.
	history.replaceState(history.state, '', location.pathname + location.search);
	try {
		await api.enter((decoded(secret) ?? secret).slice(0, 100));
		return true;
	} catch (error) {
		frame.replaceChildren(make('p', { role: 'alert', class: 'room-said' }, String((error as Error).message)), make('p', {}, t.trainersHow));
		return false;
	}
}
