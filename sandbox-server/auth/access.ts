/**
 * The access code: a word that the trainer gives to the class, so that a server which anybody can reach gives sandboxes to that class
 * alone. Asked once for each browser, remembered in a signed cookie; another code makes all of them void. Lessons can be read without it.
 * In its place a server may ask people to sign in: then the cookie says that somebody has joined a room by its code, or come by a link.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import type { Cookies } from './cookies.ts';
import type { Guesses } from './guesses.ts';
import type { Missing } from './principal.ts';

const cookieName = 'etabli-access';

/** As people write it: capitals and blanks around it do not count. */
const plain = (code: string): string => code.trim().toLowerCase();
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

interface AccessOptions {
	cookies: Cookies;
	guesses: Guesses;
	code: string | undefined;
	/** Learners have to sign in; then there is no code. */
	signIn: boolean;
	secret: Buffer;
}

export class Access {
	readonly #cookies: Cookies;
	readonly #guesses: Guesses;
	/** undefined: no code is asked for. */
	readonly #code: Buffer | undefined;
	readonly #asks: Missing;
	/** What the cookie holds: it says which code was known, and not what it is. */
	readonly #mark: string;

	constructor({ cookies, guesses, code, signIn, secret }: AccessOptions) {
		this.#cookies = cookies;
		this.#guesses = guesses;
		this.#code = code === undefined ? undefined : digest(plain(code));
		this.#asks = code === undefined ? (signIn ? 'sign-in' : undefined) : 'access-code';
		this.#mark = createHmac('sha256', secret)
			.update(code === undefined ? 'sign-in' : `access ${plain(code)}`)
			.digest('base64url')
			.slice(0, 24);
	}

	/** What whoever sends this `Cookie` header has yet to do. @param vouched their account lets them in where people sign in */
	missing(header: string | undefined, vouched = false): Missing {
		if (!this.#asks || (vouched && this.#asks === 'sign-in')) return undefined;
		// One that was planted under the old name would let in only whom the code would.
		const mark = this.#cookies.read(header, cookieName) ?? this.#cookies.readPlain(header, cookieName);
		return mark !== undefined && timingSafeEqual(digest(mark), digest(this.#mark)) ? undefined : this.#asks;
	}

	/** Prepares a browser for being asked. */
	meet(request: FastifyRequest, reply: FastifyReply): void {
		if (this.missing(request.headers.cookie) === 'access-code') this.#guesses.number(request, reply);
	}

	/** Lets them in if the code is right. @throws Refusal wrong-code, too-many */
	enter(request: FastifyRequest, reply: FastifyReply, code: string): void {
		const expected = this.#code;
		if (!expected) return;
		this.#guesses.try(request, () => {
			if (!timingSafeEqual(digest(plain(code)), expected)) throw new Refusal('wrong-code');
		});
		this.give(reply);
	}

	/** Lets this browser in. */
	give(reply: FastifyReply): void {
		if (this.#asks) this.#cookies.set(reply, cookieName, this.#mark);
	}

	/** Sets the cookie of whoever has one anew. */
	renew(request: FastifyRequest, reply: FastifyReply): void {
		if (!this.missing(request.headers.cookie)) this.give(reply);
	}

	/** This browser has to be let in anew where people sign in; a code is the class's, and goes on. */
	take(reply: FastifyReply): void {
		if (this.#asks === 'sign-in') this.#cookies.remove(reply, cookieName);
	}
}
