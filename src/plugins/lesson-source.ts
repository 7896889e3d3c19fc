/**
 * Vite plugin: a lesson's MDX, before it is compiled, gets the imports of our components, and each Hint and Solution the step that it
 * belongs to: Astro components do not see their parents. Line numbers stay, so that errors point at the author's own line.
 */
import { fileURLToPath } from 'node:url';
import type { Language } from '../shared/language.ts';
import { frenchSpaces } from '../shared/typography.ts';
import type { VitePlugin } from './vite-plugin.ts';

const components = ['Step', 'Hint', 'Solution', 'Quiz', 'Choice', 'Why', 'Output'];
const componentsFolder = fileURLToPath(new URL('../components/lesson/', import.meta.url));

/** @param places absolute paths of the courses, without symbolic links */
export function lessonSource(places: readonly string[]): VitePlugin {
	return {
		name: 'etabli-lesson-source',
		enforce: 'pre',
		transform: (code, id) => {
			const path = id.split('?')[0] ?? '';
			const language = /\/(fr|en)\.mdx$/.exec(path)?.[1];
			if (!language || !places.some((place) => path.startsWith(`${place}/`))) return undefined;
			return { code: prepareLesson(code, language === 'en' ? 'en' : 'fr'), map: null };
		},
	};
}

/** Titles of asides that have none of their own: Starlight finds a page's language by its folder, ours is in the file's name. */
const asideTitles: Record<Language, Record<string, string>> = {
	fr: { note: 'À noter', tip: 'Astuce', caution: 'Attention', danger: 'Danger' },
	en: { note: 'Note', tip: 'Tip', caution: 'Caution', danger: 'Danger' },
};

/** Text of fr.mdx or en.mdx → the same with attributes on our tags, titles on asides, and the imports at its end. */
export function prepareLesson(source: string, language: Language): string {
	let fence: string | undefined;
	let step: { id: string; number: number; hints: number } | undefined;
	let steps = 0;
	let quizzes = 0;
	let head = source.startsWith('---');
	const lines = source.split('\n').map((line, index) => {
		if (head) {
			head = index === 0 || line.trim() !== '---';
			return line;
		}
		const mark = /^\s*(`{3,}|~{3,})(.*)$/.exec(line);
		if (fence) {
			if (mark?.[1]?.startsWith(fence) && !mark[2]?.trim()) fence = undefined;
			return line;
		}
		if (mark) {
			fence = mark[1];
			return line;
		}
		const aside = /^(\s*:::)(note|tip|caution|danger)\s*$/.exec(line);
		if (aside) return `${aside[1]}${aside[2]}[${asideTitles[language][aside[2] ?? '']}]`;
		return replaceOutsideCode(line, (part) => {
			const text = language === 'fr' ? frenchSpaces(part) : part;
			return text.replace(/<(Step|Hint|Solution|Quiz)(?=[\s>/])/g, (tag, name: string, at: number) => {
				if (name === 'Step') {
					step = { id: /\bid="([^"]*)"/.exec(text.slice(at))?.[1] ?? '', number: ++steps, hints: 0 };
					return `${tag} number={${step.number}}`;
				}
				if (name === 'Quiz') return `${tag} number={${++quizzes}}`;
				if (!step) return tag;
				return name === 'Hint' ? `${tag} number={${++step.hints}}` : `${tag} step="${step.id}"`;
			});
		});
	});
	const imports = components.map((name) => `import ${name} from '${componentsFolder}${name}.astro';`);
	return [...lines, '', ...imports, ''].join('\n');
}

/** Applies `change` to the parts of a line that are not inline code. */
function replaceOutsideCode(line: string, change: (text: string) => string): string {
	return line
		.split(/(`+[^`]*`+)/)
		.map((part, index) => (index % 2 ? part : change(part)))
		.join('');
}
