/** Text of a scenario → text of a lesson: valid MDX, with run blocks for what a click typed there. */
import { bashFault } from '../../../src/courses/shell-syntax.ts';
import { splitCommands } from '../../../src/shared/split-commands.ts';
import { withoutHtml } from './html.ts';
import type { Note } from './scenario.ts';
import { type CodeToken, type Mark, readMark, type Token, tokens } from './tokens.ts';

export interface TextRequest {
	markdown: string;
	/** Level of its highest heading. */
	top: 2 | 3;
	/** Its own title: not repeated when the text begins with it. */
	title: string | undefined;
	/** Commands can be run here. */
	runs: boolean;
	/** Folded parts may become hints and solutions: the step has a check. */
	folds: boolean;
	/** Brings a picture along. @returns its path for the lesson's text; undefined: it is not there */
	picture: (path: string) => string | undefined;
}

export interface LessonPart {
	/** MDX. */
	body: string;
	hints: string[];
	solutions: string[];
	/** Text of the run blocks, in order. */
	commands: string[];
	/** Those in folded solutions. */
	solved: string[];
	/** The first heading, when it was taken away to be the title. */
	heading: string | undefined;
	/** The highest terminal that it speaks of. */
	terminals: number;
	notes: Note[];
}

export function convertText(request: TextRequest): LessonPart {
	return new Converter(request).convert();
}

const shells = /^(|bash|sh|shell|console|zsh|shellsession|shell-session|terminal|text|txt|plain|plaintext|execute|exec)$/i;

