/**
 * The access code that a link has in it, after `#code=`: what stands there stays in the browser, and out of proxies' logs. Links from before
 * have it in the query, `?code=`. @returns undefined without one
 */
export function codeOf(link: URL): string | undefined {
	const hidden = link.hash.startsWith('#code=') ? new URLSearchParams(link.hash.slice(1)).get('code') : null;
	return hidden || link.searchParams.get('code') || undefined;
}
