/**
 * The notices of the parts of an archive of `export` that are other people's: made from what these parts themselves bring along (licence
 * files, package lists), never kept by hand.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { Failure } from '../../setup/failure.ts';
import { root as home } from '../../setup/paths.ts';

/** Name of the file, beside Établi's own LICENSE. */
export const noticesName = 'THIRD-PARTY-NOTICES.txt';
/** What images say of themselves: Debian's list of packages, and texts of licences that others refer to. */
export const packageList = '/var/lib/dpkg/status';
const libcNotice = '/usr/share/doc/libc6/copyright';
const commonTexts = ['GPL-2', 'GPL-3', 'LGPL-2.1', 'LGPL-3', 'MPL-2.0'].map((name) => `/usr/share/common-licenses/${name}`);

export interface NoticesRequest {
	/** Folder in which node_modules is. */
	root: string;
	/** Paths of the packages that are taken along, from there. */
	packages: readonly string[];
	/** Path of the program that is taken along. */
	node: string;
	/** References; the first is Debian itself. */
	images: readonly string[];
	/** As Containers.read: texts of files of an image, '' where there is none. */
	read: (image: string, paths: readonly string[]) => Promise<string[]>;
}

/** @returns the text @throws Failure when there is no licence beside Node.js; Error of the engine or the file system */
export async function thirdPartyNotices({ root, packages, node, images, read }: NoticesRequest): Promise<string> {
	const [debian = ''] = images;
	const [libc = '', ...common] = await read(debian, [libcNotice, ...commonTexts]);
	const lists: string[] = [];
	for (const image of images) lists.push(imageSection(image, (await read(image, [packageList]))[0] ?? ''));
	const sections = [
		preamble,
		section(`Node.js ${process.versions.node}`, nodeLicence(node), 'https://github.com/nodejs/node'),
		section('The agent of the terminals (guest/agent)', `${agentText}\n\n${libc.trim()}`, 'https://www.gnu.org/software/libc/'),
		...packageSections(packages.map((path) => readPackage(root, path))),
		...lists,
		...common.flatMap((text, index) => (text === '' ? [] : [section(commonTexts[index] ?? '', text.trim())])),
	];
	return `${sections.join('\n\n')}\n`;
}

const preamble = `Third-party notices

Établi itself is under the licence in LICENSE, its courses under that in courses/LICENSE. This file is made by ./etabli export, from what
the parts of this archive that are other people's say of themselves. Packages without a licence file of their own refer to one of the same
source, or are given with what they say in their README. "Source" says where the source is to be had; of what is installed by npm, the
package's own version of it. The texts of the GNU licences and of the Mozilla licence stand at the end.`;

const agentText = `Its own source is in this archive (sandbox-server/guest/agent), under Établi's licence. The program is linked statically with the GNU C
Library, which is under the GNU Lesser General Public License. To link it with another version of that library: remove the file agent from
the data folder's guest/, and ./etabli up compiles it again, with the compiler of the machine, or of Debian's image.`;

function section(title: string, text: string, source?: string): string {
	return [`${'='.repeat(100)}\n${title}`, ...(source === undefined ? [] : [`Source: ${source}`]), `\n${text.trim()}`].join('\n');
}

/** What helps where the machine's Node.js cannot be handed on: the launcher puts its own there too, where there is none. */
export const bringNode = `Bring one that can: npm install --prefix ${join(home, '.etabli/node')} node@npm:node-linux-${process.arch}@${process.versions.node}   then run this again.`;

/** @param node path of its program @throws Failure */
export function nodeLicence(node: string): string {
	const found = nodeLicencePath(node);
	if (found !== undefined) return readFileSync(found, 'utf8');
	throw new Failure(`There is no licence beside the Node.js of this machine (${node}): it cannot be handed on.`, {
		hint: bringNode,
	});
}

/** Where its makers put it: beside the program's folder, or with its documentation; npm puts the program itself into a package of another name. */
function nodeLicencePath(node: string): string | undefined {
	const folder = dirname(dirname(node));
	const packed = `node-linux-${process.arch}`;
	return [
		folder,
		join(folder, 'node_modules', packed),
		join(dirname(folder), packed),
		...['node', 'nodejs'].map((name) => join(folder, 'share/doc', name)),
	]
		.flatMap((place) => ['LICENSE', 'copyright'].map((name) => join(place, name)))
		.find((path) => existsSync(path));
}

const packageSchema = z.object({
	name: z.string(),
	version: z.string(),
	license: z.unknown().optional(),
	licenses: z.unknown().optional(),
	author: z.unknown().optional(),
	repository: z.unknown().optional(),
	homepage: z.unknown().optional(),
});

interface Package {
	/** "name version (licence)" */
	title: string;
	author: string;
	/** Where its source is to be had. */
	source: string;
	/** Its licence files. */
	texts: string[];
	/** What its README says of licences. */
	said: string;
}

