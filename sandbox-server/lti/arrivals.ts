/**
 * From a launch to its lesson by an address of our own. A form of another site comes without the session's cookie (SameSite=Lax), but the browser
 * sends it when it is led on from there: only then is it known who was in the browser before, and whose work goes on.
 */
import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import type { Cookies } from '../auth/cookies.ts';
import type { PlatformRow } from '../store/lti.ts';
import type { Launch } from './claims.ts';

const arrivalSeconds = 60;
/** Of all platforms at once; a class comes together. */
const mostOpen = 2000;

export interface Arrival {
	platform: PlatformRow;
	/** Verified. */
	launch: Launch;
	/** The page of ours that it leads to. */
	address: string;
}

const cookieOf = (id: string): string => `etabli-arrival-${id}`;

export class Arrivals {
	readonly #open = new Map<string, Arrival & { expires: number }>();
	readonly #cookies: Cookies;
	readonly #now: () => number;

	constructor({ cookies, now }: { cookies: Cookies; now: () => number }) {
		this.#cookies = cookies;
		this.#now = now;
	}

	/** In this browser, once, within a minute. @returns by what it is taken */
	begin(reply: FastifyReply, arrival: Arrival): string {
		for (const [old, { expires }] of this.#open) if (expires <= this.#now() || this.#open.size >= mostOpen) this.#open.delete(old);
		const id = randomBytes(24).toString('base64url');
		this.#open.set(id, { ...arrival, expires: this.#now() + arrivalSeconds * 1000 });
		// Nobody else's browser can be led to it, and be signed in as somebody who wants its work.
		this.#cookies.set(reply, cookieOf(id), id, { seconds: arrivalSeconds });
		return id;
	}

	/** @throws Refusal sso-again */
	take(request: FastifyRequest, reply: FastifyReply, id: unknown): Arrival {
		const found = typeof id === 'string' && /^[\w-]{32}$/.test(id) ? this.#open.get(id) : undefined;
		if (!found || typeof id !== 'string' || this.#cookies.read(request.headers.cookie, cookieOf(id)) !== id)
			throw new Refusal('sso-again', 'no launch that has come to this browser');
		this.#cookies.remove(reply, cookieOf(id));
		this.#open.delete(id);
		if (found.expires <= this.#now()) throw new Refusal('sso-again', 'a launch of more than a minute ago');
		return found;
	}
}
