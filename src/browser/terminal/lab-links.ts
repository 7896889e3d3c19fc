/** Addresses that programs print. Those of the lab's own machine are shown by way of the server: to the browser, they would be the learner's own. */

/** What of the lab's own machine an address names; undefined: it is none of the lab's. A path as it stands in addresses, with query and anchor. */
export function placeInLab(address: string): { port: number; path: string } | undefined {
	if (!URL.canParse(address)) return undefined;
	const { protocol, hostname, port, pathname, search, hash } = new URL(address);
	if (!/^https?:$/.test(protocol) || !/^(localhost|etabli|.*\.localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])$/.test(hostname))
		return undefined;
	// "//" at its beginning would be another host's.
	const path = `/${(pathname + search + hash).replace(/^[/\\]+/, '')}`;
	return { port: Number(port) || (protocol === 'https:' ? 443 : 80), path };
}

/** @param inLab told of an address that leads into the lab */
export function openLink(address: string, inLab: (place: { port: number; path: string }) => void): void {
	if (!/^https?:/.test(address)) return;
	const place = placeInLab(address);
	if (place) inLab(place);
	else open(address, '_blank', 'noopener,noreferrer');
}
