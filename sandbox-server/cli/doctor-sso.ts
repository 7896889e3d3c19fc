/** What `doctor` says of single sign-on: the provider is asked what the server would ask it, as far as that goes without a person. */
import * as client from 'openid-client';
import { signInBackAddress } from '../../src/shared/protocol/sign-in.ts';
import { clockToleranceSeconds, discover } from '../auth/sso/provider.ts';
import type { SsoSettings } from '../auth/sso/settings.ts';
import type { ServerConfig } from '../config.ts';
import type { Finding } from '../setup/doctor/findings.ts';
import { Failure } from '../setup/failure.ts';
import { ssoSettings } from './settings.ts';

const subject = 'Single sign-on';
const failed = (text: string, remedy: string): Finding => ({ subject, state: 'failed', text, remedy });

/** Nothing where it is not set up. */
export async function ssoFindings(config: Pick<ServerConfig, 'sso' | 'accessCode' | 'publicUrl' | 'port'>): Promise<Finding[]> {
	let settings: SsoSettings | undefined;
	try {
		settings = ssoSettings(config);
	} catch (error) {
		if (error instanceof Failure) return [failed(error.message, error.hint ?? '')];
		throw error;
	}
	if (!settings) return [];
	const seen: { date?: number } = {};
	let provider: client.Configuration;
	try {
		provider = await discover(settings, async (url, options) => {
			const response = await fetch(url, options as RequestInit);
			seen.date = Date.parse(response.headers.get('date') ?? '');
			return response;
		});
	} catch (error) {
		return [
			failed(
				`${settings.issuer}: ${reasonOf(error)}`,
				`curl ${settings.issuer.replace(/\/$/, '')}/.well-known/openid-configuration has to say the same issuer as the file.`,
			),
		];
	}
	const redirect = (config.publicUrl ?? `http://localhost:${config.port}`) + signInBackAddress;
	return [
		{ subject, state: 'ok', text: `${settings.issuer} answers` },
		clock(seen.date, Date.now()),
		await redirection(provider, settings, redirect),
		await credentials(provider, redirect),
	];
}

/** @param there, here ms since 1970; NaN: it does not say */
export function clock(there = Number.NaN, here: number): Finding {
	if (Number.isNaN(there)) return { subject, state: 'ok', text: 'the provider does not say what time it is there' };
	const seconds = Math.round((here - there) / 1000);
	const text = `the clock here is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} the provider’s`;
	if (Math.abs(seconds) <= clockToleranceSeconds) return { subject, state: 'ok', text };
	return failed(`${text}: its tokens will be refused`, 'timedatectl set-ntp true; and look at the clock there');
}

/** With "no page, please" a provider leads back at once, with a refusal, if it knows client and address. */
async function redirection(provider: client.Configuration, { client: id, scope }: SsoSettings, redirect: string): Promise<Finding> {
	const address = client.buildAuthorizationUrl(provider, {
		redirect_uri: redirect,
		scope,
		prompt: 'none',
		state: client.randomState(),
		nonce: client.randomNonce(),
		code_challenge: await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier()),
		code_challenge_method: 'S256',
	});
	try {
		const answer = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(10_000) });
		const back = answer.headers.get('location') ?? '';
		if (back.startsWith(`${redirect}?`)) {
			const error = new URL(back).searchParams.get('error');
			if (error === null || /^(login|interaction|consent|account_selection)_required$/.test(error))
				return { subject, state: 'ok', text: `${redirect} is known there` };
			return failed(`the provider refuses what is asked: ${error}`, `Look at scope: (${scope}) and at the client’s settings there.`);
		}
		if (answer.status >= 400)
			return failed(
				`the provider does not take the client ${id} with ${redirect}`,
				'Register exactly this redirect address there; give --public-url as people type it.',
			);
	} catch (error) {
		return failed(reasonOf(error), `From this machine ${address.origin} has to be reached.`);
	}
	return {
		subject,
		state: 'warning',
		text: 'the provider does not say whether it knows the redirect address',
		remedy: `It has to be ${redirect}.`,
	};
}

/** A code that does not exist: refused as such by a provider that has taken the client's secret. */
async function credentials(provider: client.Configuration, redirect: string): Promise<Finding> {
	const back = new URL(`${redirect}?${new URLSearchParams({ code: 'doctor', state: 'doctor', iss: provider.serverMetadata().issuer })}`);
	try {
		await client.authorizationCodeGrant(provider, back, { expectedState: 'doctor', pkceCodeVerifier: client.randomPKCECodeVerifier() });
	} catch (error) {
		const { error: said } = error as { error?: string };
		if (said === 'invalid_grant') return { subject, state: 'ok', text: 'the provider takes the client’s secret' };
		if (said === 'invalid_client' || said === 'unauthorized_client' || error instanceof client.WWWAuthenticateChallengeError)
			return failed(
				'the provider does not take the client’s secret',
				'Write it anew into the file of secretFile:, or into ETABLI_SSO_SECRET.',
			);
	}
	return { subject, state: 'warning', text: 'whether the provider takes the client’s secret cannot be seen', remedy: 'Sign in once.' };
}

function reasonOf(error: unknown): string {
	const { message, cause } = error as Error;
	return cause instanceof Error && cause.message ? `${message} (${cause.message})` : message;
}
