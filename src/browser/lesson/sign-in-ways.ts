/** The way to sign in, where the server asks for it before it gives a sandbox. */
import { signInEn } from '../../i18n/sign-in-en.ts';
import { signInFr } from '../../i18n/sign-in-fr.ts';
import { pageAddress } from '../../shared/page-names.ts';
import { make } from '../dom.ts';
import { signInButton } from '../sign-in-link.ts';

/** To sign in and come back to this very page, or to join a room. */
export function signInWays(): HTMLElement {
	const language = document.documentElement.lang.startsWith('en') ? 'en' : 'fr';
	const t = language === 'en' ? signInEn : signInFr;
	return make(
		'p',
		{ class: 'dock-sign-in' },
		signInButton(language, { to: location.pathname, text: t.link }),
		' ',
		make('a', { class: 'button', href: pageAddress('join', language) }, t.toJoin),
	);
}
