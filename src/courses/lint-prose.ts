/**
 * Where Markdown makes something else of a text than its author means, and nothing breaks: titles and cells that vanish, stars that are
 * shown, code that is prose. What is found is an error, since readers would miss it or be puzzled.
 */
import { mdxToMdast } from 'satteri';
import { valuePattern } from '../shared/course/parameters.ts';
import { nearest } from '../shared/nearest.ts';
import type { FileFault } from './course-file.ts';
import { type ProseLine, readLines, splitHead } from './lesson-lines.ts';
import type { Problem } from './problem.ts';

type Node = ReturnType<typeof mdxToMdast>;

const asides = ['note', 'tip', 'caution', 'danger'];

/** @param file for the problems; @param text of fr.mdx or en.mdx */
export function proseProblems(file: string, text: string): Problem[] {
	const parts = splitHead(text);
	if (!parts) return [];
	const { prose } = readLines(parts.body, parts.bodyLine);
	const problems = prose.flatMap((line) => {
		const fault = asideFault(line) ?? linkFault(line) ?? beginningFault(line);
		return fault ? [{ file, line: line.number, ...fault }] : [];
	});
	const source = `${'\n'.repeat(parts.bodyLine - 1)}${parts.body.replace(/\r\n/g, '\n').replace(valuePattern, '$1')}`;
	for (const { node, parent } of nodesOf(treeOf(source))) {
		const fault = nodeFault(node, parent, source);
		const line = fault && (fault.line ?? node.position?.start.line);
		if (fault) problems.push({ file, line: line ?? 1, what: fault.what, remedy: fault.remedy });
	}
	return problems;
}

/** Empty when the text is not understood, which others tell. */
function treeOf(source: string): Node | undefined {
	try {
		return mdxToMdast(source, { features: { directive: true } });
	} catch {
		return undefined;
	}
}

function* nodesOf(node: Node | undefined, parent?: Node): Generator<{ node: Node; parent: Node | undefined }> {
	if (!node) return;
	yield { node, parent };
	if ('children' in node) for (const child of node.children) yield* nodesOf(child as Node, node);
}

/** `:::note A title`: what follows the name would be lost. */
function asideFault({ written }: ProseLine): FileFault | undefined {
	const [, colons, name = '', rest = ''] = /^\s*(:{3,})\s*([\p{L}\d_-]+)(.*)$/u.exec(written) ?? [];
	if (colons === undefined) return undefined;
	if (!asides.includes(name)) {
		const meant = nearest(name.toLowerCase(), asides) ?? { warning: 'caution', info: 'note', important: 'caution' }[name.toLowerCase()];
		const remedy = meant ? `Write ${colons}${meant}.` : `There are: ${asides.map((one) => `:::${one}`).join(', ')}.`;
		return { what: `There is no aside ":::${name}": it would be a box without a name.`, remedy };
	}
	const text = rest.trim();
	if (text === '' || /^(\[.*\]|\{.*\})$/.test(text)) return undefined;
	return {
		what: `What follows :::${name} on its line is lost: ${brief(text)}`,
		remedy: `A title is written ${colons}${name}[${brief(text.replace(/\s*:{3,}$/, ''))}]; the text begins on the next line, and ::: stands alone at its end.`,
	};
}

/** `[text] (address)`: the blank keeps it from being a link. */
function linkFault({ text }: ProseLine): FileFault | undefined {
	const [, label, address] = /\[([^\]]+)\] \(((?:https?:\/\/|\.{1,2}\/|\/|#)[^)\s]*)\)/.exec(text) ?? [];
	if (label === undefined) return undefined;
	return {
		what: `The blank between [${brief(label)}] and (${brief(address ?? '')}) keeps them from being a link.`,
		remedy: 'Take it away.',
	};
}

/** `##Title`, `> [!NOTE]`: what other programs take for a heading or an aside. */
function beginningFault({ text }: ProseLine): FileFault | undefined {
	const [, signs, title = ''] = /^ {0,3}(#{2,6})([^\s#].*)/.exec(text) ?? [];
	if (signs) return { what: `No blank follows ${signs}: this is no heading.`, remedy: `Write: ${signs} ${brief(title)}` };
	const alert = /^ {0,3}>\s*\[!(\w+)\]/.exec(text)?.[1];
	if (alert === undefined) return undefined;
	return {
		what: `[!${alert}] is shown as it stands.`,
		remedy: 'An aside is written :::note, its text on the lines below, and ::: on a line at its end.',
	};
}

type Found = FileFault & { line?: number };

/** What stays text though it is written as a link, a reference or a call of a note. */
const unled: { pattern: RegExp; what: (all: string) => string; remedy: string }[] = [
	{
		pattern: /(?<![\\!])\[[^\]\n]+\]\((?!\s*\))[^()\n]*\s[^()\n]*\)/,
		what: (all) => `This is no link, since its address has a blank: ${all}`,
		remedy: 'Write %20 for the blank, or put the address between < and >.',
	},
	{
		pattern: /(?<!\\)\[\^[^\]\s]+\]/,
		what: (all) => `The note ${all} stands nowhere: its call is shown as it is.`,
		remedy: 'Write the note at the end: [^1]: Its text.',
	},
	{
		pattern: /(?<![\w\\\])])\[[^\]\n]+\]\[[^\]\n]*\]/,
		what: (all) => `Nothing says where this link leads: ${all}`,
		remedy: 'Write [text](address), or a line [name]: address.',
	},
];

