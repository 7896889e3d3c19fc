/** What somebody reads who leads nothing, or is not known: how trainers come in. */
import { signInEn } from '../../i18n/sign-in-en.ts';
import { signInFr } from '../../i18n/sign-in-fr.ts';
import { fill } from '../../shared/fill.ts';
import { signInSchema } from '../../shared/protocol/sign-in.ts';
import { ask } from '../ask.ts';
import { make } from '../dom.ts';
import { signInButton } from '../sign-in-link.ts';
import type { PageContext } from './context.ts';

/** In the place of the page: by a link, and by single sign-on where there is one. */
export async function showClosed({ frame, t, language }: PageContext): Promise<void> {
	const parts = [make('p', { role: 'alert', class: 'room-said' }, t.trainersOnly), make('p', {}, t.trainersHow)];
	frame.replaceChildren(...parts);
	// Without an answer the link is still a way in.
	const found = await ask('/api/sign-in', { schema: signInSchema, failed: '' }).catch(() => undefined);
	if (found?.provider === undefined || found.account) return;
	const text = fill((language === 'en' ? signInEn : signInFr).signIn, { provider: found.provider });
	frame.append(make('p', {}, signInButton(language, { to: location.pathname + location.search, text })));
}
