/** Links and pictures of lessons: do pages, headings and files exist? Other sites' addresses are looked at, not asked. */
import { join, posix } from 'node:path';
import { decoded } from '../shared/decoded.ts';
import { type Language, languages } from '../shared/language.ts';
import { nearest } from '../shared/nearest.ts';
import { frenchSpaces } from '../shared/typography.ts';
import { courseText } from './course-file.ts';
import type { CourseFolder } from './folders.ts';
import { readLines, splitHead } from './lesson-lines.ts';
import type { Reference } from './lint-text.ts';

export interface LinkFault {
	what: string;
	remedy: string;
}

/** Where a reference stands. */
export interface From {
	language: string;
	/** Slug of the course. */
	course: string;
	/** Slug of the lesson. */
	lesson: string;
	/** Folder of the text. */
	folder: string;
}

export class Links {
	/** "course" and "course/lesson" → folder of the lesson, undefined for a course. */
	readonly #pages = new Map<string, string | undefined>();
	readonly #anchors = new Map<string, Set<string>>();

	/** @param lessons folders of a course's lessons */
	constructor(folders: readonly CourseFolder[], lessons: (path: string) => string[]) {
		for (const { slug, path } of folders) {
			this.#pages.set(slug, undefined);
			for (const folder of lessons(path)) this.#pages.set(`${slug}/${folder.replace(/^\d\d-/, '')}`, join(path, folder));
		}
	}

	/** What is wrong with a reference; undefined: nothing. */
	fault({ kind, target }: Reference, from: From): LinkFault | undefined {
		// Of pictures, and of what browsers open at all, the loader has told.
		if (kind === 'image') return undefined;
		if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(target)) return external(target);
		const [address = '', anchor] = target.split('#');
		const path = decoded(address.replace(/\?.*$/, ''));
		if (path === undefined) return { what: `The address ${target} has a % that begins no sign.`, remedy: 'Write %25 for a percent sign.' };
		const [, language = '', ...rest] = posix.resolve(`/${from.language}/${from.course}/${from.lesson}`, path).split('/');
		const page = rest.join('/').replace(/\/$/, '');
		const known = [...this.#pages.keys()];
		const isLanguage = (languages as readonly string[]).includes(language);
		if (!isLanguage || !(page === '' || this.#pages.has(page) || /^(aide|help)$/.test(page))) {
			const example = nearest(page, known) ?? known.find((name) => name.includes('/')) ?? '';
			return { what: `The link ${target} leads to no page.`, remedy: `Write for example /${from.language}/${example}/.` };
		}
		const folder = this.#pages.get(page);
		return anchor && folder ? this.#anchorFault(target, decoded(anchor) ?? anchor, join(folder, `${language}.mdx`)) : undefined;
	}

	#anchorFault(target: string, anchor: string, file: string): LinkFault | undefined {
		const text = courseText(file);
		if (text === undefined) return undefined; // Told by itself.
		const known = this.#anchors.get(file) ?? anchorsOf(text, file.endsWith('fr.mdx') ? 'fr' : 'en');
		this.#anchors.set(file, known);
		if (known.has(anchor)) return undefined;
		const meant = nearest(anchor, [...known]) ?? [...known].find((one) => one.includes(anchor)) ?? [...known][0];
		return {
			what: `The link ${target} leads to no heading or step of that page.`,
			remedy: meant ? `Write for example #${meant}.` : 'Remove what stands after #.',
		};
	}
}

function external(target: string): LinkFault | undefined {
	if (target.startsWith('//')) return { what: `The address ${target} does not say how it is reached.`, remedy: `Write https:${target}.` };
	if (!/^https?:/i.test(target)) return undefined;
	const url = URL.canParse(target) ? new URL(target) : undefined;
	return url && /\./.test(url.hostname + (url.hostname === 'localhost' ? '.' : ''))
		? undefined
		: { what: `${target} is no address.`, remedy: 'Write it as in the browser: https://example.org/page.' };
}

/** Ids of headings, as the site makes them, and of steps. */
function anchorsOf(text: string, language: Language): Set<string> {
	const parts = splitHead(text);
	const found = new Set<string>();
	if (!parts) return found;
	const written = text.split('\n');
	for (const { text: line, number } of readLines(parts.body, parts.bodyLine).prose) {
		const step = /<Step\b[^>]*\bid="([^"]*)"/.exec(line)?.[1];
		if (step) found.add(`step-${step}`);
		const heading = /^#{2,6}\s+(.+?)\s*$/.exec(written[number - 1] ?? '')?.[1];
		if (heading === undefined) continue;
		const spaced = language === 'fr' ? frenchSpaces(heading) : heading;
		const slug = slugOf(spaced);
		let id = slug;
		for (let count = 1; found.has(id); count++) id = `${slug}-${count}`;
		found.add(id);
	}
	return found;
}

/** As GitHub does it: small letters, no signs, a hyphen for each space. */
const slugOf = (heading: string) =>
	heading
		.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
		.toLowerCase()
		.replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
		.replaceAll(' ', '-');
