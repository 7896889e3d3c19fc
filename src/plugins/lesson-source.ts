/**
 * Vite plugin: a lesson's MDX, before it is compiled, gets the imports of our components, and each Hint and Solution the step that it
 * belongs to: Astro components do not see their parents. Line numbers stay, so that errors point at the author's own line.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blockFiles, readBlockFile } from '../courses/block-file.ts';
import { castNames, castPath } from '../courses/cast-file.ts';
import { readFence } from '../courses/fence.ts';
import type { CourseFolder } from '../courses/folders.ts';
import { programIn } from '../courses/lesson-data.ts';
import { lessonTags } from '../courses/lesson-tags.ts';
import type { ClusterProfile } from '../shared/course/cluster-profile.ts';
import { exampleOf, type Parameters, valuePattern, widthOf } from '../shared/course/parameters.ts';
import type { Language } from '../shared/language.ts';
import { frenchSpaces, optionParts } from '../shared/typography.ts';
import type { CatalogueCourse } from '../site/catalogue.ts';
import { ClusterCode, ClusterProse, placeholderNotes } from './cluster-values.ts';
import { markValues } from './learner-values.ts';
import type { VitePlugin } from './vite-plugin.ts';

const componentsFolder = fileURLToPath(new URL('../components/lesson/', import.meta.url));

/** @param folders of the courses, without symbolic links; @param profile names of the operator's cluster */
export function lessonSource(
	folders: readonly CourseFolder[],
	catalogue: readonly CatalogueCourse[],
	profile?: ClusterProfile,
): VitePlugin {
	return {
		name: 'etabli-lesson-source',
		enforce: 'pre',
		transform(code, id) {
			const [path = '', query = ''] = id.split('?');
			// A module of Astro's own that stands for the page; the text comes by itself.
			if (query.includes('astroPropagatedAssets')) return undefined;
			const language = /\/(fr|en)\.mdx$/.exec(path)?.[1];
			const course = folders.find((one) => path.startsWith(`${one.path}/`));
			if (!language || !course) return undefined;
			const [folder = ''] = path.slice(course.path.length + 1).split('/');
			const lesson = catalogue.find(({ slug }) => slug === course.slug)?.lessons.find((one) => one.folder === folder);
			// `dev` shows a block that has been saved in a file of its own, and a recording.
			for (const file of blockFiles(dirname(path))) this.addWatchFile(join(dirname(path), file));
			for (const name of castNames(dirname(path))) this.addWatchFile(castPath(dirname(path), name));
			const prepared = prepareLesson(code, language === 'en' ? 'en' : 'fr', lesson?.parameters, {
				folder: dirname(path),
				profile,
			});
			// The loader has refused such a text already. This looks at the very text that is compiled: a lesson runs nothing, whatever else is wrong.
			const program = programIn(prepared);
			if (program) throw new Error(`${path}: ${program.what} ${program.remedy}`);
			return { code: [prepared, '', ...importsOf(prepared), ''].join('\n'), map: null };
		},
	};
}

/** Titles of asides that have none of their own: Starlight finds a page's language by its folder, ours is in the file's name. */
const asideTitles: Record<Language, Record<string, string>> = {
	fr: { note: 'À noter', tip: 'Astuce', caution: 'Attention', danger: 'Danger' },
	en: { note: 'Note', tip: 'Tip', caution: 'Caution', danger: 'Danger' },
};

/** Says of a value, to whoever points at it, that it is not the reader's own. */
const exampleTitles: Record<Language, string> = {
	fr: 'Exemple : au cours, chacun a sa propre valeur.',
	en: 'An example: in the course, each learner has a value of their own.',
};

/** Of the tags that the text has: what belongs to another tag is no part of the page. */
const importsOf = (text: string): string[] =>
	lessonTags.filter((name) => text.includes(`<${name}`)).map((name) => `import ${name} from '${componentsFolder}${name}.astro';`);

/** What the text alone does not tell. */
export interface LessonPlace {
	/** Of the lesson, for the texts of blocks that stand in files of their own. */
	folder?: string | undefined;
	/** Names of the operator's cluster; undefined: placeholders stand there. */
	profile?: ClusterProfile | undefined;
}

/**
 * Text of fr.mdx or en.mdx → the same with attributes on our tags, titles on asides, and examples in place of the parameters' values.
 */
