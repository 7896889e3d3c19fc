/**
 * Launches: a learning platform asks us to begin (third-party initiated login), we send the browser to it with a state and a nonce, and it
 * comes back with a signed statement of who that is. A way back is good once, in the browser that began, for ten minutes.
 */
import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import type { Cookies } from '../auth/cookies.ts';
import type { LtiRows, PlatformRow } from '../store/lti.ts';
import { type Launch, launchSchema, names } from './claims.ts';

const waySeconds = 600;
/** Clocks may differ by so much, s. */
const toleranceSeconds = 60;
/** LTI asks for RS256; none of them is symmetric. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384'];
const keysMs = 5000;
/** Launches that one browser has under way: somebody opens several lessons at once, and a header has room for so many cookies. */
const mostWays = 8;

/** What the cookie says: name of the platform, state, nonce, and until when, ms since 1970. */
const waySchema = z.tuple([z.string(), z.string(), z.string(), z.number()]);

/** What a platform begins with: in the address, or in a form. */
export type LoginRequest = Readonly<Record<string, unknown>>;

interface Places {
	/** Where the statement is brought to. */
	launch: string;
	/** The browser shows it in a frame. */
	framed: boolean;
}

export class Launches {
	readonly #rows: LtiRows;
	readonly #cookies: Cookies;
	readonly #now: () => number;
	/** Nonces that have come back, with when they are over in any case. */
	readonly #used = new Map<string, number>();
	readonly #keys = new Map<string, JWTVerifyGetKey>();

	constructor({ rows, cookies, now }: { rows: LtiRows; cookies: Cookies; now: () => number }) {
		this.#rows = rows;
		this.#cookies = cookies;
		this.#now = now;
	}

