/**
 * Where requests may come from. Browsers send `Origin` with every request that changes something and with every WebSocket.
 *
 * With a public address it is that origin and nothing else. Without one, the server does not know how it is reached; then the page's
 * origin has to be the very host that the request is addressed to, and that host has to be one that no stranger can hold: an address
 * in numbers, localhost, this machine's own name. Any other name could be a stranger's, pointed at this machine after the page was
 * loaded (DNS rebinding), so it is refused until --public-url names it.
 */
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Where the server is reached. */
export interface Addresses {
	/** Origin of --public-url, "https://etabli.example.org"; undefined without one: then the Host header of a known host counts. */
	publicOrigin: string | undefined;
	/** Where pages of learners' programs are shown, with a * in place of each one's name: "https://*.pages.example.org"; undefined: not said. */
	previews?: string | undefined;
	/** What it listens on. */
	host: string;
	/** Proxies whose word on the visitor's address counts: addresses or networks. Left out: nobody's, since whoever sends that header may have made it up. */
	proxies?: readonly string[];
}

export interface RequestHeaders {
	host?: string | undefined;
	origin?: string | undefined;
}

/** "example.org:8080" → "example.org"; undefined when it is no host. */
export function nameOf(host: string | undefined): string | undefined {
	if (!host || !/^[\w.:[\]-]+$/.test(host) || !URL.canParse(`http://${host}`)) return undefined;
	return new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

/** Is the server itself addressed, and not a stranger's name that points here? */
export function isKnownHost({ host }: RequestHeaders, addresses: Addresses): boolean {
	// A proxy may pass on any Host; the Origin is exact then, and cookies are the public host's.
	if (addresses.publicOrigin !== undefined) return true;
	const name = nameOf(host);
	if (name === undefined) return false;
	const own = hostname().toLowerCase();
	const names = ['localhost', own, own.split('.')[0], `${own.split('.')[0]}.local`, addresses.host.toLowerCase()];
	return isIP(name) !== 0 || name.endsWith('.localhost') || names.includes(name);
}

/** Does the request come from a page of this server? A missing Origin is a no. */
export function isOwnOrigin(headers: RequestHeaders, addresses: Addresses): boolean {
	if (headers.origin === undefined) return false;
	if (addresses.publicOrigin !== undefined) return headers.origin === addresses.publicOrigin;
	return isKnownHost(headers, addresses) && headers.origin === `http://${headers.host?.toLowerCase()}`;
}