class Converter {
	readonly #request: TextRequest;
	readonly #part: LessonPart = {
		body: '',
		hints: [],
		solutions: [],
		commands: [],
		solved: [],
		heading: undefined,
		terminals: 1,
		notes: [],
	};
	readonly #counts = new Map<string, { count: number; why: string }>();
	#shift = 0;
	#level: number;
	#begun = false;
	/** In a folded part that becomes the solution, or a hint. */
	#inside: 'text' | 'hint' | 'solution' = 'text';

	constructor(request: TextRequest) {
		this.#request = request;
		this.#level = request.top - 1;
	}

	convert(): LessonPart {
		const list = tokens(this.#request.markdown);
		const depths = list.flatMap((token) => (token.kind === 'prose' ? [...headings(token.text)].map(({ depth }) => depth) : []));
		this.#shift = this.#request.top - Math.min(6, ...depths);
		this.#part.body = this.#fold(list);
		for (const [what, { count, why }] of this.#counts) this.#part.notes.push({ what: count > 1 ? `${count} × ${what}` : what, why });
		return this.#part;
	}

	/** Prose and code as MDX; folded parts go to the hints and solutions. */
	#fold(list: Token[]): string {
		const parts: string[] = [];
		while (list.length > 0) {
			const token = list.shift() as Token;
			if (token.kind === 'prose') parts.push(this.#prose(token.text));
			else if (token.kind === 'code') parts.push(this.#code(token));
			else if (token.kind === 'open') {
				const inner = innerOf(list);
				const before = this.#inside;
				const solution = /solution|answer|lösung|solución|solução|solution|réponse|corrig/i.test(token.summary);
				if (!this.#request.folds || before !== 'text') {
					if (token.summary) parts.push(`**${this.#inline(token.summary).trim()}**`);
					parts.push(this.#fold(inner));
					continue;
				}
				this.#inside = solution ? 'solution' : 'hint';
				const level = this.#level;
				const text = this.#fold(inner);
				this.#level = level;
				this.#inside = before;
				const named = solution || /^(hint|tip|info|astuce|indice|hinweis|tipp|details?|)s?\s*\d*$/i.test(token.summary);
				const whole = named ? text : `**${this.#inline(token.summary).trim()}**\n\n${text}`;
				(solution ? this.#part.solutions : this.#part.hints).push(whole);
			}
		}
		return parts
			.filter((part) => part.trim())
			.join('\n\n')
			.replace(/\n{3,}/g, '\n\n');
	}

	#count(what: string, why: string): void {
		const seen = this.#counts.get(what) ?? { count: 0, why };
		seen.count++;
		this.#counts.set(what, seen);
	}

	// --- code

	#code({ indent, language, text, mark, file }: CodeToken): string {
		this.#begun = true;
		if (!text.trim()) return '';
		const own = traffic(text);
		if (own !== text) this.#count('address of a web page of the scenario', 'there is no view of web pages: it became localhost, for curl');
		if (file !== undefined)
			this.#count(`file for the editor (${file})`, 'there is no editor beside the terminal: it is shown to be copied');
		const shown = file === undefined ? '' : `${indent}${quoted(file.trim() || 'file')}:\n\n`;
		if (mark?.action === 'exec') return shown + this.#run(own, indent, mark, language);
		return shown + fenced(own, indent, language);
	}

	/** @returns a run block, or one to copy where it cannot be run, and why */
	#run(text: string, indent: string, { words }: Mark, language: string): string {
		const trimmed = text.replace(/^\s*\n|\s+$/g, '');
		const terminal = Number(words.map((word) => /^T(\d)$/i.exec(word)?.[1]).find(Boolean) ?? 1);
		if (!this.#request.runs) return fenced(trimmed, indent, shells.test(language) ? 'bash' : language);
		if (words.some((word) => /^(HOST|node)0?[2-9]$/i.test(word))) {
			this.#count('command for a second host', 'there is one machine here: it is shown to be read');
			return fenced(trimmed, indent, 'bash');
		}
		if (words.some((word) => /no-newline|ctrl-seq/i.test(word)) || /^\^\w$/.test(trimmed)) {
			this.#count('keys to press', 'a button types whole commands: they are shown to be typed');
			return fenced(trimmed, indent, 'text');
		}
		const command = runnable(trimmed);
		if (command === undefined) {
			this.#count('block that is no shell command', 'it was typed into another program: it is shown to be copied');
			return fenced(trimmed, indent, shells.test(language) ? 'text' : language);
		}
		const before: string[] = [];
		if (words.some((word) => /interrupt/i.test(word))) {
			this.#count('{{exec interrupt}}', 'a button cannot press Ctrl-C first: the text says so');
			before.push(`${indent}*<kbd>Ctrl</kbd>+<kbd>C</kbd>, then:*`);
		}
		if (terminal > 1) {
			this.#part.terminals = Math.max(this.#part.terminals, Math.min(4, terminal));
			before.push(`${indent}*Terminal ${Math.min(4, terminal)}:*`);
			this.#count('command for another terminal', 'a button types into the terminal that is open: the text names it');
		}
		if (this.#inside === 'solution') this.#part.solved.push(command);
		else if (this.#inside === 'text') this.#part.commands.push(command);
		// A hint's or a solution's block is no part of the way through the step.
		const info = this.#inside === 'text' ? 'bash run' : 'bash';
		return [...before, fenced(command, indent, info)].join('\n\n');
	}

	// --- prose

	#prose(text: string): string {
		const clean = setext(
			splitCode(text)
				.map(({ code, text: part }) => (code ? part : withoutHtml(part)))
				.join(''),
		);
		return clean
			.split(/\n[ \t]*\n/)
			.flatMap((block) => itemsOf(block))
			.map((block) => this.#block(block))
			.filter((block) => block.trim())
			.join('\n\n');
	}

	/** A paragraph, heading or list item; commands behind it that a click ran follow as run blocks. */
	#block(block: string): string {
		const lines = block.split('\n');
		const queue: string[] = [];
		const out: string[] = [];
		const indent = /^(\s*(?:[-*+]|\d+[.)])\s+)/.exec(block)?.[1]?.length ?? /^\s*/.exec(block)?.[0].length ?? 0;
		let paragraph: string[] = [];
		const flush = () => {
			if (paragraph.length > 0) out.push(this.#inline(paragraph.join('\n'), (command) => queue.push(command), ' '.repeat(indent)));
			paragraph = [];
		};
		for (const line of lines) {
			const [, signs, title] = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line) ?? [];
			if (!signs || !title) {
				paragraph.push(line);
				continue;
			}
			flush();
			out.push(this.#heading(signs.length, title));
		}
		flush();
		const text = out.filter((part) => part.trim()).join('\n\n');
		if (text.trim()) this.#begun = true;
		return [text, ...queue].filter((part) => part.trim()).join('\n\n');
	}

	#heading(depth: number, title: string): string {
		const plain = title.replace(/[*_`]/g, '').trim();
		if (!this.#begun && this.#part.heading === undefined && this.#inside === 'text') {
			const own = this.#request.title;
			if (own === undefined || alike(own, plain)) {
				this.#part.heading = plain;
				return '';
			}
		}
		this.#level = Math.max(this.#request.top, Math.min(depth + this.#shift, this.#level + 1, 6));
		return `${'#'.repeat(this.#level)} ${this.#inline(title).trim()}`;
	}

	/** @param take is given a run block for each command that a click ran; a line that is nothing but one vanishes */
	#inline(text: string, take?: (block: string) => void, indent = ''): string {
		const parts = splitCode(text);
		let out = '';
		for (const [index, { code, text: part }] of parts.entries()) {
			if (!code) {
				// The mark belongs to the code before it.
				const mine = parts[index - 1]?.code ? part.replace(/^\s*\{\{[^}]*\}\}/, '') : part;
				out += this.#plain(mine);
				continue;
			}
			const mark = readMark(/^\s*\{\{[^}]*\}\}/.exec(parts[index + 1]?.text ?? '')?.[0] ?? '');
			const inner = traffic(part.replace(/^`+|`+$/g, '').trim());
			if (mark?.action !== 'exec' || !take) {
				if (mark?.action === 'open') this.#count('{{open}}', 'there is no editor beside the terminal');
				out = behind(out, inner ? quoted(inner) : escaped(part));
				continue;
			}
			const line = `${out.slice(out.lastIndexOf('\n') + 1)}`;
			const after = (parts[index + 1]?.text ?? '').replace(/^\s*\{\{[^}]*\}\}/, '');
			const alone = !line.trim() && /^[\s.]*(\n|$)/.test(after);
			take(this.#run(inner, indent, mark, 'bash'));
			if (!alone) out = behind(out, quoted(inner));
		}
		return out;
	}

	/** Text without code: links, pictures and signs that MDX would take for its own. */
	#plain(text: string): string {
		const held: string[] = [];
		const hold = (value: string) => `\uE000${held.push(value) - 1}\uE001`;
		const linked = text
			.replace(/\{\{TRAFFIC_SELECTOR\}\}/g, () => {
				this.#count('choice of a port', 'there is no view of web pages');
				return 'localhost';
			})
			.replace(/!\[([^\]]*)\]\(\s*<?([^)\s>]+)>?(?:\s+["'][^)]*["'])?\s*\)/g, (_, alternative: string, target: string) =>
				hold(this.#picture(alternative, target)),
			)
			.replace(/\[([^\][]*)\]\(\s*<?((?:[^()\s>]|\([^()\s]*\))*)>?(?:\s+["'][^)]*["'])?\s*\)/g, (_, label: string, target: string) =>
				hold(this.#link(label, target)),
			);
		const own = traffic(linked);
		if (own !== linked)
			this.#count('address of a web page of the scenario', 'there is no view of web pages: it became localhost, for curl');
		return escaped(own.replace(/\{\{\s*(?:exec|execute|copy|open)\b[^}]*\}\}/g, '')).replace(
			/\uE000(\d+)\uE001/g,
			(_, n: string) => held[Number(n)] ?? '',
		);
	}

	#picture(alternative: string, target: string): string {
		const label =
			alternative.trim() ||
			target
				.replace(/^.*\//, '')
				.replace(/\.\w+$/, '')
				.replace(/[-_]+/g, ' ') ||
			'picture';
		if (/^(https?:)?\/\//.test(target)) {
			this.#count('picture from the internet', 'the page shows only what it brings along: it became a link');
			return `[${escaped(label)}](${escaped(target)})`;
		}
		const path = this.#request.picture(target);
		if (path) return `![${escaped(label.replace(/[[\]]/g, ''))}](${path})`;
		this.#count(`picture ${target}`, 'the file is missing');
		return `*${escaped(label)}*`;
	}

	#link(label: string, target: string): string {
		const shown = escaped(label);
		if (traffic(target) !== target) {
			this.#count('address of a web page of the scenario', 'there is no view of web pages: it became localhost, for curl');
			return `${shown} (\`curl ${traffic(target)}\`)`;
		}
		if (/^(https?:\/\/|mailto:|#)/.test(target)) return `[${shown}](${escaped(target)})`;
		if (/^www\./.test(target)) return `[${shown}](https://${escaped(target)})`;
		this.#count(`link to ${target}`, 'it led to a place of the old platform: its text stayed');
		return shown;
	}
}

/** Tokens up to the matching </details>, taken off the list. */
function innerOf(list: Token[]): Token[] {
	let depth = 1;
	const inner: Token[] = [];
	while (list.length > 0) {
		const token = list.shift() as Token;
		if (token.kind === 'open') depth++;
		if (token.kind === 'close' && --depth === 0) break;
		inner.push(token);
	}
	return inner;
}

/** The commands as they can be typed one by one; in one piece when they are a loop or the like; undefined: bash does not understand them. */
export function runnable(text: string): string | undefined {
	const lines = text.replace(/^\$ /gm, '');
	if (bashFault(lines)) return undefined;
	if (splitCommands(lines).every((command) => !bashFault(command))) return lines;
	const end = lines.includes('\nEND') ? 'END_OF_BLOCK' : 'END';
	return `source /dev/stdin <<'${end}'\n${lines}\n${end}`;
}

function fenced(text: string, indent: string, info: string): string {
	const ticks = longest(text, /`{3,}/g);
	const tildes = longest(text, /~{3,}/g);
	const sign = ticks === 0 ? '```' : tildes === 0 ? '~~~~' : '`'.repeat(ticks + 1);
	return [`${sign}${info}`, ...text.split('\n'), sign].map((line) => (line ? indent + line : line)).join('\n');
}

/** Length of the longest match; 0: there is none. */
const longest = (text: string, pattern: RegExp) => Math.max(0, ...[...text.matchAll(pattern)].map(([{ length }]) => length));

/**
 * Code within a line. The scenario's author is a stranger, and braces outside of code are a program that is run when the site is built: so
 * nothing in it may end it early, nor a table's column.
 */
function quoted(code: string): string {
	const text = code.replace(/\s+/g, ' ');
	if (/[{}<]/.test(text) && text.includes('|')) return `<code>${text.replace(/[^\w ]/gu, (sign) => `&#${sign.codePointAt(0)};`)}</code>`;
	const ticks = longest(text, /`+/g);
	return ticks === 0 ? `\`${text}\`` : `${'`'.repeat(ticks + 1)} ${text} ${'`'.repeat(ticks + 1)}`;
}

/** Code after what stands before it: no backslash takes its first sign away, and no other code's last one becomes a part of it. */
const behind = (before: string, code: string): string =>
	`${before.replace(/\\+$/, (signs) => '&#92;'.repeat(signs.length))}${before.endsWith('`') ? ' ' : ''}${code}`;

/** Web addresses of Killercoda and Katacoda → the same port here. */
const traffic = (text: string): string =>
	text
		.replace(/\{\{TRAFFIC_HOST\d?_(\d+)\}\}/g, 'http://localhost:$1')
		.replace(/\{\{TRAFFIC_SELECTOR\}\}/g, 'http://localhost')
		.replace(/https?:\/\/\[\[HOST_SUBDOMAIN\]\]-(\d+)-\[\[KATACODA_HOST\]\]\.environments\.katacoda\.com/g, 'http://localhost:$1')
		.replace(/https?:\/\/\[\[HOST\d?_SUBDOMAIN\]\]-(\d+)-\[\[KATACODA_(?:HOST|DOMAIN)\]\][\w.]*/g, 'http://localhost:$1')
		.replace(/\[\[HOST\d?_IP\]\]/g, 'localhost');

/** Signs that MDX would take for a program, a tag or a module. `<br />` and <kbd> are meant. */
const escaped = (text: string): string =>
	text
		// One that is escaped already stays so; an even number of backslashes escapes only each other.
		.replace(/(\\*)([{}])/g, (all, before: string, sign: string) => (before.length % 2 ? all : `${before}\\${sign}`))
		// Code has been taken out: these are no code's, and must not become it.
		.replace(/`/g, '&#96;')
		.replace(/\\?<(?!br \/>|\/?(?:kbd|sub|sup)>)/g, '&lt;')
		.replace(/^(\s*)(import|export)\b/gm, (_, space: string, word: string) => `${space}&#${word.charCodeAt(0)};${word.slice(1)}`)
		.replace(/^(\s*):::/gm, '$1\\:::');

/** Inline code and the text between, in order. */
function splitCode(text: string): { code: boolean; text: string }[] {
	const found: { code: boolean; text: string }[] = [];
	let at = 0;
	for (const match of text.matchAll(/(?<!`)(`+)(?!`)((?:(?!\n[ \t]*\n)[\s\S])*?[^`])\1(?!`)/g)) {
		if (match.index > at) found.push({ code: false, text: text.slice(at, match.index) });
		found.push({ code: true, text: match[0] });
		at = match.index + match[0].length;
	}
	if (at < text.length) found.push({ code: false, text: text.slice(at) });
	return found;
}

const setext = (text: string) =>
	text.replace(/^([^\n|>#*\s-][^\n]*)\n=+[ \t]*$/gm, '# $1').replace(/(^|\n\n)([^\n|>#*\s-][^\n]*)\n-{3,}[ \t]*$/gm, '$1## $2');

function* headings(text: string): Generator<{ depth: number }> {
	for (const [, signs = ''] of setext(withoutHtml(text)).matchAll(/^ {0,3}(#{1,6})\s+\S/gm)) yield { depth: signs.length };
}

/** A list's items one by one, when something of them is run: what is run stands below its item. */
function itemsOf(block: string): string[] {
	if (!/\{\{\s*exec/.test(block) || !/^\s*([-*+]|\d+[.)])\s/m.test(block)) return [block];
	return block.split(/\n(?=\s*(?:[-*+]|\d+[.)])\s)/);
}

const alike = (a: string, b: string) => a.toLowerCase().replace(/\W+/g, '') === b.toLowerCase().replace(/\W+/g, '');