	/** Where the browser goes to. @throws Refusal lti-unknown */
	begin(reply: FastifyReply, asked: LoginRequest, { launch, framed }: Places): string {
		const text = (name: string) => (typeof asked[name] === 'string' ? asked[name].slice(0, 4000) : undefined);
		const [issuer, client, hint] = [text('iss'), text('client_id'), text('login_hint')];
		const platform = this.#rows.platforms().find((one) => one.issuer === issuer && (client === undefined || one.client === client));
		if (!platform || hint === undefined) throw new Refusal('lti-unknown', `${issuer} as ${client}`);
		const [state, nonce] = [randomBytes(24).toString('base64url'), randomBytes(24).toString('base64url')];
		const way: z.output<typeof waySchema> = [platform.name, state, nonce, this.#now() + waySeconds * 1000];
		const crossSite = framed ? 'framed' : 'top';
		this.#dropOld(reply, crossSite);
		this.#cookies.set(reply, cookieOf(state), JSON.stringify(way), { seconds: waySeconds, crossSite });
		const address = new URL(platform.authorization);
		const message = text('lti_message_hint');
		for (const [name, value] of Object.entries({
			scope: 'openid',
			response_type: 'id_token',
			response_mode: 'form_post',
			prompt: 'none',
			client_id: platform.client,
			redirect_uri: launch,
			login_hint: hint,
			...(message !== undefined && { lti_message_hint: message }),
			state,
			nonce,
		}))
			address.searchParams.set(name, value);
		return address.href;
	}

	/**
	 * What the platform states, verified.
	 * @throws Refusal sso-again, sso-clock, lti-refused, lti-away, lti-unknown
	 */
	async finish(request: FastifyRequest, reply: FastifyReply, form: LoginRequest): Promise<{ platform: PlatformRow; launch: Launch }> {
		const { state, id_token: token } = form;
		const way = typeof state === 'string' ? this.#take(request, reply, state) : undefined;
		if (!way) throw new Refusal('sso-again', 'no launch that was begun here');
		if (typeof token !== 'string')
			throw new Refusal('lti-refused', `the platform refuses: ${String(form['error'] ?? 'no id_token').slice(0, 200)}`);
		const platform = this.#rows.platforms().find(({ name }) => name === way.platform);
		if (!platform) throw new Refusal('lti-unknown', way.platform);
		const launch = await this.#verified(token, platform);
		if (launch.nonce !== way.nonce) throw new Refusal('lti-refused', 'another nonce');
		if (Array.isArray(launch.aud) && launch.aud.length > 1 && launch.azp !== platform.client)
			throw new Refusal('lti-refused', 'for somebody else');
		if (!platform.deployments.includes(launch[names.deployment]))
			throw new Refusal('lti-refused', `deployment ${launch[names.deployment]} is not registered: ./etabli lti add … --deployment`);
		return { platform, launch };
	}

	/** There is room for one more. */
	#dropOld(reply: FastifyReply, crossSite: 'framed' | 'top'): void {
		const { cookie } = reply.request.headers;
		const begun = this.#cookies
			.names(cookie, cookiePrefix)
			.map((name) => ({ name, expires: wayOf(this.#cookies.read(cookie, name))?.[3] ?? 0 }))
			.sort((one, other) => other.expires - one.expires);
		for (const { name } of begun.slice(mostWays - 1)) this.#cookies.remove(reply, name, crossSite);
	}

	#take(request: FastifyRequest, reply: FastifyReply, given: string): { platform: string; nonce: string } | undefined {
		const name = cookieOf(given);
		const way = wayOf(this.#cookies.read(request.headers.cookie, name));
		if (!way) return undefined;
		this.#cookies.remove(reply, name, isFramed(request) ? 'framed' : 'top');
		const [platform, state, nonce, expires] = way;
		const now = this.#now();
		for (const [old, over] of this.#used) if (over <= now) this.#used.delete(old);
		if (state !== given || expires <= now || this.#used.has(nonce)) return undefined;
		this.#used.set(nonce, expires);
		return { platform, nonce };
	}

	async #verified(token: string, { issuer, client, keys }: PlatformRow): Promise<Launch> {
		try {
			const { payload } = await jwtVerify(token, this.#keysAt(keys), {
				issuer,
				audience: client,
				algorithms,
				clockTolerance: toleranceSeconds,
				currentDate: new Date(this.#now()),
				maxTokenAge: waySeconds,
				requiredClaims: ['exp', 'iat', 'nonce', 'sub'],
			});
			return launchSchema.parse(payload);
		} catch (error) {
			const { code, claim, message } = error as { code?: string; claim?: string; message: string };
			const detail = `${claim ?? ''} ${message}`.slice(0, 500);
			if (error instanceof errors.JWTExpired || ['iat', 'nbf', 'exp'].includes(claim ?? ''))
				throw new Refusal('sso-clock', detail, { cause: error });
			const away =
				code === 'ERR_JWKS_TIMEOUT' ||
				code === 'ERR_JOSE_GENERIC' ||
				error instanceof TypeError ||
				(error as Error).name === 'TimeoutError';
			throw new Refusal(away ? 'lti-away' : 'lti-refused', detail, { cause: error });
		}
	}

	#keysAt(address: string): JWTVerifyGetKey {
		const known = this.#keys.get(address) ?? createRemoteJWKSet(new URL(address), { timeoutDuration: keysMs });
		this.#keys.set(address, known);
		return known;
	}
}

const cookiePrefix = 'etabli-lti-';

/** One for each launch. */
const cookieOf = (state: string): string => `${cookiePrefix}${/^[\w-]{32}$/.test(state) ? state : 'none'}`;

/** Undefined: there is none, or it was signed by us for something else. */
function wayOf(text: string | undefined): z.output<typeof waySchema> | undefined {
	try {
		return text === undefined ? undefined : waySchema.parse(JSON.parse(text));
	} catch {
		return undefined;
	}
}

/** The browser shows in a frame what it asks for; older ones do not say. */
export function isFramed(request: FastifyRequest): boolean {
	return ['iframe', 'frame'].includes(String(request.headers['sec-fetch-dest']));
}
