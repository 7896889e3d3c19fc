/**
 * Wrong codes, of any kind, and how many are taken. They are counted by whoever types them, so that in a hall behind one address a person who
 * types wrong ones keeps only themselves out: by the learner, or, where nobody is known yet, by a number that the browser is given. A browser
 * gets few tries, an address few new numbers, a number holds for an hour: a program that throws its numbers away has some hundred tries a
 * minute in the long run. A personal word leads to somebody's whole work, and may be tried without knowing whose it is: all browsers together have
 * as many wrong ones as a hall full of people who mistype them. Wrong codes of certificates are counted by themselves, and keep nobody out.
 */
import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { TokenBucket, TokenBuckets } from '../platform/token-bucket.ts';
import { addressKey } from './address-key.ts';
import type { Cookies } from './cookies.ts';

const numberName = 'etabli-door';
const numberMs = 3600_000;
const triesAtOnce = 6;
const triesPerMinute = 0.1;
const numbersAtOnce = 300;
const numbersPerMinute = 30;
/** Of one address from whoever shows no number, a program mostly. */
const wrongAtOnce = 60;
const wrongPerMinute = 20;
/** Wrong personal words of everybody together: of 2^32, a program would try half in more than a century. */
const wordsAtOnce = 300;
const wordsPerMinute = 30;
/** Of them, one address's: a stranger alone keeps nobody else from coming back. */
const ownWordsAtOnce = 60;
const ownWordsPerMinute = 20;

/** Wrong codes, by whoever types them. */
class WrongCodes {
	/** Of learners, and of numbers. */
	readonly own: TokenBuckets;
	/** Of addresses from which no number is shown. */
	readonly address: TokenBuckets;

	constructor(now: () => number) {
		this.own = new TokenBuckets({ burst: triesAtOnce, perSecond: triesPerMinute / 60, now });
		this.address = new TokenBuckets({ burst: wrongAtOnce, perSecond: wrongPerMinute / 60, now });
	}
}

export class Guesses {
	readonly #cookies: Cookies;
	readonly #now: () => number;
	readonly #codes: WrongCodes;
	readonly #certificates: WrongCodes;
	readonly #numbers: TokenBuckets;
	readonly #words: TokenBucket;
	readonly #ownWords: TokenBuckets;

	constructor({ cookies, now }: { cookies: Cookies; now: () => number }) {
		this.#cookies = cookies;
		this.#now = now;
		this.#codes = new WrongCodes(now);
		this.#certificates = new WrongCodes(now);
		this.#numbers = new TokenBuckets({ burst: numbersAtOnce, perSecond: numbersPerMinute / 60, now });
		this.#ownWords = new TokenBuckets({ burst: ownWordsAtOnce, perSecond: ownWordsPerMinute / 60, now });
		this.#words = new TokenBucket({ burst: wordsAtOnce, perSecond: wordsPerMinute / 60, now });
	}

	/** Gives a browser that will be asked for a code its number, unless it has one. */
	number(request: FastifyRequest, reply: FastifyReply): void {
		if (this.#numberOf(request) !== undefined || !this.#numbers.take(addressKey(request.ip))) return;
		this.#cookies.set(reply, numberName, `${this.#now()} ${randomBytes(12).toString('base64url')}`);
	}

	/** Tries a code: `attempt` throws a refusal when it is wrong. @throws Refusal of `attempt`; too-many without asking it */
	try<T>(request: FastifyRequest, attempt: () => T): T {
		const { bucket, key } = this.#of(request, this.#codes);
		if (!bucket.has(key)) throw new Refusal('too-many', 'wrong codes');
		try {
			return attempt();
		} catch (error) {
			if (error instanceof Refusal && error.status === 403) bucket.take(key);
			throw error;
		}
	}

	/** The same for a personal word, of which all browsers together have so many, and those of one address a part. @throws Refusal of `attempt`; too-many without asking it */
	tryWord<T>(request: FastifyRequest, attempt: () => T): T {
		const address = addressKey(request.ip);
		if (!this.#ownWords.has(address)) throw new Refusal('too-many', 'wrong words of an address');
		if (this.#words.left < 1) throw new Refusal('too-many', 'wrong words of everybody');
		return this.try(request, () => {
			try {
				return attempt();
			} catch (error) {
				if (error instanceof Refusal && error.status === 403) {
					this.#ownWords.take(address);
					this.#words.take();
				}
				throw error;
			}
		});
	}

	/**
	 * Looks a certificate's code up, which is too long for guessing: a right one is never refused, whatever was typed before.
	 * @throws Refusal of `lookUp`; too-many in its place after many wrong ones
	 */
	tryCertificate<T>(request: FastifyRequest, lookUp: () => T): T {
		try {
			return lookUp();
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			const { bucket, key } = this.#of(request, this.#certificates);
			throw bucket.take(key) ? error : new Refusal('too-many', 'wrong codes of certificates');
		}
	}

	/** Where this request's wrong codes are counted. */
	#of(request: FastifyRequest, { own, address }: WrongCodes): { bucket: TokenBuckets; key: string } {
		const { principal, ip } = request;
		const key = principal.kind === 'nobody' ? this.#numberOf(request) : principal.id;
		return key === undefined ? { bucket: address, key: addressKey(ip) } : { bucket: own, key };
	}

	/** The request's number, while it holds. */
	#numberOf({ headers }: FastifyRequest): string | undefined {
		const number = this.#cookies.read(headers.cookie, numberName);
		return number !== undefined && this.#now() - Number.parseInt(number, 10) < numberMs ? number : undefined;
	}
}
