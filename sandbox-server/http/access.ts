/**
 * The access code: a word that the trainer gives to the class, so that a server which anybody can reach hands out sandboxes to that class
 * alone. Asked once for each browser, remembered in a signed cookie; another code makes all of them void. Lessons can be read without it.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { PublicError } from '../../src/shared/errors.ts';
import { Buckets } from './buckets.ts';

const cookieName = 'etabli-access';
const cookieSeconds = 400 * 24 * 3600;
/** Wrong codes of one address: a class of a hundred mistypes, a program that guesses gets nowhere. */
const wrongAtOnce = 60;
const wrongPerMinute = 20;

/** As people write it: capitals and blanks around it do not count. */
const plain = (code: string): string => code.trim().toLowerCase();
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

export class Access {
	readonly #app: FastifyInstance;
	readonly #secure: boolean;
	readonly #wrong: Buckets;
	/** undefined: no code is asked for. */
	readonly #code: Buffer | undefined;
	/** What the cookie holds: it says which code was known, and not what it is. */
	readonly #mark: string;

	/** @param app with @fastify/cookie, which signs */
	constructor(
		app: FastifyInstance,
		{ code, secret, secure, now }: { code: string | undefined; secret: Buffer; secure: boolean; now: () => number },
	) {
		this.#app = app;
		this.#secure = secure;
		this.#code = code === undefined ? undefined : digest(plain(code));
		this.#mark = createHmac('sha256', secret)
			.update(`access ${plain(code ?? '')}`)
			.digest('base64url')
			.slice(0, 24);
		this.#wrong = new Buckets({ burst: wrongAtOnce, perMinute: wrongPerMinute, now });
	}

	/** May whoever sends this `Cookie` header in? */
	granted(header: string | undefined): boolean {
		if (!this.#code) return true;
		const raw = header === undefined ? undefined : this.#app.parseCookie(header)[cookieName];
		if (raw === undefined) return false;
		const { valid, value } = this.#app.unsignCookie(raw);
		return valid && timingSafeEqual(digest(value), digest(this.#mark));
	}

	/** Lets them in if the code is right. @throws PublicError wrong-code, too-many */
	enter(reply: FastifyReply, code: string, address: string): void {
		if (!this.#code) return;
		if (!this.#wrong.has(address)) throw new PublicError('too-many', 'wrong access codes');
		if (!timingSafeEqual(digest(plain(code)), this.#code)) {
			this.#wrong.take(address);
			throw new PublicError('wrong-code');
		}
		this.give(reply);
	}

	/** Sets or renews the cookie. */
	give(reply: FastifyReply): void {
		if (!this.#code) return;
		reply.setCookie(cookieName, this.#mark, {
			signed: true,
			httpOnly: true,
			sameSite: 'lax',
			secure: this.#secure,
			path: '/',
			maxAge: cookieSeconds,
		});
	}
}
