/** What the search finds, by Pagefind's library, which the build puts beside the pages (src/plugins/search-words.ts). */

import { searchStrings } from '../../i18n/search.ts';
import { fill } from '../../shared/fill.ts';
import { lookedFor, shown } from '../../shared/search-words.ts';
import styles from '../../styles/search.css?inline';
import { addStyles, button, make } from '../dom.ts';

interface Part {
	title: string;
	url: string;
	/** HTML: text, escaped, with <mark>. */
	excerpt: string;
	/** Of the words that were found. */
	locations: number[];
}

interface Found {
	url: string;
	meta: { title?: string };
	excerpt: string;
	/** By headings, in the page's order; the first may be the page's beginning. */
	sub_results: Part[];
}

interface Library {
	options(options: object): Promise<void>;
	/** Fetches the index. */
	init(): Promise<void>;
	/** @returns null when something else has been looked for meanwhile */
	debouncedSearch(term: string): Promise<{ results: { data(): Promise<Found> }[] } | null>;
}

const pageSize = 5;
const partsOfOne = 3;
const t = searchStrings[document.documentElement.lang === 'en' ? 'en' : 'fr'];
let loading: Promise<Library> | undefined;
let tries = 0;
/** Counts what was looked for: an answer that comes late is none. */
let latest = 0;

addStyles(styles);

/** Loads the library, once; again when it could not be loaded. @throws then */
export function ready(): Promise<Library> {
	loading ??= load().catch(forget);
	return loading;
}

function forget(error: unknown): never {
	loading = undefined;
	throw error;
}

async function load(): Promise<Library> {
	// Another address when it is tried again: what failed is remembered, by the library and by some browsers.
	const library: Library = await import(/* @vite-ignore */ `/pagefind/pagefind.js${tries++ ? `?${tries}` : ''}`);
	await library.options({
		excerptLength: 12,
		// As Starlight weighs them: long pages are no worse, and a word more often is not much better.
		ranking: { pageLength: 0.1, termFrequency: 0.1, termSaturation: 2, termSimilarity: 9, diacriticSimilarity: 0.8 },
	});
	await library.init();
	return library;
}

/** Where it is said how many pages were found, and where they are listed. */
interface Places {
	status: HTMLElement;
	results: HTMLElement;
}

/** Shows what a text finds; nothing for no text. @throws when it cannot be loaded */
export async function lookFor(typed: string, { status, results: place }: Places): Promise<void> {
	const mine = ++latest;
	const term = typed.trim();
	status.textContent = term && fill(t.searching, { term });
	if (!term) return place.replaceChildren();
	const library = await ready();
	const answer = await library.debouncedSearch(lookedFor(term)).catch(forget);
	if (!answer || mine !== latest) return;
	const { results } = answer;
	const list = make('ol');
	const more = button(t.more, () => {
		showMore().catch(() => {
			if (mine === latest) status.textContent = t.broken;
		});
	});
	const showMore = async () => {
		const from = list.childElementCount;
		const found = await Promise.all(results.slice(from, from + pageSize).map((result) => result.data()));
		// Twice pressed, or looked for something else.
		if (mine !== latest || list.childElementCount !== from) return;
		list.append(...found.map(pageItem));
		more.hidden = list.childElementCount >= results.length;
		if (from > 0) list.children[from]?.querySelector('a')?.focus();
	};
	await showMore();
	// Pagefind takes a part of its index that cannot be loaded for one in which nothing is found.
	if (results.length === 0) await fetch('/pagefind/pagefind-entry.json', { method: 'HEAD', cache: 'no-store' });
	if (mine !== latest) return;
	const count = results.length;
	status.textContent = fill(count === 0 ? t.none : count === 1 ? t.one : t.several, { term, count });
	place.replaceChildren(list, more);
}

/** A page that was found, and under it the parts of it that have most of the words. */
function pageItem({ url, meta, excerpt, sub_results: parts }: Found): HTMLElement {
	const beginning = parts[0]?.url === url;
	const below = beginning ? parts.slice(1) : parts;
	const best = new Set([...below].sort((a, b) => b.locations.length - a.locations.length).slice(0, partsOfOne));
	return make(
		'li',
		{},
		part('p', { title: meta.title ?? url, url, ...(beginning && { excerpt }) }),
		...below.filter((one) => best.has(one)).map((one) => part('div', one)),
	);
}

function part(tag: 'p' | 'div', { title, url, excerpt }: { title: string; url: string; excerpt?: string }): HTMLElement {
	const element = make(tag, {}, make('a', { href: url }, shown(title)));
	if (excerpt === undefined) return element;
	const text = make('span');
	// Escaped by the library, from our own pages.
	text.innerHTML = shown(excerpt);
	element.append(text);
	return element;
}
