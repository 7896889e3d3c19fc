/** The file that --sso names: which identity provider, and what its claims mean here. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { formatProblems } from '../../../src/courses/problem.ts';
import { parseYaml } from '../../../src/courses/yaml-file.ts';
import { learnersSignIn } from '../../../src/shared/protocol/sign-in.ts';
import { isLoopback } from '../loopback.ts';

/** Secrets and tokens pass there: in the open only on this very machine, for trying things out. */
function isIssuer(text: string): boolean {
	if (!URL.canParse(text)) return false;
	const { protocol, hostname, search, hash, username } = new URL(text);
	const safe = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, '')));
	return safe && search === '' && hash === '' && username === '';
}

/** By claim ("groups", "realm_access.roles"): one of its values that gives the role, or several. */
const grantSchema = z.record(z.string().min(1), z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]));

export const ssoSettingsSchema = z.strictObject({
	issuer: z.string().refine(isIssuer, 'is an address with https:// (http:// on this machine alone), as the provider calls itself'),
	/** client_id, as it is registered there. */
	client: z.string().min(1),
	/** File whose first line is the client's secret; ETABLI_SSO_SECRET in the environment comes before it. */
	secretFile: z.string().min(1).optional(),
	scope: z
		.string()
		.regex(/(^| )openid( |$)/, 'is a list with blanks, with "openid" in it')
		.default('openid profile'),
	learners: z.enum(learnersSignIn).default('no'),
	/** Claim that says what people are called. */
	name: z.string().min(1).default('name'),
	roles: z.strictObject({ trainer: grantSchema.optional(), operator: grantSchema.optional() }).default({}),
});

export interface SsoSettings extends Omit<z.output<typeof ssoSettingsSchema>, 'secretFile'> {
	/** undefined: a public client, which has PKCE alone. */
	secret: string | undefined;
}

/**
 * @param env where ETABLI_SSO_SECRET may stand
 * @throws Error with every mistake in the file, line by line; or of the file system
 */
export function readSsoSettings(path: string, env: Readonly<Record<string, string | undefined>>): SsoSettings {
	const { value, problems } = parseYaml(path, readFileSync(path, 'utf8'), ssoSettingsSchema);
	if (!value) throw new Error(formatProblems(problems));
	const { secretFile, ...rest } = value;
	if (rest.learners === 'no' && Object.keys(rest.roles).length === 0)
		throw new Error(`${path}: nobody could sign in. Say who is a trainer (roles:), or let learners in (learners: may).`);
	return {
		...rest,
		secret: env['ETABLI_SSO_SECRET'] || (secretFile === undefined ? undefined : readSecretLine(resolve(dirname(path), secretFile))),
	};
}

function readSecretLine(path: string): string {
	const [line = ''] = readFileSync(path, 'utf8').split(/\r?\n/);
	if (line.trim() === '') throw new Error(`${path} is to hold the secret of single sign-on, and its first line is empty.`);
	return line.trim();
}
