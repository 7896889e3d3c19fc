/**
 * Has the search find words behind apostrophes and with ligatures (src/shared/search-words.ts). Two integrations, one before Starlight and
 * one after it: it makes its index out of the built pages, which meanwhile stand there as they are to be indexed. What turns words that are
 * typed, and excerpts that are found: src/browser/search/results.ts.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AstroIntegration } from 'astro';
import { indexed } from '../shared/search-words.ts';

/** To stand before and after Starlight among the integrations. */
export function searchWords(): { before: AstroIntegration; after: AstroIntegration } {
	/** Pages as they are, by path. */
	const pages = new Map<string, string>();
	const before: AstroIntegration = {
		name: 'etabli-search-words',
		hooks: {
			'astro:build:done': async ({ dir }) => {
				const folder = fileURLToPath(dir);
				for (const name of await readdir(folder, { recursive: true })) {
					if (!name.endsWith('.html')) continue;
					const path = join(folder, name);
					const html = await readFile(path, 'utf8');
					pages.set(path, html);
					await writeFile(path, withIndexedTexts(html));
				}
			},
		},
	};
	const after: AstroIntegration = {
		name: 'etabli-search-words-after',
		hooks: {
			'astro:build:done': async () => {
				for (const [path, html] of pages) await writeFile(path, html);
				pages.clear();
			},
		},
	};
	return { before, after };
}

/** A page with its texts changed: tags, and what stands in scripts and styles, are not. */
export function withIndexedTexts(html: string): string {
	return html
		.split(/(<(?:script|style)\b[\s\S]*?<\/(?:script|style)>|<[^>]*>)/)
		.map((part, index) => (index % 2 ? part : indexed(part.replace(/&#(?:39|x27);/g, "'"))))
		.join('');
}
