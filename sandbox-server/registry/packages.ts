/** Lists of what is installed, as package managers keep them in an image. */

/** Paths in an image, without the leading slash. */
export const packageFiles = ['var/lib/dpkg/status', 'lib/apk/db/installed', 'usr/lib/apk/db/installed'];

/** Of names and versions, characters. */
const longest = 100;
const most = 2000;

/**
 * @param text Debian's status file (paragraphs of "Package:", "Status:", "Version:"), or Alpine's (paragraphs of "P:", "V:")
 * @returns what is installed, by name; what was removed is left out
 */
export function packagesIn(text: string): { name: string; version: string }[] {
	const found = [];
	for (const paragraph of text.split(/\n\n+/)) {
		const name = field(paragraph, 'Package') ?? field(paragraph, 'P');
		const version = field(paragraph, 'Version') ?? field(paragraph, 'V');
		const status = field(paragraph, 'Status');
		if (name === undefined || version === undefined || (status !== undefined && !/ installed$/.test(status))) continue;
		found.push({ name: name.slice(0, longest), version: version.slice(0, longest) });
		if (found.length === most) break;
	}
	return found.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

function field(paragraph: string, name: string): string | undefined {
	return new RegExp(`^${name}:[ \\t]*(.+)$`, 'm').exec(paragraph)?.[1]?.trim();
}
