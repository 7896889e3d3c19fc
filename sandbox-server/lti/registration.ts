/**
 * Dynamic registration (LTI Dynamic Registration 1.0): a platform opens an address of ours with where its configuration is; we read that, and
 * tell it ours. Only who has an invitation of the operator's gets so far, once: whoever has it can make this server ask two addresses.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { isLoopback } from '../auth/loopback.ts';
import type { Invitation, LtiRows, PlatformRow } from '../store/lti.ts';
import { tokenDigest } from '../store/migrations.ts';
import { membersScope, scoreScope } from './claims.ts';
import { fetchThere, jsonOf, Nonsense } from './services.ts';

const invitationMs = 24 * 3600_000;
/** Of the platform's configuration, and of its answer. */
const mostBytes = 256 * 1024;
const toolConfiguration = 'https://purl.imsglobal.org/spec/lti-tool-configuration';

const platformSchema = z.object({
	issuer: z.string().min(1).max(500),
	authorization_endpoint: z.string(),
	token_endpoint: z.string(),
	jwks_uri: z.string(),
	registration_endpoint: z.string(),
	scopes_supported: z.array(z.string()).optional(),
});
const id = z.union([z.string().min(1), z.number()]).transform(String);
const registeredSchema = z.object({
	client_id: id,
	[toolConfiguration]: z.object({ deployment_id: id.optional() }).optional(),
});

/** For a platform that will be called so. @returns what stands in the link, and until when it is good */
export function invite(rows: LtiRows, name: string, now: number): { secret: string; expires: number } {
	const secret = randomBytes(24).toString('base64url');
	const expires = now + invitationMs;
	rows.forgetInvitations(now);
	rows.putInvitation({ digest: tokenDigest(secret), name, expires });
	return { secret, expires };
}

/**
 * Why it cannot be registered beside those that are: people are known by the issuer and its name for them, so whoever held other keys could state
 * any of them.
 */
export function clash(rows: LtiRows, { name, issuer, client, keys }: PlatformRow): { with: PlatformRow; why: 'keys' | 'twin' } | undefined {
	const same = rows.platforms().filter((one) => one.name !== name && one.issuer === issuer);
	const stranger = same.find((one) => one.keys !== keys);
	if (stranger) return { with: stranger, why: 'keys' };
	const twin = same.find((one) => one.client === client);
	return twin && { with: twin, why: 'twin' };
}

export interface Asked {
	invitation: string;
	/** Where the platform's configuration is. */
	configuration: string;
	/** The platform's, for its own address of registration. */
	token: string | undefined;
}

/** Where this server is reached, and what it calls itself. */
export interface Tool {
	origin: string;
	description: string;
	choose: string;
}

/** @throws Refusal lti-invitation, lti-registration, lti-registered */
export async function register(rows: LtiRows, asked: Asked, { tool, now }: { tool: Tool; now: number }): Promise<PlatformRow> {
	// Taken at once: of two at the same time, one asks.
	const invitation = rows.takeInvitation(tokenDigest(asked.invitation), now);
	if (!invitation) throw new Refusal('lti-invitation');
	try {
		if (rows.platforms().some(({ name }) => name === invitation.name)) throw new Refusal('lti-registered', invitation.name);
		const platform = await agree(invitation, asked, tool);
		const other = clash(rows, platform);
		if (other) throw new Refusal('lti-registered', `${other.with.name}: ${other.why}`);
		rows.putPlatform(platform);
		return platform;
	} catch (error) {
		// It has registered nothing: what went wrong is mended, and the link opened again.
		rows.putInvitation(invitation);
		if (error instanceof Refusal) throw error;
		throw new Refusal('lti-registration', String(error).slice(0, 300), { cause: error });
	}
}

async function agree({ name }: Invitation, { configuration, token }: Asked, tool: Tool): Promise<PlatformRow> {
	// One on this machine, for trying things out, where we are reached without TLS ourselves.
	const plain = new URL(tool.origin).protocol === 'http:';
	const address = (text: string, what: string): URL => {
		const url = URL.canParse(text) ? new URL(text) : undefined;
		const good = url?.protocol === 'https:' || (plain && url?.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[|\]$/g, '')));
		if (!url || !good || url.username !== '' || url.password !== '') throw new Nonsense(`${what} is no address with https: ${text}`);
		return url;
	};
	const from = address(configuration, 'openid_configuration');
	const read = await fetchThere(from, { headers: { accept: 'application/json' } });
	const said = await jsonIfGood(read, platformSchema);
	const endpoint = address(said.registration_endpoint, 'registration_endpoint');
	// Nobody states the people of another place; and the token is for whoever gave it.
	for (const [what, url] of [
		['issuer', address(said.issuer, 'issuer')],
		['registration_endpoint', endpoint],
	] as const)
		if (url.origin !== from.origin) throw new Nonsense(`${what} is not at ${from.origin}: ${url.href}`);
	const places = {
		authorization: address(said.authorization_endpoint, 'authorization_endpoint').href,
		token: address(said.token_endpoint, 'token_endpoint').href,
		keys: address(said.jwks_uri, 'jwks_uri').href,
	};
	const answer = await fetchThere(endpoint, {
		method: 'POST',
		headers: {
			'content-type': 'application/json',
			accept: 'application/json',
			...(token !== undefined && { authorization: `Bearer ${token}` }),
		},
		body: JSON.stringify(ours(tool, said.scopes_supported)),
	});
	const { client_id: client, [toolConfiguration]: made } = await jsonIfGood(answer, registeredSchema);
	const deployments = made?.deployment_id === undefined ? [] : [made.deployment_id];
	return { name, issuer: said.issuer, client, ...places, deployments };
}

async function jsonIfGood<T>(answer: Response, schema: z.ZodType<T>): Promise<T> {
	if (answer.ok) return await jsonOf(answer, mostBytes, schema);
	await answer.body?.cancel();
	throw new Nonsense(`${answer.url}: status ${answer.status}`);
}

/** What the platform is told of us: nothing is asked for that is not used. */
function ours({ origin, description, choose }: Tool, supported: string[] | undefined) {
	return {
		application_type: 'web',
		client_name: 'Établi',
		client_uri: origin,
		response_types: ['id_token'],
		grant_types: ['implicit', 'client_credentials'],
		initiate_login_uri: `${origin}/api/lti/login`,
		redirect_uris: [`${origin}/api/lti/launch`],
		jwks_uri: `${origin}/api/lti/keys`,
		token_endpoint_auth_method: 'private_key_jwt',
		scope: [scoreScope, membersScope].filter((scope) => supported?.includes(scope) ?? true).join(' '),
		[toolConfiguration]: {
			domain: new URL(origin).host,
			description,
			target_link_uri: `${origin}/fr/`,
			claims: ['iss', 'sub', 'name'],
			messages: [
				{ type: 'LtiResourceLinkRequest' },
				{ type: 'LtiDeepLinkingRequest', target_link_uri: `${origin}/api/lti/choose`, label: choose },
			],
		},
	};
}
