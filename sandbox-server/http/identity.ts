/** Who asks: an anonymous learner, known by a signed cookie. There is no other identity, and no route takes a learner or sandbox id. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PublicError } from '../../src/shared/errors.ts';
import type { LearnerRow, Store } from '../store/store.ts';
import type { Access } from './access.ts';
import { addressKey } from './address-key.ts';

const cookieName = 'etabli';
/** 400 days, the most that browsers grant; each visit renews it. */
const cookieSeconds = 400 * 24 * 3600;
const secretBytes = 32;

/**
 * The key of the cookies' signature, from a file that only this user can read; made on the first start.
 * @throws Error when the file is too short to be a key, or cannot be read or made
 */
export async function readSecret(path: string): Promise<Buffer> {
	try {
		// "wx": two servers that start at once agree on the key of the first.
		await writeFile(path, randomBytes(secretBytes), { mode: 0o600, flag: 'wx', flush: true });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
	}
	const secret = await readFile(path);
	if (secret.length < secretBytes) {
		throw new Error(`${path} is too short to be the key of the cookies: remove it (learners will start anew), or restore a copy.`);
	}
	return secret;
}

export class Identity {
	readonly #app: FastifyInstance;
	readonly #store: Store;
	readonly #secure: boolean;
	readonly #access: Access;

	/** @param app with @fastify/cookie, which holds the key */
	constructor(app: FastifyInstance, store: Store, { secure, access }: { secure: boolean; access: Access }) {
		this.#app = app;
		this.#store = store;
		this.#secure = secure;
		this.#access = access;
	}

	/** The learner of a `Cookie` header; undefined when it holds none, or one that we did not sign or no longer know, or where the access code is missing. */
	ofHeader(header: string | undefined): LearnerRow | undefined {
		const id = this.#access.granted(header) ? this.#idOf(header) : undefined;
		return id === undefined ? undefined : this.#store.learner(id);
	}

	/** @throws PublicError no-identity, access-code */
	of(request: FastifyRequest): LearnerRow {
		if (!this.#access.granted(request.headers.cookie)) throw new PublicError('access-code');
		const learner = this.ofHeader(request.headers.cookie);
		if (!learner) throw new PublicError('no-identity');
		return learner;
	}

	/** What requests are counted by: the learner, else the address. A room behind one address is not one visitor. */
	rateKey(request: FastifyRequest): string {
		return this.#idOf(request.headers.cookie) ?? addressKey(request.ip);
	}

	/** Sets or renews the cookie. */
	give(reply: FastifyReply, learner: LearnerRow): void {
		reply.setCookie(cookieName, learner.id, {
			signed: true,
			httpOnly: true,
			sameSite: 'lax',
			secure: this.#secure,
			path: '/',
			maxAge: cookieSeconds,
		});
	}

	#idOf(header: string | undefined): string | undefined {
		const raw = header === undefined ? undefined : this.#app.parseCookie(header)[cookieName];
		if (raw === undefined) return undefined;
		const { valid, value } = this.#app.unsignCookie(raw);
		return valid ? value : undefined;
	}
}
