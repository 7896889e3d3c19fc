/**
 * A lesson is data: text, a fixed set of tags, and nothing that runs. The site's own compiler reads it here, by the loader, so that whatever
 * would stop the site's build, or run a program while it is built or in a reader's browser, is refused with a sentence first.
 */
import { mdxToMdast } from 'satteri';
import { valuePattern } from '../shared/course/parameters.ts';
import { nearest } from '../shared/nearest.ts';
import { readCastFile } from './cast-file.ts';
import type { FileFault } from './course-file.ts';
import { splitHead } from './lesson-lines.ts';
import { attributesOf, lessonTags, textTags } from './lesson-tags.ts';
import { explainMdx } from './mdx-fault.ts';
import { linkFault, pictureFault } from './media.ts';
import type { Problem } from './problem.ts';

/** Where a text lies: what it shows must lie there too. */
export interface TextPlace {
	/** Absolute path of the lesson's folder. */
	folder: string;
	/** Absolute path of the course, without symbolic links. */
	course: string;
}

/** As the site compiles (Starlight turns directives on for its asides). */
const features = { directive: true };

/**
 * @param file for the problems; @param text of fr.mdx or en.mdx
 * @param place undefined: pictures are not looked for
 * @param told lines that other problems are about: what the compiler says of them says it again
 */
export function lessonDataProblems(
	file: string,
	text: string,
	place: TextPlace | undefined,
	told: ReadonlySet<number> = new Set(),
): Problem[] {
	const parts = splitHead(text);
	if (!parts) return [];
	// The head's lines stay empty, so that the compiler counts as the author does.
	const source = `${'\n'.repeat(parts.bodyLine - 1)}${parts.body.replace(/\r\n/g, '\n').replace(valuePattern, '$1')}`;
	const tree = compiled(source);
	if ('fault' in tree) {
		const { lines, what, remedy } = tree.fault;
		return lines.some((line) => told.has(line)) ? [] : [{ file, line: lines[0], what, remedy }];
	}
	const problems: Problem[] = [];
	const images = imageNames(tree.root);
	for (const node of nodesOf(tree.root)) {
		const fault = programFault(node) ?? markupFault(node) ?? mediaFault(node, images, place);
		if (fault) problems.push({ file, line: node.position?.start.line, what: fault.what, remedy: fault.remedy });
	}
	return problems;
}

/**
 * The last look, at what is really compiled. @param source a lesson's text with our additions, before our own imports are added
 * @returns what would run, in words; undefined: nothing does
 */
export function programIn(source: string): FileFault | undefined {
	const tree = compiled(source.replace(/^---\n[\s\S]*?\n---(?=\n)/, ''));
	if ('fault' in tree) return tree.fault;
	for (const node of nodesOf(tree.root)) {
		const fault = programFault(node);
		if (fault) return fault;
	}
	return undefined;
}

type Node = ReturnType<typeof mdxToMdast>;

function compiled(source: string): { root: Node } | { fault: ReturnType<typeof explainMdx> } {
	try {
		return { root: mdxToMdast(source, { features }) };
	} catch (error) {
		return { fault: explainMdx(error instanceof Error ? error.message : String(error), source.split('\n')) };
	}
}

function* nodesOf(node: Node): Generator<Node> {
	yield node;
	if ('children' in node) for (const child of node.children) yield* nodesOf(child as Node);
}

/** What a text between braces may be: a remark, or a value that is written out. */
const isRemark = (code: string): boolean => /^\s*(?:\/\*(?:(?!\*\/)[\s\S])*\*\/\s*)*$/.test(code);
const isValue = (code: string): boolean =>
	/^\s*(?:-?\d+(?:\.\d+)?|true|false|"(?:[^"\\\n]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*")\s*$/.test(code);

/** Does this part of a text run, or let something run? */
function programFault(node: Node): FileFault | undefined {
	switch (node.type) {
		case 'mdxjsEsm':
			return {
				what: `This is taken for a program: ${brief(node.value)}`,
				remedy:
					'Lessons hold no import and no export. Begin the line with another word, or put it between backticks or into a block of code.',
			};
		case 'mdxFlowExpression':
		case 'mdxTextExpression':
			if (isRemark(node.value) || isValue(node.value)) return undefined;
			return {
				what: `What stands between { and } is taken for a program: ${brief(node.value)}`,
				remedy: 'Lessons hold no programs. Put it between backticks, or write \\{ and \\}; a remark is {/* … */}, a parameter {{name}}.',
			};
		case 'mdxJsxFlowElement':
		case 'mdxJsxTextElement':
			return tagFault(node);
		default:
			return undefined;
	}
}

type Tag = Extract<Node, { type: 'mdxJsxFlowElement' | 'mdxJsxTextElement' }>;

