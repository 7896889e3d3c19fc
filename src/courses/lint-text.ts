/** What can be said of a lesson's text without its neighbours: headings, images, tags, how long it takes to read. */
import { type LessonLines, readLines, splitHead } from './lesson-lines.ts';
import type { Problem } from './problem.ts';

export interface Reference {
	kind: 'image' | 'link';
	/** As written. */
	target: string;
	line: number;
}

export interface TextFindings {
	problems: Problem[];
	references: Reference[];
	/** Words of prose. */
	words: number;
	lines: LessonLines;
}

/** @param file for the problems; @param text of fr.mdx or en.mdx */
export function lintText(file: string, text: string): TextFindings {
	const parts = splitHead(text) ?? { body: text, bodyLine: 1 };
	const lines = readLines(parts.body, parts.bodyLine);
	const problems: Problem[] = [];
	const references: Reference[] = [];
	let words = 0;
	let level = 1;
	for (const { text: line, written, number } of lines.prose) {
		const heading = /^#/.test(written) ? /^(#{1,6})\s+\S/.exec(line) : undefined;
		if (heading?.[1]) {
			const depth = heading[1].length;
			if (depth === 1) {
				const remedy = 'Write ## for steps and parts; the page’s own title is the `title` of its head.';
				problems.push({ file, line: number, what: 'A heading with a single # would be a second title of the page.', remedy });
			} else if (depth > level + 1) {
				const what = `The heading jumps from ${'#'.repeat(level)} to ${'#'.repeat(depth)}.`;
				problems.push({
					file,
					line: number,
					what,
					remedy: `Write ${'#'.repeat(level + 1)}: readers who listen find their way by the levels.`,
				});
			}
			level = depth;
		}
		for (const found of referencesOf(line)) {
			if (found.alternative === '') {
				const what = `The image ${found.target} has no alternative text.`;
				problems.push({ file, line: number, what, remedy: 'Say in the brackets what it shows: ![A graph of …](graph.png).' });
			}
			references.push({ kind: found.kind, target: found.target, line: number });
		}
		words += line.replace(/<[^>]*>/g, ' ').match(/[\p{L}\p{N}]+(?:[’'-][\p{L}\p{N}]+)*/gu)?.length ?? 0;
	}
	return { problems, references, words, lines };
}

interface Found {
	kind: Reference['kind'];
	target: string;
	/** Of an image; undefined: of a link. */
	alternative: string | undefined;
}

function* referencesOf(line: string): Generator<Found> {
	for (const [, sign, label = '', target = ''] of line.matchAll(
		/(!?)\[((?:[^[\]]|\[[^[\]]*\])*)\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g,
	)) {
		yield sign ? { kind: 'image', target, alternative: label.trim() } : { kind: 'link', target, alternative: undefined };
	}
	// Where a link by reference leads. Of a picture's, the loader tells; a footnote is none.
	const [, defined = ''] = /^ {0,3}\[[^\]^][^\]]*\]:\s*<?([^\s>]+)/.exec(line) ?? [];
	if (defined && !/\.(?:png|jpe?g|gif|svg|webp|avif)$/i.test(defined)) yield { kind: 'link', target: defined, alternative: undefined };
	for (const [tag] of line.matchAll(/<img\b[^>]*>/gi)) {
		// alt="" says on purpose that an image is decoration.
		const alternative = /\balt=("[^"]*"|\{[^}]*\})/.exec(tag) ? 'given' : '';
		yield { kind: 'image', target: /\bsrc="([^"]*)"/.exec(tag)?.[1] ?? '', alternative };
	}
	for (const [, target = ''] of line.matchAll(/<a\b[^>]*\bhref="([^"]*)"/gi)) yield { kind: 'link', target, alternative: undefined };
}
