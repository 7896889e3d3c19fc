/** A scenario's Markdown, cut into prose, code and folded parts, with the marks behind code that say what a click does. */
import { attribute, decoded } from './html.ts';
import { type QuizToken, withQuizzes } from './quizzes.ts';

export interface Mark {
	/** exec: typed into the terminal; copy; open: in the editor. */
	action: 'exec' | 'copy' | 'open';
	/** "interrupt", "T2", "HOST2", "no-newline", … */
	words: string[];
}

export interface CodeToken {
	kind: 'code';
	indent: string;
	language: string;
	text: string;
	mark: Mark | undefined;
	/** Name of the file that it is written into, in the editor. */
	file: string | undefined;
	/** It goes behind what is in the file already. */
	append: boolean;
}

export type Token = CodeToken | QuizToken | { kind: 'prose'; text: string } | { kind: 'open'; summary: string } | { kind: 'close' };

const markPattern = /\{\{\s*(exec(?:ute)?|copy|open)\b([^}]*)\}\}/;

/** "{{execute T2}}" → what it says; undefined: no mark of code. */
export function readMark(text: string): Mark | undefined {
	const [, word, rest = ''] = markPattern.exec(text) ?? [];
	if (!word) return undefined;
	return { action: word.startsWith('exec') ? 'exec' : (word as 'copy' | 'open'), words: rest.split(/[\s,]+/).filter(Boolean) };
}

/** Parts of the text, in its order. Never throws: a fence that is not closed reaches to the end. */
export function tokens(markdown: string): Token[] {
	const found: Token[] = [];
	let prose: string[] = [];
	let fence: { sign: string; indent: string; loose: boolean; info: string; lines: string[] } | undefined;
	const flush = () => {
		found.push(...proseTokens(prose.join('\n')));
		prose = [];
	};
	const close = (rest: string) => {
		if (!fence) return;
		const { indent, loose, info, lines } = fence;
		const text = lines.map((line) => line.slice(Math.min(indent.length, line.length - line.trimStart().length))).join('\n');
		const language = /^[\w+#-]+/.exec(info)?.[0] ?? '';
		found.push({
			kind: 'code',
			indent: loose ? '' : indent,
			language,
			text,
			mark: readMark(rest) ?? readMark(info),
			file: undefined,
			append: false,
		});
		fence = undefined;
	};
	/** The fence stands in a quotation: so do its lines. */
	let quoted = false;
	for (const written of markdown.split('\n')) {
		const line: string = fence && quoted ? written.replace(/^[ \t]*>[ ]?/, '') : written;
		const [, indent = '', before = '', sign, info = ''] =
			/^([ \t]*)((?:>[ ]?|(?:[-*+]|\d+[.)])[ \t]+)?)(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
		if (fence) {
			const [, last, mark] = line.includes(fence.sign) ? (/^(.*\S)`{3,}[ \t]*(\{\{[^}]*\}\})\s*$/.exec(line) ?? []) : [];
			if (before === '' && last !== undefined && !last.includes('`') && mark) {
				// Closed behind its last line: EOF```{{exec}}
				fence.lines.push(last);
				close(mark);
			} else if (before === '' && sign?.startsWith(fence.sign) && /^\s*(\{\{[^}]*\}\}\s*)*$/.test(info)) close(info);
			else fence.lines.push(line);
		} else if (sign && !(sign.startsWith('`') && info.includes('`'))) {
			flush();
			// Behind the sign of a list's item or of a quotation it is a block of its own: with nothing before it, there is nothing to belong to.
			quoted = before.startsWith('>');
			const inner = before === '' || quoted ? indent : indent + ' '.repeat(before.length);
			fence = { sign, indent: inner.replaceAll('\t', '    '), loose: before !== '', info: info.trim(), lines: [] };
		} else if (!/^[ \t]*\{:[ \t]*[.#][^}]*\}[ \t]*$/.test(line)) prose.push(dividedLine(line)); // {: .output} is for another program
	}
	// A fence that is never closed reaches to the end, as Markdown has it.
	close('');
	flush();
	return found;
}

/** ::: challenge … ::: of other programs: its name stays, as a line of its own. */
function dividedLine(line: string): string {
	const [all, name = ''] = /^[ \t]*:{3,}[ \t]*\{?[ \t]*\.?([\w-]*)[^`]*$/.exec(line) ?? [];
	if (all === undefined) return line;
	return name === '' ? '' : `\n**${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('-', ' ')}**\n`;
}

/** HTML's own code blocks and folded parts, outside of inline code. */
function proseTokens(text: string): Token[] {
	const found: Token[] = [];
	let rest = indentedCode(text);
	const pattern =
		/<pre\b([^>]*)>([\s\S]*?)<\/pre\s*>([ \t]*\{\{[^}]*\}\})?|<details\b[^>]*>\s*(?:<summary\b[^>]*>([\s\S]*?)<\/summary\s*>)?|<\/details\s*>/i;
	for (let match = pattern.exec(rest); match; match = pattern.exec(rest)) {
		const [all, attributes, code, mark, summary] = match;
		const before = rest.slice(0, match.index);
		if (before.trim()) found.push(...withQuizzes(before));
		if (code !== undefined) {
			const inner = decoded(code.replace(/<\/?(?:code|span|b|i|font)\b[^>]*>/gi, '')).replace(/^\n+|\s+$/g, '');
			const file = attribute(attributes ?? '', 'data-filename');
			const append = attribute(attributes ?? '', 'data-target') === 'append';
			found.push({ kind: 'code', indent: '', language: '', text: inner, mark: readMark(mark ?? ''), file, append });
		} else if (/^<details/i.test(all)) found.push({ kind: 'open', summary: (summary ?? '').replace(/<[^>]*>/g, '').trim() });
		else found.push({ kind: 'close' });
		rest = rest.slice(match.index + all.length);
	}
	const codes = rest.split(indentedMark);
	for (const [index, part] of codes.entries()) {
		if (index % 2) found.push({ kind: 'code', indent: '', language: '', text: part, mark: undefined, file: undefined, append: false });
		else if (part.trim()) found.push(...withQuizzes(part));
	}
	return found;
}

/** Stands around code that Markdown knows by its indentation and MDX does not. No text holds it: the reader refuses files with a NUL. */
const indentedMark = '\0';

function indentedCode(text: string): string {
	if (text.includes('<pre') || text.includes('<details')) return text;
	return text
		.split(/\n{2,}/)
		.map((block, index, all) => {
			const lines = block.split('\n').filter((line) => line.trim());
			const list = all.slice(0, index).some((each) => /^\s*([-*+]|\d+[.)])\s/m.test(each));
			if (lines.length === 0 || list || lines.some((line) => !/^( {4}|\t)/.test(line))) return block;
			return `${indentedMark}${lines.map((line) => line.replace(/^( {4}|\t)/, '')).join('\n')}${indentedMark}`;
		})
		.join('\n\n');
}
