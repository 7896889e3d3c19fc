/** Text of a scenario → text of a lesson: valid MDX, with run blocks for what a click typed there. (Over 400 lines: one pass, each rule a short function.) */
import { filePathFault } from '../../../../src/shared/course/placed-file.ts';
import { splitCommands } from '../../../../src/shared/course/split-commands.ts';
import { fenced, readsInput, runnable, startsConversation } from './code.ts';
import { withoutHtml } from './html.ts';
import { behind, escaped, linkWithCode, quoted, splitCode, traffic } from './inline.ts';
import { type QuizToken, quizText } from './quizzes.ts';
import { withoutReferences } from './references.ts';
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
	/** Summary of a folded answer, in the text's language. */
	answer: string;
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
	/** Questions with answers to choose from, outside of hints and solutions. */
	quizzes: number;
	notes: Note[];
}

/** What cannot be taken over is left out, with a note. */
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
		quizzes: 0,
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
		const list = tokens(withoutReferences(this.#request.markdown));
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
			else if (token.kind === 'quiz') parts.push(this.#quiz(token));
			else if (token.kind === 'open') {
				const inner = innerOf(list);
				const before = this.#inside;
				const solution = /solution|answer|lösung|solución|solução|solution|réponse|corrig/i.test(token.summary);
				if (!this.#request.folds || before !== 'text') {
					const level = this.#level;
					const text = this.#fold(inner);
					this.#level = level;
					const summary = this.#inline(token.summary).trim() || '…';
					parts.push(before === 'text' ? `<details>\n<summary>${summary}</summary>\n\n${text}\n\n</details>` : `**${summary}**\n\n${text}`);
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

	#code({ indent, language, text, mark, file, append }: CodeToken): string {
		this.#begun = true;
		if (!text.trim()) return '';
		const own = traffic(text);
		if (own !== text) this.#count('address of a web page of the scenario, in code', 'it became localhost, which is the sandbox itself');
		if (file !== undefined && this.#request.runs && !/["\s]/.test(file) && filePathFault(file) === undefined)
			return fenced(own, indent, `${/^\w+$/.test(language) ? language : 'text'} file=${file}${append ? ' append' : ''}`);
		if (file !== undefined)
			this.#count(`file for the editor (${file})`, 'it is outside of the working folder, or has no name: it is shown to be copied');
		const shown = file === undefined ? '' : `${indent}${quoted(file.trim() || 'file')}:\n\n`;
		if (mark?.action === 'exec') return shown + this.#run(own, indent, mark, language);
		const opened = mark?.action === 'open' ? this.#open(own.trim(), indent) : undefined;
		if (opened !== undefined) return opened;
		return shown + fenced(own, indent, language);
	}

	/** @returns a block that opens the file in the editor; undefined where there is none, or it is outside of the working folder */
	#open(path: string, indent: string): string | undefined {
		if (!this.#request.runs) return undefined;
		// The working folder is root's home.
		const own = path.replace(/^(?:~\/|\/root\/|\.\/)/, '');
		if (!/["\s]/.test(own) && filePathFault(own) === undefined) return fenced(own, indent, `text open=${own}`);
		this.#count('{{open}}', 'the file is outside of the working folder: its name is shown');
		return undefined;
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
		if (words.some((word) => /no-newline|ctrl-seq/i.test(word)) || /^(?:\^|ctrl\s*[+-]\s*)\w$/i.test(trimmed)) {
			this.#count('keys to press', 'a button types whole commands: they are shown to be typed');
			return fenced(trimmed, indent, 'text');
		}
		if (splitCommands(trimmed).length === 0) {
			// "# ctrl+c", "# now wait": what was clicked there did nothing, or pressed keys.
			this.#count('block without a command', 'a button types whole commands: it is shown to be read');
			return fenced(trimmed, indent, 'text');
		}
		if (readsInput(trimmed) && trimmed.includes('\n')) {
			this.#count('block that asks for input (read)', 'a button types it in one piece, and it would read itself: it is shown to be typed');
			return fenced(trimmed, indent, 'bash');
		}
		// All lines were typed at once there, so that those behind it went into the program; here each waits for the prompt.
		if (splitCommands(trimmed).slice(0, -1).some(startsConversation)) {
			this.#count(
				'block whose lines are for a program that it starts',
				'each command waits for the one before it: it is shown to be typed',
			);
			return fenced(trimmed, indent, 'bash');
		}
		const command = runnable(trimmed);
		if (command === undefined) {
			this.#count('block that is no shell command', 'it was typed into another program: it is shown to be copied');
			return fenced(trimmed, indent, shells.test(language) ? 'text' : language);
		}
		const interrupt = words.some((word) => /interrupt/i.test(word));
		const place = Math.min(4, terminal);
		this.#part.terminals = Math.max(this.#part.terminals, place);
		if (this.#inside === 'solution') this.#part.solved.push(command);
		else if (this.#inside === 'text') this.#part.commands.push(command);
		// A hint's or a solution's block is no part of the way through the step.
		if (this.#inside !== 'text') return fenced(command, indent, 'bash');
		return fenced(command, indent, ['bash run', place > 1 && `terminal=${place}`, interrupt && 'interrupt'].filter(Boolean).join(' '));
	}

	/** What a click on code in a sentence did, as a block of its own; undefined: nothing but to copy it. */
	#button(mark: Mark, code: string, indent: string): string | undefined {
		if (mark.action === 'exec') return this.#run(code, indent, mark, 'bash');
		return mark.action === 'open' ? this.#open(code, indent) : undefined;
	}

	#quiz({ question, choices, typed }: QuizToken): string {
		this.#begun = true;
		if (choices.length > 0 && this.#inside === 'text') {
			this.#part.quizzes++;
			return quizText(
				question,
				choices.map(({ text, right }) => ({ text: this.#inline(withoutHtml(text)), right })),
			);
		}
		// Here answers are chosen, and questions stand in the text itself.
		this.#count('question with an answer to be typed', 'questions here have answers to choose from: its answer is in a fold');
		const answers = [...typed, ...choices.filter(({ right }) => right).map(({ text }) => text)].map((text) => `- ${this.#inline(text)}`);
		return `${this.#inline(question)}\n\n<details>\n<summary>${this.#request.answer}</summary>\n\n${answers.join('\n')}\n\n</details>`;
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
	#block(written: string): string {
		const block = written.replace(/^\n+/, '');
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
	#inline(whole: string, take?: (block: string) => void, indent = ''): string {
		const held: string[] = [];
		const text = whole.replace(linkWithCode, (_, sign: string, label: string, target: string) => {
			const plain = label.replace(/`/g, '');
			const shown = () => this.#inline(label);
			return `\uE002${held.push(sign ? this.#picture(plain, target) : this.#link(shown(), target, true)) - 1}\uE003`;
		});
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
			const block = take && mark && this.#button(mark, inner, indent);
			if (!take || block === undefined) {
				out = behind(out, inner ? quoted(inner) : escaped(part));
				continue;
			}
			const line = `${out.slice(out.lastIndexOf('\n') + 1)}`;
			const after = (parts[index + 1]?.text ?? '').replace(/^\s*\{\{[^}]*\}\}/, '');
			const alone = !line.trim() && /^[\s.]*(\n|$)/.test(after);
			take(block);
			if (!alone) out = behind(out, quoted(inner));
		}
		return out.replace(/\uE002(\d+)\uE003/g, (_, n: string) => held[Number(n)] ?? '');
	}

	/** Text without code: links, pictures and signs that MDX would take for its own. */
	#plain(text: string): string {
		const held: string[] = [];
		const hold = (value: string) => `\uE000${held.push(value) - 1}\uE001`;
		const linked = text
			.replace(/\{\{TRAFFIC_SELECTOR\}\}/g, () => {
				this.#count('choice of a port', 'a link says its port: write [http://localhost:8080](http://localhost:8080) where it belongs');
				return 'localhost';
			})
			.replace(/!\[((?:[^[\]]|\[[^[\]]*\])*)\]\(\s*<?([^)\s>]+)>?(?:\s+["'][^)]*["'])?\s*\)/g, (_, alternative: string, target: string) =>
				hold(this.#picture(alternative, target)),
			)
			.replace(/\[([^\][]*)\]\(\s*<?((?:[^()\s>]|\([^()\s]*\))*)>?(?:\s+["'][^)]*["'])?\s*\)/g, (_, label: string, target: string) =>
				hold(this.#link(label, target)),
			);
		// Markdown makes no link of a name without a point by itself.
		const own = traffic(linked.replace(addresses, (address) => hold(`[${escaped(traffic(address))}](${escaped(traffic(address))})`)));
		if (own !== linked) this.#count(...webPage);
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

	/** @param ready the label is text of a lesson already */
	#link(label: string, target: string, ready = false): string {
		const shown = ready ? label : escaped(traffic(label));
		if (traffic(target) !== target) {
			this.#count(...webPage);
			return `[${shown}](${escaped(traffic(target))})`;
		}
		if (/^(https?:\/\/|mailto:|#)/.test(target)) return `[${shown}](${escaped(target)})`;
		if (/^www\./.test(target)) return `[${shown}](https://${escaped(target)})`;
		this.#count(`link to ${target}`, 'it led to a place of the old platform: its text stayed');
		return shown;
	}
}

const webPage = ['address of a web page of the scenario', 'it became a link to localhost, which opens beside the terminals'] as const;
/** Those of the old platforms, each with its path, and without the sign that ends a sentence. */
const addresses =
	/(?:\{\{TRAFFIC_HOST\d?_\d+\}\}|https?:\/\/\[\[HOST\d?_SUBDOMAIN\]\]-\d+-\[\[KATACODA_(?:HOST|DOMAIN)\]\][\w.]*)(?:\/[\w./?=&%-]*)?(?<![.?])/g;

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

/** Headings as `## Title`: those that are underlined, and those without a blank; alerts as quotations with a name. */
const setext = (text: string) =>
	text
		.replace(/^([^\n|>#*\s-][^\n]*)\n=+[ \t]*$/gm, '# $1')
		.replace(/(^|\n\n)([^\n|>#*\s-][^\n]*)\n-{3,}[ \t]*$/gm, '$1## $2')
		.replace(/^( {0,3}#{2,6})(?=[^\s#])/gm, '$1 ')
		.replace(
			/^( {0,3}>[ \t]*)\[!(\w)(\w+)\][ \t]*$/gm,
			(_, sign: string, first: string, rest: string) => `${sign}**${first}${rest.toLowerCase()}**\n>`,
		);

function* headings(text: string): Generator<{ depth: number }> {
	for (const [, signs = ''] of setext(withoutHtml(text)).matchAll(/^ {0,3}(#{1,6})\s+\S/gm)) yield { depth: signs.length };
}

/** A list's items one by one, when something of them is run: what is run stands below its item. */
function itemsOf(block: string): string[] {
	if (!/\{\{\s*(?:exec|open)/.test(block) || !/^\s*([-*+]|\d+[.)])\s/m.test(block)) return [block];
	return block.split(/\n(?=\s*(?:[-*+]|\d+[.)])\s)/);
}

const alike = (a: string, b: string) => a.toLowerCase().replace(/\W+/g, '') === b.toLowerCase().replace(/\W+/g, '');