function readPackage(root: string, path: string): Package {
	const folder = join(root, path);
	const { name, version, license, licenses, author, repository, homepage } = packageSchema.parse(
		JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
	);
	const licence =
		wordOf(license, 'type') ||
		[licenses]
			.flat()
			.map((one) => wordOf(one, 'type'))
			.filter(Boolean)
			.join(' OR ');
	const readme = readdirSync(folder).find((file) => /^readme(\.|$)/i.test(file));
	return {
		title: `${name} ${version}${licence ? ` (${licence})` : ''}`,
		author: wordOf(author, 'name'),
		source: sourceOf(wordOf(repository, 'url')) || wordOf(homepage, 'url') || `https://www.npmjs.com/package/${name}`,
		texts: licenceFiles(folder).map((file) => readFileSync(file, 'utf8').trim()),
		said: readme === undefined ? '' : aboutLicences(readFileSync(join(folder, readme), 'utf8')),
	};
}

/** npm's fields are words, or objects with one. */
function wordOf(value: unknown, key: string): string {
	if (typeof value === 'string') return value;
	return typeof value === 'object' && value !== null ? wordOf((value as Record<string, unknown>)[key], '') : '';
}

/** "git+https://host/a/b.git", "git@host:a/b", "github:a/b", "a/b" → an address that a browser opens. */
function sourceOf(url: string): string {
	const plain = url
		.replace(/^git\+/, '')
		.replace(/^(?:https?:\/\/)+/, 'https://')
		.replace(/\.git$/, '');
	const [, short] = /^(?:github:)?([\w.-]+\/[\w.-]+)$/.exec(plain) ?? [];
	if (short !== undefined) return `https://github.com/${short}`;
	return plain.replace(/^(?:(?:git|ssh|https?):\/\/)?(?:git@)?([\w.-]+)[:/](?=\D)/, 'https://$1/');
}

const licenceName = /^(?:licen[cs]es?|copying|notices?|copyright|unlicense|third[-_. ]?party)/i;
const programs = /\.(?:[cm]?[jt]sx?|json|map|html?|css|node|wasm)$/i;

/** Licence files of a package, also of what it has taken in; not of the packages below it. */
function licenceFiles(folder: string): string[] {
	return readdirSync(folder, { withFileTypes: true })
		.sort((a, b) => (a.name < b.name ? -1 : 1))
		.flatMap((entry) => {
			const path = join(folder, entry.name);
			if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : licenceFiles(path);
			return entry.isFile() && licenceName.test(entry.name) && !programs.test(entry.name) && statSync(path).size > 0 ? [path] : [];
		});
}

/** The sections of a README whose headings speak of licences. */
function aboutLicences(readme: string): string {
	const sections = readme
		.replaceAll('\r\n', '\n')
		.replace(/\n(.+)\n[-=]{3,}\n/g, '\n## $1\n')
		.split(/^(?=#{1,6} )/m);
	return sections
		.filter((text) => /^#+ .*(?:licen[cs]|copyright)/i.test(text))
		.join('\n')
		.trim();
}

/** Packages with the same texts and source stand together. */
function packageSections(packages: readonly Package[]): string[] {
	const groups = new Map<string, { of: Package[]; text: string }>();
	for (const one of packages) {
		const text = textOf(one, packages);
		const key = `${one.source}\n${text}`;
		const group = groups.get(key) ?? { of: [], text };
		group.of.push(one);
		groups.set(key, group);
	}
	return [...groups.values()].map(({ of, text }) => section(of.map(({ title }) => title).join('\n'), text, of[0]?.source));
}

function textOf({ author, source, texts, said }: Package, all: readonly Package[]): string {
	const by = author === '' ? '' : `By ${author}.`;
	if (texts.length > 0) return [...new Set(texts)].join('\n\n');
	const sameSource = all.find((other) => other.source === source && other.texts.length > 0);
	if (sameSource) return [by, `Under the licence of ${sameSource.title}, of the same source.`, said].filter(Boolean).join('\n\n');
	return [by, said || 'It brings no text of its licence along.'].filter(Boolean).join('\n\n');
}

/** @param status Debian's list of packages; '' when the image has none */
function imageSection(image: string, status: string): string {
	const rows = status.split(/\n{2,}/).flatMap((stanza) => {
		const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? '';
		const [name, version] = [field('Package'), field('Version')];
		if (name === '' || !/ installed$/.test(field('Status'))) return [];
		// "name (version)", where they differ from the package's.
		const [, source = name, of = version] = /^(\S+)(?: \((.*)\))?$/.exec(field('Source')) ?? [];
		return [`${name} ${version}  https://snapshot.debian.org/package/${source}/${of}/`];
	});
	const text =
		rows.length === 0
			? 'It has no list of packages: what is in it, its course says (courses/, image/ and registry/).'
			: `Packages of Debian, with where their sources are to be had; each one's notice is in the image itself, as /usr/share/doc/<package>/copyright:\n\n${rows.join('\n')}`;
	return section(`Image ${image}`, text);
}
