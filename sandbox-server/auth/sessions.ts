/** Sessions: which person a browser's cookie stands for. The cookie holds a random secret, the store its digest. */
import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { TokenBuckets } from '../platform/token-bucket.ts';
import { tokenDigest } from '../store/migrations.ts';
import type { LearnerRow, People, SessionRow } from '../store/people.ts';
import type { Access } from './access.ts';
import { addressKey } from './address-key.ts';
import { type Cookies, cookieSeconds } from './cookies.ts';
import { type Principal, personOf } from './principal.ts';

const cookieName = 'etabli';
const lifetimeMs = cookieSeconds * 1000;
/** New identities of one address: a whole lecture hall may arrive at once behind it, but a program that makes them up gets few. */
const newLearnersAtOnce = 300;
const newLearnersPerMinute = 60;
/** A session is written again when so much of its time is over, ms: not at each visit. */
const renewAfterMs = 24 * 3600_000;
/** How long a session from before goes on beside the one that takes its place: pages that are open have its cookie in requests under way. */
const graceMs = 10 * 60_000;

export class Sessions {
	readonly #people: People;
	readonly #cookies: Cookies;
	readonly #access: Access;
	readonly #now: () => number;
	readonly #newcomers: TokenBuckets;

	constructor({ people, cookies, access, now }: { people: People; cookies: Cookies; access: Access; now: () => number }) {
		this.#people = people;
		this.#cookies = cookies;
		this.#access = access;
		this.#now = now;
		this.#newcomers = new TokenBuckets({ burst: newLearnersAtOnce, perSecond: newLearnersPerMinute / 60, now });
	}

	/** Who sends this `Cookie` header: nobody when it holds no session, or one that we did not sign, do not know, or that is over. */
	principalOf(header: string | undefined): Principal {
		const found = this.#find(header);
		const missing = this.#access.missing(header, found?.row.vouched);
		return found ? personOf(found.row, missing) : { kind: 'nobody', missing };
	}

	/** The learner is known in this browser from now on. @param ms for so long */
	open(reply: FastifyReply, learner: LearnerRow, ms = lifetimeMs): void {
		const token = randomBytes(24).toString('base64url');
		this.#people.putSession({ digest: tokenDigest(token), learner: learner.id, expires: this.#now() + ms });
		this.#cookies.set(reply, cookieName, token, { seconds: Math.floor(ms / 1000) });
	}

	/** Nobody is known in this browser from now on. */
	end(request: FastifyRequest, reply: FastifyReply): void {
		if (request.principal.kind === 'nobody') return;
		this.#people.endSession(request.principal.session);
		this.#cookies.remove(reply, cookieName);
		this.#cookies.removePlain(reply, cookieName);
		this.#access.take(reply);
	}

	/** Somebody new: a learner, known in this browser from now on. @throws Refusal too-many */
	newcomer(request: FastifyRequest, reply: FastifyReply): LearnerRow {
		if (!this.#newcomers.take(addressKey(request.ip))) throw new Refusal('too-many', 'new identities');
		const learner = this.#people.createLearner();
		this.open(reply, learner);
		return learner;
	}

	/** Lets the request's session last for another 400 days, unless somebody else vouches for it; one from before there were sessions is replaced. */
	renew(request: FastifyRequest, reply: FastifyReply): void {
		const found = this.#find(request.headers.cookie);
		if (!found) return;
		const { row, token } = found;
		if (row.vouched) return;
		const now = this.#now();
		if (row.inherited) {
			this.open(reply, row.learner);
			this.#cookies.removePlain(reply, cookieName);
			this.#people.renewSession(row.digest, Math.min(row.expires, now + graceMs));
			return;
		}
		if (row.expires - now < lifetimeMs - renewAfterMs) this.#people.renewSession(row.digest, now + lifetimeMs);
		this.#cookies.set(reply, cookieName, token);
	}

	#find(header: string | undefined): { row: SessionRow; token: string } | undefined {
		const token = this.#cookies.read(header, cookieName);
		const row = token === undefined ? undefined : this.#people.session(tokenDigest(token), this.#now());
		if (token !== undefined && row) return { row, token };
		// A name without `__Host-` could have been planted: it counts only for who was here before there was any other.
		const plain = this.#cookies.readPlain(header, cookieName);
		const inherited = plain === undefined ? undefined : this.#people.session(tokenDigest(plain), this.#now());
		return plain !== undefined && inherited?.inherited ? { row: inherited, token: plain } : undefined;
	}
}