function tagFault({ name, attributes }: Tag): FileFault | undefined {
	if (name === null || !attributesOf.has(name)) return unknownTag(name ?? '');
	for (const attribute of attributes) {
		if (attribute.type === 'mdxJsxExpressionAttribute')
			return { what: `{${brief(attribute.value)}} in <${name}> is taken for a program.`, remedy: 'Write each attribute as name="value".' };
		const { value } = attribute;
		if (typeof value === 'object' && value !== null && !isValue(value.value)) {
			const what = `The value of "${attribute.name}" in <${name}> is taken for a program: {${brief(value.value)}}`;
			return { what, remedy: `Write ${attribute.name}="…".` };
		}
		if (/:|^on/i.test(attribute.name)) return unknownAttribute(name, attribute.name);
	}
	return undefined;
}

function unknownTag(name: string): FileFault {
	const meant = nearest(name, [...attributesOf.keys()]) ?? [...attributesOf.keys()].find((tag) => tag.toLowerCase() === name.toLowerCase());
	const what = name === '' ? 'The tag <> has no name.' : `There is no tag <${name}> in lessons.`;
	if (name === 'img') return { what, remedy: 'Write ![what it shows](picture.png), with the picture beside this text.' };
	if (/^(script|iframe|object|embed|video|audio|form|input|button|style|link)$/.test(name))
		return { what, remedy: 'Pages run nothing of a course and load nothing from elsewhere: write a link, [text](https://…).' };
	if (meant) return { what, remedy: `Write <${meant}>.` };
	const tags = (names: readonly string[]) => names.map((tag) => `<${tag}>`).join(', ');
	return { what, remedy: `There are: ${tags(lessonTags)}; of HTML ${tags(textTags)}. A < that is only a sign is written \\<.` };
}

function unknownAttribute(tag: string, name: string): FileFault {
	const known = [...(attributesOf.get(tag) ?? [])];
	const meant = nearest(name, known);
	const remedy = meant ? `Write ${meant}="…".` : known.length > 0 ? `It may have: ${known.join(', ')}.` : 'Remove it.';
	return { what: `<${tag}> has no attribute "${name}".`, remedy };
}

/** What the site would show otherwise than it is written, or not at all. */
function markupFault(node: Node): FileFault | undefined {
	if (node.type === 'mdxJsxFlowElement' || node.type === 'mdxJsxTextElement') {
		const known = node.name === null ? undefined : attributesOf.get(node.name);
		for (const attribute of known ? node.attributes : []) {
			if (attribute.type !== 'mdxJsxAttribute' || known?.has(attribute.name)) continue;
			return unknownAttribute(node.name ?? '', attribute.name);
		}
	}
	if (node.type === 'containerDirective' && Object.keys(node.attributes ?? {}).length > 0) {
		return { what: `:::${node.name} has attributes between { and }.`, remedy: `Remove them; a title is written :::${node.name}[Title].` };
	}
	return undefined;
}

/** Names by which pictures are referred to: ![a cow][cow]. */
function imageNames(root: Node): Set<string> {
	const names = new Set<string>();
	for (const node of nodesOf(root)) if (node.type === 'imageReference') names.add(node.identifier);
	return names;
}

function mediaFault(node: Node, images: ReadonlySet<string>, place: TextPlace | undefined): FileFault | undefined {
	switch (node.type) {
		case 'image':
			return place && pictureFault(node.url, place);
		case 'link':
			return linkFault(node.url);
		case 'definition':
			return images.has(node.identifier) ? place && pictureFault(node.url, place) : linkFault(node.url);
		case 'mdxJsxFlowElement':
		case 'mdxJsxTextElement':
			// Of two of the same name the page has the last.
			for (const attribute of node.attributes) {
				if (attribute.type !== 'mdxJsxAttribute' || attribute.name !== 'href') continue;
				const fault = linkFault(writtenOut(attribute.value));
				if (fault) return fault;
			}
			return node.name === 'Cast' ? castFault(node, place) : undefined;
		default:
			return undefined;
	}
}

function castFault({ attributes }: Tag, place: TextPlace | undefined): FileFault | undefined {
	const given = (name: string): string | undefined => {
		const found = attributes.findLast((attribute) => attribute.type === 'mdxJsxAttribute' && attribute.name === name);
		return found?.type === 'mdxJsxAttribute' ? writtenOut(found.value) : undefined;
	};
	const name = given('name');
	if (!name) return { what: '<Cast> does not say which recording it shows.', remedy: 'Write name="build" for casts/build.cast.' };
	if (!given('title')?.trim())
		return { what: '<Cast> has no title.', remedy: 'Say in title="…" what the recording shows: it is its name for who does not see it.' };
	if (!place) return undefined;
	const read = readCastFile(place.folder, name);
	return 'fault' in read ? read.fault : undefined;
}

/** href="…" and href={"…"} are the same to a page. */
function writtenOut(value: Extract<Tag['attributes'][number], { type: 'mdxJsxAttribute' }>['value']): string {
	if (typeof value !== 'object' || value === null) return value ?? '';
	// Anything else than a value is told of as a program. Signs that JSON does not allow in a text mean nothing in an address.
	return isValue(value.value) ? String(JSON.parse(value.value.replace(/[\0-\x20]/g, ' '))) : '';
}

const brief = (text: string): string => {
	const [line = ''] = text.trim().split('\n');
	return line.length > 60 ? `${line.slice(0, 59)}…` : line;
};
