/** Which headers go on to a program in a sandbox, and back to the browser, and what is changed in them. Raw: name, value, name, value. */
import type { Preview } from './previews.ts';

/** Of one connection alone (RFC 9110 §7.6.1), with those that programs of old send. */
const hopByHop = [
	'connection',
	'keep-alive',
	'proxy-connection',
	'proxy-authenticate',
	'proxy-authorization',
	'te',
	'trailer',
	'transfer-encoding',
	'upgrade',
];
/** What proxies before us have added, or will; the program is told our own. `expect` has been answered. */
const ofProxies = /^(forwarded|x-forwarded-.*|x-real-ip|expect)$/;
/**
 * What a page could say beyond its own host: cookies and storage of every name of the domain are cleared, plain HTTP or other servers are
 * promised for it, reports are sent about it.
 */
const ofDomain = ['clear-site-data', 'strict-transport-security', 'public-key-pins', 'alt-svc', 'nel', 'report-to'];

type Raw = readonly string[];

function* pairs(raw: Raw): Generator<[name: string, value: string, lower: string]> {
	for (let at = 0; at + 1 < raw.length; at += 2) yield [raw[at] ?? '', raw[at + 1] ?? '', (raw[at] ?? '').toLowerCase()];
}

/** Names that hold for this connection alone: the known ones, and those that `Connection` names. */
function dropped(raw: Raw): Set<string> {
	const names = new Set(hopByHop);
	for (const [, value, name] of pairs(raw))
		if (name === 'connection') for (const one of value.split(',')) names.add(one.trim().toLowerCase());
	return names;
}

/** The cookie in which a browser keeps its key: of this very host, and over TLS by its name, too. */
export function cookieName({ origin }: Pick<Preview, 'origin'>): string {
	return origin.startsWith('https:') ? '__Host-etabli-preview' : 'etabli-preview';
}

/** `Set-Cookie` of the key. In a frame of another site (a page at 127.0.0.1, say) browsers keep it only so; over plain HTTP they do not take "none". */
export function keyCookie(preview: Pick<Preview, 'origin' | 'secure'>, key: string): string {
	return `${cookieName(preview)}=${key}; Path=/; HttpOnly; ${preview.secure ? 'Secure; SameSite=None; Partitioned' : 'SameSite=Lax'}`;
}

/** The key that a `Cookie` header holds. */
export function keyIn(preview: Pick<Preview, 'origin'>, header: string | undefined): string | undefined {
	const start = `${cookieName(preview)}=`;
	return header
		?.split(';')
		.map((part) => part.trim())
		.find((part) => part.startsWith(start))
		?.slice(start.length);
}

/** Without our cookies: no program needs what shows who may see it. */
function cookieFor(value: string): string {
	return value
		.split(';')
		.map((part) => part.trim())
		.filter((part) => !/^(__Host-)?etabli[\w-]*=/i.test(part))
		.join('; ');
}

interface Passing {
	preview: Pick<Preview, 'origin' | 'host' | 'port' | 'secure' | 'page'>;
}

/** What the program is asked with: as if it had been asked at localhost, by name and port, which is what it knows itself by. */
export function requestHeaders(raw: Raw, { preview, hasBody, upgrade }: Passing & { hasBody: boolean; upgrade: boolean }): string[] {
	const own = `http://localhost:${preview.port}`;
	const drop = dropped(raw);
	const kept = ['Host', `localhost:${preview.port}`];
	let length = false;
	let chunked = false;
	for (const [name, value, lower] of pairs(raw)) {
		if (lower === 'transfer-encoding') chunked = true;
		if (lower === 'host' || drop.has(lower) || ofProxies.test(lower)) continue;
		if (lower === 'content-length') length = true;
		if (lower === 'cookie') {
			const cookies = cookieFor(value);
			if (cookies !== '') kept.push(name, cookies);
		} else if (lower === 'origin' && value === preview.origin) kept.push(name, own);
		else if (lower === 'referer') {
			// The lesson that it was opened from is nobody's business.
			if (value.startsWith(`${preview.origin}/`)) kept.push(name, own + value.slice(preview.origin.length));
		} else kept.push(name, value);
	}
	if (hasBody && !length) kept.push(...(chunked ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', '0']));
	const { protocol } = new URL(preview.origin);
	kept.push('X-Forwarded-Host', preview.host, 'X-Forwarded-Proto', protocol.slice(0, -1));
	kept.push(...(upgrade ? ['Connection', 'Upgrade', 'Upgrade', 'websocket'] : ['Connection', 'close']));
	return kept;
}

/** An address of the program's own port, by any name that it has for its machine → the same below the preview. Others stay. */
export function locationFor(value: string, { origin, port }: Pick<Preview, 'origin' | 'port'>): string {
	const parts = /^https?:\/\/(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(?::(\d+))?(?=[/?#]|$)(.*)$/i.exec(value.trim());
	if (!parts || Number(parts[2] ?? 80) !== port) return value;
	return `${origin}${parts[3]?.startsWith('/') ? '' : '/'}${parts[3] ?? ''}`;
}

/** A program's cookie, kept to its own host, and kept at all in the lesson's frame; undefined: it would take the place of ours. */
function setCookieFor(value: string, secure: boolean): string | undefined {
	if (/^\s*(__Host-)?etabli-preview\s*=/i.test(value)) return undefined;
	const [pair = '', ...attributes] = value.split(';');
	const dropped = secure ? /^\s*(domain|samesite|secure|partitioned)\s*(=|$)/i : /^\s*domain\s*(=|$)/i;
	const kept = attributes.filter((attribute) => !dropped.test(attribute));
	return [pair, ...kept, ...(secure ? [' Secure', ' SameSite=None', ' Partitioned'] : [])].join(';');
}

/** What the browser is answered with. */
export function responseHeaders(raw: Raw, { preview }: Passing): string[] {
	const drop = new Set([...dropped(raw), ...ofDomain]);
	const kept: string[] = [];
	let referrer = false;
	for (const [name, value, lower] of pairs(raw)) {
		if (drop.has(lower)) continue;
		if (lower === 'referrer-policy') referrer = true;
		if (lower === 'location') kept.push(name, locationFor(value, preview));
		else if (lower === 'set-cookie') {
			const cookie = setCookieFor(value, preview.secure);
			if (cookie !== undefined) kept.push(name, cookie);
		} else kept.push(name, value);
	}
	// Beside a policy of the program's own, of which browsers take the strictest. With it, X-Frame-Options counts no more.
	kept.push('Content-Security-Policy', `frame-ancestors 'self' ${preview.page}`, 'Origin-Agent-Cluster', '?1');
	if (!referrer) kept.push('Referrer-Policy', 'same-origin');
	return kept;
}
