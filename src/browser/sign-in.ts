/** The page of single sign-on: signs in and out, and says what went wrong on the way back from the identity provider. */
import type { z } from 'zod';
import { signInEn } from '../i18n/sign-in-en.ts';
import { signInFr } from '../i18n/sign-in-fr.ts';
import { fill } from '../shared/fill.ts';
import type { Language } from '../shared/language.ts';
import { pageAddress } from '../shared/page-names.ts';
import { refusalText } from '../shared/protocol/refusals.ts';
import { refusalIn, signInSchema, signOutSchema } from '../shared/protocol/sign-in.ts';
import { ask } from './ask.ts';
import { button, make } from './dom.ts';
import { signInButton } from './sign-in-link.ts';

class SignInPage {
	readonly #language: Language;
	readonly #t: typeof signInFr;
	readonly #alert: HTMLElement;
	readonly #card: HTMLElement;
	/** The card says more than "one moment". */
	#filled = false;

	constructor(page: HTMLElement) {
		this.#language = page.dataset.language === 'en' ? 'en' : 'fr';
		this.#t = this.#language === 'en' ? signInEn : signInFr;
		this.#alert = page.querySelector<HTMLElement>('[role=alert]') ?? page;
		this.#card = page.querySelector<HTMLElement>('section') ?? page;
		this.#sayRefusal();
		void this.#try(() => this.#show());
	}

	/** Only sentences of ours, by their codes: an address can put no others on the page. */
	#sayRefusal(): void {
		const code = refusalIn(location.hash);
		if (!code) return;
		history.replaceState(history.state, '', location.pathname);
		this.#alert.textContent = refusalText(code, this.#language);
	}

	async #show(): Promise<void> {
		const t = this.#t;
		const found = await ask('/api/sign-in', { schema: signInSchema, failed: t.failed });
		if (found.account) this.#showAccount(found, found.account);
		else if (found.provider === undefined)
			this.#fill(make('p', {}, refusalText('sso-none', this.#language)), this.#actions(this.#join(true)));
		else this.#fill(make('p', {}, t[wordsFor[found.learners]]), this.#actions(this.#start(found.provider), this.#join()));
	}

	#start(provider: string): HTMLElement {
		const to = pageAddress('signIn', this.#language);
		return signInButton(this.#language, { to, text: fill(this.#t.signIn, { provider }) });
	}

	#showAccount(
		{ provider }: z.output<typeof signInSchema>,
		{ name, roles }: { name?: string | undefined; roles: readonly string[] },
	): void {
		const t = this.#t;
		const trainer = roles.some((role) => role === 'trainer' || role === 'operator');
		const link = (page: 'rooms' | 'progress', text: string) =>
			make('a', { class: 'button', href: pageAddress(page, this.#language) }, text);
		this.#fill(
			make('p', { tabindex: '-1' }, fill(t.signedIn, { name: name ?? t.noName })),
			...(trainer ? [make('p', {}, t.asTrainer)] : []),
			this.#actions(
				...(trainer ? [link('rooms', t.toRooms)] : []),
				link('progress', t.toProgress),
				button(t.signOut, () => void this.#try(() => this.#signOut(provider)), { class: 'button' }),
			),
		);
	}

	async #signOut(provider: string | undefined): Promise<void> {
		const t = this.#t;
		const { elsewhere } = await ask(`/api/sign-out?language=${this.#language}`, { schema: signOutSchema, body: null, failed: t.failed });
		const out = make('p', { tabindex: '-1' }, t.signedOut);
		const more =
			elsewhere === undefined ? [] : [make('a', { class: 'button', href: elsewhere }, fill(t.elsewhere, { provider: provider ?? '' }))];
		this.#fill(out, this.#actions(...(provider === undefined ? [] : [this.#start(provider)]), ...more));
		out.focus();
	}

	#join(primary = false): HTMLElement {
		return make('a', { class: primary ? 'button primary' : 'button', href: pageAddress('join', this.#language) }, this.#t.toJoin);
	}

	#actions(...parts: HTMLElement[]): HTMLElement {
		return make('p', { class: 'room-actions' }, ...parts);
	}

	#fill(...parts: HTMLElement[]): void {
		this.#filled = true;
		this.#card.replaceChildren(...parts);
	}

	async #try(action: () => Promise<void>): Promise<void> {
		try {
			await action();
		} catch (error) {
			this.#card.hidden = !this.#filled;
			this.#alert.textContent = error instanceof Error ? error.message : this.#t.failed;
		}
	}
}

const wordsFor = { no: 'forTrainers', may: 'forAll', must: 'forAllMust' } as const;

const page = document.getElementById('sign-in');
if (page) new SignInPage(page);
