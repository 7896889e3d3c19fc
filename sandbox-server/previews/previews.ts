/**
 * Which ports of which sandboxes are shown, under which names, and to whom. In memory: a restart of the server ends them all, and so does the end
 * of their sandbox; no name comes back. Who may see one has been given its first address, which works once, within seconds, and leaves a cookie of that
 * very host.
 */
import { randomBytes } from 'node:crypto';
import type { Language } from '../../src/shared/language.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { TokenBucket } from '../platform/token-bucket.ts';
import type { Lines } from '../sandboxes/lines.ts';
import { labelOf, newLabel, originOf, type PreviewPlace } from './names.ts';

/** Ports of one sandbox that are shown. */
const mostPorts = 16;
/** Of one preview: first addresses that have not been used, and browsers (or frames and windows) that have. */
const mostTickets = 8;
const mostKeys = 16;
const ticketMs = 30_000;
/** Requests of one preview: a page of a thousand files at once, then 50 a second. */
const requests = { burst: 1000, perSecond: 50 };
/** Where the first address leads; programs have no address that begins so. */
export const doorPath = '/.etabli/';

export interface PreviewRequest {
	/** Whose sandbox it is, and the session in which they ask. */
	owner: { id: string; session: string };
	lines: Lines;
	port: number;
	/** With the query: "/docs?page=2". */
	path: string;
	place: PreviewPlace;
	/** Origin of the page that shows it. */
	page: string;
	language: Language;
}

export interface Preview {
	/** Host, as browsers address it. */
	readonly host: string;
	readonly origin: string;
	readonly secure: boolean;
	readonly owner: string;
	readonly port: number;
	readonly lines: Lines;
	readonly page: string;
	/** Of whoever opened it last. */
	language: Language;
	readonly requests: TokenBucket;
	readonly tickets: Map<string, { path: string; session: string; expires: number }>;
	/** What its cookie may hold → the session in which that was given. */
	readonly keys: Map<string, string>;
}

const secret = (): string => randomBytes(24).toString('base64url');

/** The oldest give way. */
function keepFew(entries: Map<string, unknown>, most: number): void {
	for (const key of entries.keys()) {
		if (entries.size <= most) return;
		entries.delete(key);
	}
}

export class Previews {
	readonly #now: () => number;
	readonly #isSignedIn: (session: string) => boolean;
	readonly #all = new Map<string, Preview>();

	constructor({ now, isSignedIn }: { now: () => number; isSignedIn: (session: string) => boolean }) {
		this.#now = now;
		this.#isSignedIn = isSignedIn;
	}

	/** The address to open, for once and soon: the preview there is, or a new one. @throws Refusal too-many */
	open({ owner, lines, port, path, place, page, language }: PreviewRequest): { address: string; origin: string } {
		this.#forget();
		const own = [...this.#all.values()].filter((one) => one.lines === lines);
		const known = own.find((one) => one.port === port && one.page === page && one.host.endsWith(`.${place.suffix}`));
		if (!known && own.length >= mostPorts) throw new Refusal('too-many', 'ports of one sandbox');
		const preview = known ?? this.#make({ owner, lines, port, place, page, language });
		preview.language = language;
		const ticket = secret();
		preview.tickets.set(ticket, { path, session: owner.session, expires: this.#now() + ticketMs });
		keepFew(preview.tickets, mostTickets);
		return { address: `${preview.origin}${doorPath}open?ticket=${ticket}`, origin: preview.origin };
	}

	#make({ owner, lines, port, place, page, language }: Omit<PreviewRequest, 'path'>): Preview {
		const label = newLabel(port);
		const origin = originOf(place, label);
		const { host, protocol, hostname } = new URL(origin);
		const preview: Preview = {
			...{ host, origin, port, lines, page, language },
			owner: owner.id,
			// Browsers trust what comes from their own machine as they trust TLS.
			secure: protocol === 'https:' || hostname.endsWith('.localhost'),
			requests: new TokenBucket({ ...requests, now: this.#now }),
			tickets: new Map(),
			keys: new Map(),
		};
		this.#all.set(label, preview);
		return preview;
	}

	/** That of a `Host` header; undefined: there is none of that name any more, or never was. */
	find(host: string | undefined): Preview | undefined {
		const preview = this.#all.get(labelOf(host) ?? '');
		return preview && !preview.lines.closed && preview.host === host?.toLowerCase() ? preview : undefined;
	}

	/** Uses a first address up. @returns where it leads, and what the cookie is to hold; undefined: used, too old, or none of ours */
	redeem(preview: Preview, ticket: string): { path: string; key: string } | undefined {
		const found = preview.tickets.get(ticket);
		preview.tickets.delete(ticket);
		if (!found || found.expires < this.#now()) return undefined;
		const key = secret();
		preview.keys.set(key, found.session);
		keepFew(preview.keys, mostKeys);
		return { path: found.path, key };
	}

	/** May whoever shows this key see it? Not after they have signed out of the session in which they opened it. */
	admits(preview: Preview, key: string | undefined): boolean {
		const session = key === undefined ? undefined : preview.keys.get(key);
		return session !== undefined && this.#isSignedIn(session);
	}

	/** Of sandboxes that are gone. */
	#forget(): void {
		for (const [label, { lines }] of this.#all) if (lines.closed) this.#all.delete(label);
	}
}
