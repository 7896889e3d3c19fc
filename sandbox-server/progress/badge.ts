/** A certificate as an Open Badge 3.0: a verifiable credential, signed as a JWT (VC-JWT: the payload is the credential). */
import { SignJWT } from 'jose';
import { durationText } from '../../src/shared/duration.ts';
import { fill } from '../../src/shared/fill.ts';
import type { Language } from '../../src/shared/language.ts';
import { pageAddress } from '../../src/shared/page-names.ts';
import type { Certificate } from '../../src/shared/protocol/certificates.ts';
import { type BadgeKey, badgeAlgorithm } from './badge-key.ts';
import { certificateTexts } from './certificate-texts.ts';

/** Where the public key stands, and who issues. */
export const badgeKeyPath = '/.well-known/badge-key.json';
export const badgeIssuerPath = '/.well-known/badge-issuer.json';

/** Who issues badges: this server. @param origin where people reach it */
export function badgeIssuer(origin: string) {
	return { id: `${origin}${badgeIssuerPath}`, type: ['Profile'], name: `Établi, ${new URL(origin).host}`, url: `${origin}/` };
}

interface BadgeRequest {
	key: BadgeKey;
	/** Where people reach this server. */
	origin: string;
	language: Language;
}

/** @returns the JWT */
export async function signedBadge(certificate: Certificate, { key, origin, language }: BadgeRequest): Promise<string> {
	const { code, course, title, name, lessons, steps, ms, issued } = certificate;
	const id = `${origin}${pageAddress('certificate', language)}#${code}`;
	const seconds = Math.floor(issued / 1000);
	const facts = fill(certificateTexts.facts[language], { steps, lessons, time: durationText(ms) });
	const credential = {
		'@context': ['https://www.w3.org/ns/credentials/v2', 'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json'],
		id,
		type: ['VerifiableCredential', 'OpenBadgeCredential'],
		name: `${certificateTexts.title[language]} – ${title[language]}`,
		issuer: badgeIssuer(origin),
		validFrom: new Date(seconds * 1000).toISOString().replace('.000', ''),
		credentialSubject: {
			type: ['AchievementSubject'],
			// Nobody has checked who that is: there is no other identifier.
			identifier: [{ type: 'IdentityObject', hashed: false, identityHash: name, identityType: 'name' }],
			narrative: certificateTexts.honest[language],
			achievement: {
				id: `${origin}${pageAddress('progress', language)}#course-${course}`,
				type: ['Achievement'],
				achievementType: 'Course',
				inLanguage: language,
				name: title[language],
				description: facts,
				criteria: { narrative: certificateTexts.criteria[language] },
			},
		},
	};
	return await new SignJWT(credential)
		.setProtectedHeader({ alg: badgeAlgorithm, typ: 'JWT', kid: `${origin}${badgeKeyPath}` })
		.setIssuer(credential.issuer.id)
		.setJti(id)
		.setNotBefore(seconds)
		.sign(key.sign);
}
