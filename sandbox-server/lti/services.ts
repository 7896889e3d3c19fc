/** Questions to services of platforms, with a token for each: what scores are told with, and lists of courses are read. */
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { z } from 'zod';
import type { Clock } from '../platform/clock.ts';
import { type SigningKey, signingAlgorithm } from '../platform/signing-key.ts';
import type { PlatformRow } from '../store/lti.ts';
import { keyId } from './tool-key.ts';

const questionMs = 10_000;
/** A token, with what stands around it. */
const tokenBytes = 64 * 1024;
const tokenSchema = z.object({
	access_token: z.string().min(1),
	expires_in: z.coerce.number().default(300),
	scope: z.string().optional(),
});

/** The platform gives no token for that scope. */
export class NoToken extends Error {
	/** Of its answer; 200: a token, but not for that. */
	readonly status: number;
	constructor(status: number) {
		super(`no token: status ${status}`);
		this.status = status;
	}
}

/** An answer that is not what was asked for: no JSON, of another shape, too long. */
export class Nonsense extends Error {}

export class PlatformServices {
	readonly #key: () => Promise<SigningKey>;
	readonly #clock: Pick<Clock, 'now'>;
	/** By where they are had, who asks, and for what; not by the name: an operator may register another platform under it. */
	readonly #tokens = new Map<string, { token: string; until: number }>();

	constructor({ key, clock }: { key: () => Promise<SigningKey>; clock: Pick<Clock, 'now'> }) {
		this.#key = key;
		this.#clock = clock;
	}

	/** @throws NoToken, Nonsense, TypeError (no answer), DOMException (TimeoutError) */
	async ask(platform: PlatformRow, scope: string, address: URL, options: RequestInit): Promise<Response> {
		const name = `${platform.token} ${platform.client} ${scope}`;
		const known = this.#tokens.get(name);
		const good = known !== undefined && known.until > this.#clock.now() ? known.token : undefined;
		const token = good ?? (await this.#newToken(platform, scope, name));
		const answer = await fetchThere(address, { ...options, headers: { ...options.headers, authorization: `Bearer ${token}` } });
		if (answer.status !== 401 && answer.status !== 403) return answer;
		this.#tokens.delete(name);
		if (answer.status === 403 || good === undefined) return answer;
		// One of before, which the platform has forgotten.
		await answer.body?.cancel();
		return await this.ask(platform, scope, address, options);
	}

	async #newToken(platform: PlatformRow, scope: string, name: string): Promise<string> {
		const key = await this.#key();
		const assertion = await new SignJWT({})
			.setProtectedHeader({ alg: signingAlgorithm, kid: await keyId(key), typ: 'JWT' })
			.setIssuer(platform.client)
			.setSubject(platform.client)
			.setAudience(platform.token)
			.setJti(randomUUID())
			.setIssuedAt()
			.setExpirationTime('5m')
			.sign(key.sign);
		const body = new URLSearchParams({
			grant_type: 'client_credentials',
			client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
			client_assertion: assertion,
			scope,
		});
		const answer = await fetchThere(new URL(platform.token), { method: 'POST', body });
		if (!answer.ok) {
			await answer.body?.cancel();
			throw new NoToken(answer.status);
		}
		const { access_token: token, expires_in: seconds, scope: given } = await jsonOf(answer, tokenBytes, tokenSchema);
		if (given !== undefined && !given.split(' ').includes(scope)) throw new NoToken(answer.status);
		this.#tokens.set(name, { token, until: this.#clock.now() + Math.max(0, seconds - 60) * 1000 });
		return token;
	}
}

/** A platform leads nowhere else: what it was given is for it alone. */
export async function fetchThere(address: URL, options: RequestInit): Promise<Response> {
	return await fetch(address, { ...options, redirect: 'error', signal: AbortSignal.timeout(questionMs) });
}

/** The answer's JSON. @param most bytes of it that are read @throws Nonsense */
export async function jsonOf<T>(answer: Response, most: number, schema: z.ZodType<T>): Promise<T> {
	const parts: Uint8Array[] = [];
	let bytes = 0;
	// Leaving the loop ends the connection: nobody is read to the end who sends for ever.
	for await (const part of answer.body ?? []) {
		bytes += part.length;
		if (bytes > most) throw new Nonsense(`an answer of more than ${most} bytes`);
		parts.push(part);
	}
	try {
		return schema.parse(JSON.parse(Buffer.concat(parts).toString('utf8')));
	} catch (error) {
		throw new Nonsense(`an answer of another shape: ${String(error).slice(0, 200)}`, { cause: error });
	}
}
