/** Deep linking: somebody who edits a course on a platform chooses a lesson, and the platform is given a signed link to it. */
import { randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Course, Lesson } from '../../src/shared/course/course.ts';
import type { Language } from '../../src/shared/language.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { type SigningKey, signingAlgorithm } from '../platform/signing-key.ts';
import type { PlatformRow } from '../store/lti.ts';
import { type Launch, names } from './claims.ts';
import { keyId } from './tool-key.ts';

/** How long somebody may think about it, ms; and how many choices are open at once: of trainers, of all platforms. */
const openMs = 3600_000;
const mostOpen = 500;

interface Open {
	platform: PlatformRow;
	deployment: string;
	/** Where the link is brought to. */
	address: string;
	/** Of the platform's, given back to it. */
	data: string | undefined;
	language: Language;
	expires: number;
}

export class Choices {
	readonly #open = new Map<string, Open>();
	readonly #now: () => number;

	constructor(now: () => number) {
		this.#now = now;
	}

	/** @returns by what the choice is made, once @throws Refusal lti-refused */
	begin({ platform, launch, language }: { platform: PlatformRow; launch: Launch; language: Language }): string {
		const settings = launch[names.choice];
		if (!settings?.accept_types.includes('ltiResourceLink')) throw new Refusal('lti-refused', 'the platform takes no links to lessons');
		for (const [old, { expires }] of this.#open) if (expires <= this.#now() || this.#open.size >= mostOpen) this.#open.delete(old);
		const id = randomBytes(24).toString('base64url');
		const { deep_link_return_url: address, data } = settings;
		this.#open.set(id, { platform, deployment: launch[names.deployment], address, data, language, expires: this.#now() + openMs });
		return id;
	}

	/** @throws Refusal sso-again */
	take(id: string): Open {
		const open = this.#open.get(id);
		this.#open.delete(id);
		if (!open || open.expires <= this.#now()) throw new Refusal('sso-again', 'no such choice');
		return open;
	}
}

/** What the platform is given: the link, signed. */
export async function signedChoice(
	{ platform, deployment, data, language }: Open,
	{ course, lesson, origin, key }: { course: Course; lesson: Lesson; origin: string; key: SigningKey },
): Promise<string> {
	const item = {
		type: 'ltiResourceLink',
		title: lesson.head[language].title,
		text: lesson.head[language].description,
		url: `${origin}/${language}/${course.slug}/${lesson.slug}/`,
		window: { targetName: '_blank' },
		...(lesson.steps.length > 0 && {
			lineItem: { scoreMaximum: lesson.steps.length, label: lesson.head[language].title, resourceId: `${course.slug}/${lesson.slug}` },
		}),
	};
	const claims = {
		nonce: randomBytes(16).toString('base64url'),
		[names.type]: 'LtiDeepLinkingResponse',
		[names.version]: '1.3.0',
		[names.deployment]: deployment,
		[names.items]: [item],
		...(data !== undefined && { [names.data]: data }),
	};
	return await new SignJWT(claims)
		.setProtectedHeader({ alg: signingAlgorithm, kid: await keyId(key), typ: 'JWT' })
		.setIssuer(platform.client)
		.setAudience(platform.issuer)
		.setIssuedAt()
		.setExpirationTime('10m')
		.sign(key.sign);
}