function unledFault(node: Node, source: string): Found | undefined {
	const written = sourceOf(node, source);
	for (const { pattern, what, remedy } of unled) {
		const found = pattern.exec(written);
		if (!found) continue;
		const line = (node.position?.start.line ?? 1) + written.slice(0, found.index).split('\n').length - 1;
		return { what: what(brief(found[0])), remedy, line };
	}
	return undefined;
}

function nodeFault(node: Node, parent: Node | undefined, source: string): Found | undefined {
	switch (node.type) {
		case 'text':
			return starsFault(node, source) ?? unledFault(node, source);
		case 'table':
			return cellFault(node);
		case 'paragraph':
			return indentFault(node, parent, source) ?? tableFault(node, source);
		case 'heading':
			return headingFault(node, source);
		default:
			return undefined;
	}
}

const sourceOf = ({ position }: Node, source: string): string =>
	position ? source.slice(position.start.offset ?? 0, position.end.offset ?? 0) : '';

/** Two stars that begin or end nothing are shown as they are. */
function starsFault(node: Node, source: string): Found | undefined {
	const written = sourceOf(node, source);
	const at = /(?<!\\)\*\*/.exec(written)?.index;
	if (at === undefined) return undefined;
	const line = (node.position?.start.line ?? 1) + written.slice(0, at).split('\n').length - 1;
	return {
		what: 'These ** make nothing bold: they are shown as they stand.',
		remedy:
			'Let them touch the words, and put signs behind them: **Attention** : texte, not **Attention :**texte; ** that mean themselves are written \\*\\*.',
		line,
	};
}

/** A pipe ends a cell, in code as well; cells beyond those of the head are not shown. */
function cellFault(table: Extract<Node, { type: 'table' }>): Found | undefined {
	const columns = table.children[0]?.children.length ?? 0;
	const row = table.children.find(({ children }) => children.length > columns);
	if (!row) return undefined;
	const line = row.position?.start.line;
	return {
		what: `This row has ${row.children.length} cells, and the table ${columns} columns: the rest is lost.`,
		remedy: 'A pipe that is part of a command is written \\|, in code as well: `ls \\| wc`.',
		...(line !== undefined && { line }),
	};
}

/** Where it begins in its line, from 0; a tab goes to the next multiple of four. */
function columnOf({ position }: Node, source: string): number {
	const offset = position?.start.offset ?? 0;
	let column = 0;
	for (const sign of source.slice(source.lastIndexOf('\n', offset - 1) + 1, offset))
		column = sign === '\t' ? column + 4 - (column % 4) : column + 1;
	return column;
}

/** Four blanks make code elsewhere; here the lines run into one. */
function indentFault(node: Extract<Node, { type: 'paragraph' }>, parent: Node | undefined, source: string): Found | undefined {
	if (!parent || node.data?.directiveLabel) return undefined;
	// Behind "- " and "[^1]: " the text begins later than the mark.
	const first = parent.type === 'listItem' || parent.type === 'footnoteDefinition' ? (parent.children[0] as Node) : undefined;
	const margin = columnOf(first ?? parent, source);
	if (columnOf(node, source) - margin < 4) return undefined;
	return {
		what: 'Lines that begin with four blanks are no code here: they would be shown as prose.',
		remedy: 'Put ``` on a line before them and on one after them; prose begins at the margin.',
	};
}

/** Lines with pipes, and no line |---|---| under the first. */
function tableFault(node: Node, source: string): Found | undefined {
	if (!/^\|.*\|[ \t]*$/m.test(sourceOf(node, source))) return undefined;
	return {
		what: 'These pipes make no table.',
		remedy: 'Put a line |---|---| under its head, with as many cells, and an empty line before the table.',
	};
}

/** A line of --- under a text makes a heading of it. */
function headingFault(node: Node, source: string): Found | undefined {
	const written = sourceOf(node, source);
	if (!/\n\s*(?:-+|=+)\s*$/.test(written)) return undefined;
	return {
		what: 'The line under this text makes a heading of it.',
		remedy: 'Put an empty line between them for a line across the page; a heading is written ## Title.',
	};
}

const brief = (text: string): string => (text.length > 40 ? `${text.slice(0, 39)}…` : text);
