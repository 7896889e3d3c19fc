/** Reads the machine's package sources: where its Debian mirror is. Both formats of apt: one line each (*.list), paragraphs (*.sources). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from './failure.ts';

export interface Source {
	uri: string;
	suite: string;
	components: string[];
}

/** What of a machine's sources is needed for building Debian. */
export interface Mirror {
	/** Holds <suite>/main. */
	main: string;
	/** Holds <suite>-security/main; undefined when the machine names none. */
	security: string | undefined;
}

/** Text of a *.list file. */
export function parseOneLine(text: string): Source[] {
	const sources: Source[] = [];
	for (const raw of text.split('\n')) {
		const line = raw.replace(/#.*/, '').trim();
		const match = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)((?:\s+\S+)*)$/.exec(line);
		if (match?.[1] && match[2]) sources.push({ uri: match[1], suite: match[2], components: (match[3] ?? '').split(/\s+/).filter(Boolean) });
	}
	return sources;
}

/** Text of a *.sources file (deb822). */
export function parseParagraphs(text: string): Source[] {
	const sources: Source[] = [];
	const paragraphs = text
		.split('\n')
		.filter((line) => !line.startsWith('#'))
		.join('\n')
		.split(/\n[ \t]*\n/);
	for (const paragraph of paragraphs) {
		const fields = new Map<string, string>();
		let key = '';
		for (const line of paragraph.split('\n')) {
			const field = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
			if (field?.[1] !== undefined) {
				key = field[1].toLowerCase();
				fields.set(key, field[2] ?? '');
			} else if (/^\s/.test(line) && key) fields.set(key, `${fields.get(key)} ${line.trim()}`);
		}
		const words = (name: string): string[] => (fields.get(name) ?? '').split(/\s+/).filter(Boolean);
		if (!words('types').includes('deb') || /^no$/i.test(fields.get('enabled') ?? '')) continue;
		for (const uri of words('uris')) for (const suite of words('suites')) sources.push({ uri, suite, components: words('components') });
	}
	return sources;
}

/** All sources of the machine. @param etc for tests: what stands for /etc/apt */
export function readSources(etc = '/etc/apt'): Source[] {
	const files = [join(etc, 'sources.list')];
	try {
		files.push(
			...readdirSync(join(etc, 'sources.list.d'))
				.sort()
				.map((name) => join(etc, 'sources.list.d', name)),
		);
	} catch (error) {
		if (codeOf(error) !== 'ENOENT') throw error;
	}
	return files.flatMap((file) => {
		let text: string;
		try {
			text = readFileSync(file, 'utf8');
		} catch (error) {
			if (codeOf(error) === 'ENOENT' || codeOf(error) === 'EACCES') return [];
			throw error;
		}
		if (file.endsWith('.sources')) return parseParagraphs(text);
		return file.endsWith('.list') ? parseOneLine(text) : [];
	});
}

const plain = /^https?:\/\/[A-Za-z0-9._~:/@%+,-]+$/;

/**
 * The machine's Debian mirror, from the sources of its own release; undefined when it has none (another distribution).
 * Other publishers' repositories do not count: they have no suite named like the release.
 * @param codename VERSION_CODENAME of /etc/os-release
 */
export function findMirror(sources: readonly Source[], codename: string): Mirror | undefined {
	const usable = sources.filter((source) => plain.test(source.uri) && source.components.includes('main'));
	const main = usable.find((source) => source.suite === codename);
	if (!main) return undefined;
	const security = usable.find((source) => source.suite === `${codename}-security`);
	return { main: trim(main.uri), security: security && trim(security.uri) };
}

/** --mirror URL → Mirror; undefined when it is no plain http(s) address. */
export function mirrorFromOption(url: string): Mirror | undefined {
	return plain.test(url) ? { main: trim(url), security: undefined } : undefined;
}

function trim(uri: string): string {
	return uri.replace(/\/+$/, '');
}

/** /etc/os-release → its fields. */
export function parseOsRelease(text: string): Record<string, string> {
	const fields: Record<string, string> = {};
	for (const line of text.split('\n')) {
		const match = /^([A-Z_]+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(line.trim());
		if (match?.[1]) fields[match[1]] = match[2] ?? match[3] ?? match[4] ?? '';
	}
	return fields;
}
