/** The Content-Security-Policy: what a page of ours may load and run. Pure, apart from reading the page. */
import { createHash } from 'node:crypto';
import { readFileSync, type Stats } from 'node:fs';

/** For everything that is not a page: nothing at all. */
export const policyForData = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const scriptPattern = /<script\b((?:"[^"]*"|'[^']*'|[^>"'])*)>([\s\S]*?)<\/script[\s/>]/gi;

/** The CSP sources, such as 'sha256-…', of a page's inline scripts. */
export function inlineScriptHashes(html: string): string[] {
	const hashes = new Set<string>();
	// A browser hashes the text as parsed, where line ends are always LF.
	for (const [, attributes = '', text = ''] of html.replace(/\r\n?/g, '\n').matchAll(scriptPattern)) {
		if (/\ssrc\s*=/i.test(attributes) || text === '') continue;
		hashes.add(`'sha256-${createHash('sha256').update(text).digest('base64')}'`);
	}
	return [...hashes];
}

/**
 * The policy of a page.
 * @param host of the server as the browser addresses it; Safari below 15.4 does not count a WebSocket to it as 'self'
 * @param frames what may be shown in a frame: previews; undefined: nothing
 */
export function policyForPage(
	hashes: readonly string[],
	{ host, secure, frames }: { host: string | undefined; secure: boolean; frames?: string | undefined },
): string {
	// From a header: what is no host at all could add sources of its own.
	const socket = host && /^[\w.:[\]-]+$/.test(host) ? ` ${secure ? 'wss' : 'ws'}://${host}` : '';
	return [
		"default-src 'none'",
		// Pagefind's search is WebAssembly.
		`script-src 'self' 'wasm-unsafe-eval'${hashes.map((hash) => ` ${hash}`).join('')}`,
		// xterm.js and Expressive Code set styles of their own.
		"style-src 'self' 'unsafe-inline'",
		"img-src 'self' data:",
		"font-src 'self' data:",
		"media-src 'self'",
		`connect-src 'self'${socket}`,
		"worker-src 'self' blob:",
		"manifest-src 'self'",
		...(frames === undefined ? [] : [`frame-src ${frames}`]),
		"frame-ancestors 'none'",
		"base-uri 'none'",
		"form-action 'self'",
	].join('; ');
}

/** Hashes by page, read once for each version of a file: the site may be built again while the server runs. */
export class PageHashes {
	readonly #pages = new Map<string, { mtime: number; size: number; hashes: string[] }>();

	/** @param path of the page; `stat` of what is sent (the page, or a compressed twin made from it) */
	of(path: string, stat: Stats): readonly string[] {
		const known = this.#pages.get(path);
		if (known && known.mtime === stat.mtimeMs && known.size === stat.size) return known.hashes;
		const hashes = inlineScriptHashes(readFileSync(path, 'utf8'));
		this.#pages.set(path, { mtime: stat.mtimeMs, size: stat.size, hashes });
		return hashes;
	}
}
