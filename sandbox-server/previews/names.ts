/** What a preview is called: a host of its own, by chance, so that its pages share no cookie and no storage with anything else, ever. */
import { randomBytes } from 'node:crypto';
import { isLoopback } from '../auth/loopback.ts';
import { type Addresses, nameOf } from '../auth/origin.ts';

const letters = 'abcdefghijklmnopqrstuvwxyz234567';
/** Each of 32 by chance: 120 bits, which nobody guesses and which never come again. */
const length = 24;
const label = /^p\d{1,5}-[a-z2-7]{24}$/;

/** "p8000-…": the port is for people. */
export function newLabel(port: number): string {
	return `p${port}-${Array.from(randomBytes(length), (byte) => letters[byte & 31]).join('')}`;
}

/** The name in a `Host` header; undefined: it is no preview that is addressed. Nothing else is served at such a name. */
export function labelOf(host: string | undefined): string | undefined {
	const first = host?.split('.', 1)[0]?.toLowerCase();
	return first !== undefined && label.test(first) ? first : undefined;
}

/** Where previews are reached: "https:" and "pages.example.org". */
export interface PreviewPlace {
	protocol: string;
	/** With the port, where there is one. */
	suffix: string;
}

/**
 * Where this browser reaches them; undefined: nowhere. Without a word of the operator that is below `localhost`, which every browser takes for
 * its own machine without asking anybody: for pages that come from this very machine.
 * @param host `Host` of the page's request
 */
export function placeOf({ previews, publicOrigin }: Addresses, host: string | undefined): PreviewPlace | undefined {
	if (previews !== undefined) {
		const [protocol = '', suffix = ''] = previews.split('//*.');
		return { protocol, suffix };
	}
	const own = publicOrigin ?? `http://${host}`;
	const name = nameOf(publicOrigin === undefined ? host : new URL(publicOrigin).host);
	// A page at [::1] cannot be named as the one that may frame it.
	if (name === undefined || name.startsWith('[') || !isLoopback(name) || !own.startsWith('http:')) return undefined;
	const { port } = new URL(own);
	return { protocol: 'http:', suffix: port ? `localhost:${port}` : 'localhost' };
}

export function originOf({ protocol, suffix }: PreviewPlace, name: string): string {
	return `${protocol}//${name}.${suffix}`;
}

/** What a page of ours may have in a frame, as a source of the content policy. */
export function sourceOf(place: PreviewPlace | undefined): string | undefined {
	return place && originOf(place, '*');
}
