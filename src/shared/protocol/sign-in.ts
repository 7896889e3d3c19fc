/** Single sign-on: what pages are told of it, and the addresses that lead into it. */
import { z } from 'zod';
import { type Language, languageSchema } from '../language.ts';
import { type RefusalCode, refusals } from './refusals.ts';
import { roles } from './roles.ts';

export const signInStartAddress = '/api/sign-in/start';
/** Where the identity provider leads back to: what is registered there. */
export const signInBackAddress = '/api/sign-in/back';

/** no: trainers only. may: learners too. must: learners get a sandbox once they have signed in, or joined a room by its code. */
export const learnersSignIn = ['no', 'may', 'must'] as const;

export const signInSchema = z.strictObject({
	provider: z.string().optional().describe('host of the identity provider; left out: there is none'),
	learners: z.enum(learnersSignIn).describe('whether learners sign in'),
	account: z
		.strictObject({ name: z.string().optional(), roles: z.array(z.enum(roles)) })
		.optional()
		.describe('who is signed in here: trainers by their link too'),
});

export const signInStartSchema = z.object({
	language: languageSchema.catch('fr'),
	to: z.string().max(500).optional().catch(undefined).describe('address of this site that the person comes back to'),
});

export const signOutSchema = z.strictObject({
	elsewhere: z.string().optional().describe('where the identity provider signs people out of everything'),
});

/** Address that begins to sign in. @param to where the person comes back to */
export function signInLink(language: Language, to: string): string {
	return `${signInStartAddress}?${new URLSearchParams({ language, to })}`;
}

/**
 * The address of a page of this site, or undefined: nothing that a link of somebody else's could lead to elsewhere.
 * @param text from outside
 */
export function ownAddress(text: string | undefined): string | undefined {
	return text !== undefined && /^\/(?:fr|en)\/(?:[\w-]+\/)*(?:\?room=[\da-f]+)?$/.test(text) ? text : undefined;
}

/** What a way through an identity provider or a learning platform may end with, besides what is theirs. */
const general: readonly RefusalCode[] = ['internal', 'server-full', 'not-found', 'bad-request', 'too-large', 'too-many'];

/**
 * The refusal that such a way ended with, as the address of its page says it: a code of ours, so that an address can put no sentence on the page.
 * @param hash with or without `#`; anything else is undefined
 */
export function refusalIn(hash: string): RefusalCode | undefined {
	const code = hash.replace(/^#/, '') as RefusalCode;
	return Object.hasOwn(refusals, code) && (/^(sso|lti)-/.test(code) || general.includes(code)) ? code : undefined;
}
