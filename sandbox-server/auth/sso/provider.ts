/**
 * The identity provider, over OpenID Connect: code flow with PKCE, state and nonce, done by openid-client. What goes wrong there becomes a
 * refusal that says what to do. No token outlives the question that it was fetched for.
 */
import * as client from 'openid-client';
import { Refusal } from '../../../src/shared/protocol/refusals.ts';
import type { Claims } from './claims.ts';
import type { SsoSettings } from './settings.ts';

/** Each question to the provider, s. */
const timeoutSeconds = 10;
/** What the provider says of itself is asked anew after so long, ms. */
const keptMs = 3600_000;
/** Clocks may differ by so much, s. */
export const clockToleranceSeconds = 60;

/** What the browser has to bring back, and what the code is exchanged with. */
export interface Proof {
	state: string;
	nonce: string;
	verifier: string;
}

export function newProof(): Proof {
	return { state: client.randomState(), nonce: client.randomNonce(), verifier: client.randomPKCECodeVerifier() };
}

/** As the provider wants it; RFC 8414 has client_secret_basic where it says nothing. */
function authentication(secret: string | undefined): client.ClientAuth {
	if (secret === undefined) return client.None();
	return (server, ...rest) => {
		const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
		const use = methods.includes('client_secret_basic') ? client.ClientSecretBasic : client.ClientSecretPost;
		use(secret)(server, ...rest);
	};
}

/** Asks the provider what it is. @param ask in the place of `fetch` @throws as openid-client */
export async function discover(
	{ issuer, client: id, secret }: Pick<SsoSettings, 'issuer' | 'client' | 'secret'>,
	ask?: client.CustomFetch,
): Promise<client.Configuration> {
	const plain = issuer.startsWith('http:') ? [client.allowInsecureRequests] : [];
	return await client.discovery(new URL(issuer), id, { [client.clockTolerance]: clockToleranceSeconds }, authentication(secret), {
		execute: [...plain, client.enableNonRepudiationChecks],
		timeout: timeoutSeconds,
		...(ask && { [client.customFetch]: ask }),
	});
}

export class Provider {
	readonly #settings: SsoSettings;
	readonly #now: () => number;
	#known: { asked: number; configuration: Promise<client.Configuration> } | undefined;

	constructor(settings: SsoSettings, now: () => number) {
		this.#settings = settings;
		this.#now = now;
	}

	/** Where the browser is sent. @throws Refusal sso-away, sso-nonsense */
	async address({ state, nonce, verifier }: Proof, redirect: string): Promise<URL> {
		return await guarded(async () =>
			client.buildAuthorizationUrl(await this.#configuration(), {
				redirect_uri: redirect,
				scope: this.#settings.scope,
				state,
				nonce,
				code_challenge: await client.calculatePKCECodeChallenge(verifier),
				code_challenge_method: 'S256',
			}),
		);
	}

	/**
	 * Exchanges what the browser came back with for claims, of the ID token and of the userinfo endpoint.
	 * @param back the whole address, as the provider was told it
	 * @throws Refusal sso-away, sso-nonsense, sso-clock, sso-declined, sso-again
	 */
	async claims(back: URL, { state, nonce, verifier }: Proof): Promise<Claims & { iss: string; sub: string }> {
		return await guarded(async () => {
			const configuration = await this.#configuration();
			const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
			const tokens = await client.authorizationCodeGrant(configuration, back, checks);
			const token = tokens.claims();
			if (!token) throw new Refusal('sso-nonsense', 'no ID token');
			const { userinfo_endpoint: endpoint } = configuration.serverMetadata();
			const more = endpoint === undefined ? {} : await client.fetchUserInfo(configuration, tokens.access_token, token.sub);
			return { ...more, ...token };
		});
	}

	/** Where people sign out of everything there; undefined: it has no such place, or is not known (any more). */
	async signOutAddress(redirect: string): Promise<string | undefined> {
		try {
			const configuration = await this.#configuration();
			if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
			return client.buildEndSessionUrl(configuration, { post_logout_redirect_uri: redirect }).href;
		} catch {
			// Signing out here has been done: that the provider is away does not hinder it.
			return undefined;
		}
	}

	/** A failure is not kept: the provider may be back at the next question. */
	#configuration(): Promise<client.Configuration> {
		const now = this.#now();
		if (this.#known && now - this.#known.asked < keptMs) return this.#known.configuration;
		const known = { asked: now, configuration: discover(this.#settings) };
		this.#known = known;
		known.configuration.catch(() => {
			if (this.#known === known) this.#known = undefined;
		});
		return known.configuration;
	}
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		throw explained(error);
	}
}

/** Whatever openid-client throws → what a person is told; the cause goes into the log. */
function explained(error: unknown): unknown {
	if (error instanceof Refusal) return error;
	const { code, error: said, cause } = error as { code?: string; error?: string; cause?: unknown };
	const detail = `${error instanceof Error ? error.message : error}${said === undefined ? '' : ` (${said})`}`;
	const refusal = (which: Refusal['code']) => new Refusal(which, detail, { cause: error });
	if (code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED') return refusal('sso-clock');
	if (error instanceof client.AuthorizationResponseError)
		return refusal(said === 'temporarily_unavailable' || said === 'server_error' ? 'sso-away' : 'sso-declined');
	// A code that was used, is too old or belongs to another sign-in.
	if (error instanceof client.ResponseBodyError && said === 'invalid_grant') return refusal('sso-again');
	if (code === 'OAUTH_TIMEOUT' || (cause instanceof Response && cause.status >= 500) || isNetwork(error)) return refusal('sso-away');
	return refusal('sso-nonsense');
}

/** Of fetch: no connection, a name that is not known, a certificate that is not trusted, an answer that did not come in time. */
function isNetwork(error: unknown): boolean {
	for (let one = error; one instanceof Error; one = one.cause) {
		if (one.name === 'TimeoutError' || one.name === 'AbortError' || one.message === 'fetch failed') return true;
	}
	return false;
}
