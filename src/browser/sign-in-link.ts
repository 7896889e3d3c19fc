import type { Language } from '../shared/language.ts';
import { signInLink } from '../shared/protocol/sign-in.ts';
import { make } from './dom.ts';

/** A button that leads to the identity provider. @param to where the person comes back to */
export function signInButton(language: Language, { to, text }: { to: string; text: string }): HTMLElement {
	// Followed ahead of the click, it would begin a sign-in of its own, and the provider is none of the page's.
	return make('a', { class: 'button primary', href: signInLink(language, to), 'data-astro-prefetch': 'false' }, text);
}