export function prepareLesson(
	source: string,
	language: Language,
	parameters: Parameters = {},
	{ folder, profile }: LessonPlace = {},
): string {
	const prose = new ClusterProse(profile, language);
	const inText = (text: string) => prose.fill(tagValues(text, parameters, language));
	let code = new ClusterCode(profile, '');
	let placeholder: string | undefined;
	const inCode = (lines: string) => {
		const filled = code.next(markValues(lines, parameters));
		placeholder ??= code.placeholder;
		return filled;
	};
	/** The fence that a block was opened with, and the one that closes it here: longer, where its text has such a fence in it. */
	let fence: { written: string; here: string } | undefined;
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
			const ends = mark?.[1]?.startsWith(fence.written) && !mark[2]?.trim();
			const text = ends ? line.replace(fence.written, fence.here) : line;
			if (ends) fence = undefined;
			return inCode(text);
		}
		if (mark?.[1]) {
			const text = textFromFile(line, language, folder);
			fence = { written: mark[1], here: longerThan(text, mark[1]) };
			// What the fence itself says is no code of the block.
			code = new ClusterCode(profile, '');
			const opening = inCode(pattern(line.replace(fence.written, fence.here)));
			code = new ClusterCode(profile, /^[\w-]*/.exec(mark[2]?.trim() ?? '')?.[0] ?? '');
			return text.length === 0 ? opening : `${opening}\n${inCode(text.join('\n'))}`;
		}
		const aside = /^(\s*:::)(note|tip|caution|danger)\s*$/.exec(line);
		if (aside) return `${aside[1]}${aside[2]}[${asideTitles[language][aside[2] ?? '']}]`;
		const written = replaceOutsideCode(line, (part) => {
			const text = inText(outsideTags(language === 'fr' ? frenchSpaces(part) : part, loneTildes));
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
		return withValuesInCode(written, parameters, (part) => prose.fill(tagValues(part, parameters, language), true));
	});
	const example = prose.placeholder ?? placeholder;
	return [...lines, ...(example === undefined ? [] : ['', placeholderNotes[language](example), ''])].join('\n');
}

/** Markdown would take a backslash before a sign away, and "&amp;" for "&": a pattern is meant as it stands. */
const pattern = (fence: string) => (/\breplace=/.test(fence) ? fence.replace(/\\/g, '\\\\').replaceAll('&', '&amp;') : fence);

/** Lines of a block that stand in a file of the lesson; what is wrong with it, the loader has told. */
function textFromFile(fence: string, language: Language, folder: string | undefined): string[] {
	const [, indent = '', name = '', meta = ''] = /^(\s*)(?:`{3,}|~{3,})\s*(\S*)(.*)$/.exec(fence) ?? [];
	const { from } = readFence(name, meta);
	const file = from === undefined || folder === undefined ? undefined : readBlockFile(folder, from, language);
	return file && 'text' in file ? file.text.split('\n').map((line) => `${indent}${line}`) : [];
}

/** A fence that none of these lines closes. */
function longerThan(lines: readonly string[], fence: string): string {
	const sign = fence[0] ?? '`';
	const longest = Math.max(0, ...lines.map((line) => line.trimStart().match(sign === '`' ? /^`+/ : /^~+/)?.[0].length ?? 0));
	return longest < fence.length ? fence : sign.repeat(longest + 1);
}

/** Room for the longest value is kept, so that nothing moves when the learner's own comes. */
function tagValues(text: string, parameters: Parameters, language: Language): string {
	return text.replace(valuePattern, (whole, name: string) => {
		const parameter = parameters[name];
		if (!parameter) return whole;
		const attributes = `class="value" data-value="${name}" title="${exampleTitles[language]}" style="--value-width: ${widthOf(parameter)}"`;
		return `<span ${attributes}>${exampleOf(parameter)}</span>`;
	});
}

/** Inline code that holds values, as tags: Markdown's would show them as they are written. */
function withValuesInCode(line: string, parameters: Parameters, inText: (text: string) => string): string {
	return line.replace(/(?<!`)(`+)((?:(?!\1).)+)\1(?!`)/g, (whole, _, code: string) => {
		if (inText(code) === code) return whole;
		const own = [...code.matchAll(valuePattern)].some(([, name = '']) => parameters[name]);
		let width = code.length;
		for (const [mark, name = ''] of code.matchAll(valuePattern)) {
			const parameter = parameters[name];
			if (parameter) width += widthOf(parameter) - mark.length;
		}
		const parts = code.split(/(\{\{[^{}]*\}\})/).map((part, index) => {
			const filled = index % 2 ? inText(part) : part;
			return filled === part ? writtenOut(part) : filled;
		});
		// What is the same for all learners needs no room for another.
		if (!own) return `<code>${parts.join('')}</code>`;
		return `<code class="with-value" style="--value-width: ${width}">${parts.join('')}</code>`;
	});
}

/** Code as text, whatever it holds; its options are kept in one line. */
const writtenOut = (code: string): string =>
	code === ''
		? '{""}'
		: optionParts(code)
				.map(({ text, whole }) => (whole ? `<span class="whole">{${JSON.stringify(text)}}</span>` : `{${JSON.stringify(text)}}`))
				.join('');

/** A home folder (~/a … server:~) is no text that is struck out: that takes two tildes on each side. */
const loneTildes = (text: string): string => text.replace(/(?<![~\\])~(?!~)/g, '\\~');

const outsideTags = (text: string, change: (text: string) => string): string =>
	text
		.split(/(<\/?[A-Za-z][^>]*>?)/)
		.map((part, index) => (index % 2 ? part : change(part)))
		.join('');

/** Applies `change` to the parts of a line that are not inline code. */
function replaceOutsideCode(line: string, change: (text: string) => string): string {
	return line
		.split(/(`+[^`]*`+)/)
		.map((part, index) => (index % 2 ? part : change(part)))
		.join('');
}
