/** Reads a shell script into its simple commands, as far as is needed to say what is wrong with them; it runs nothing. */

export interface ShellCommand {
	/** Its words without their quotes, the name first; what the shell would fill in stands as "$". Redirections and assignments before it are left out. */
	words: string[];
	/** The shell may make more or fewer words of these: an unquoted $x or *, "$@". */
	open: boolean;
	/** Of each word: the shell fills something in. */
	filled: boolean[];
	/** Names behind a "$" that stands between single quotes, where the shell fills nothing in. */
	kept: string[];
	/** A word between double quotes has a program run by ` … `. */
	ticks: boolean;
	/** Of its name, from 1. */
	line: number;
}

export interface ShellScript {
	commands: ShellCommand[];
	/** Names of functions that it defines. */
	functions: Set<string>;
	/** Variables that are filled in, in the order of the text; those with a value for want of another, as ${x:-y}, are left out. */
	variables: { name: string; line: number }[];
	/** Names that get a value: x=…, for x, read x, local x, ((x = …)), ${x:=…}. */
	assigned: Set<string>;
}

/** Words behind which another command begins. */
const openers = new Set(['if', 'then', 'else', 'elif', 'do', 'while', 'until', '!', 'time', '{', '}', 'fi', 'done', 'esac']);

/** Never throws: of a script that is cut off, what could be read. Commands are in the order of their lines. */
export function readShell(text: string): ShellScript {
	const reader = new Reader(text);
	reader.read(undefined);
	const { functions, variables, assigned } = reader;
	return { commands: reader.commands.sort((a, b) => a.line - b.line), functions, variables, assigned };
}

/** Programs of the shell that give values to the names behind them. */
const givers = new Set([
	'for',
	'read',
	'local',
	'export',
	'declare',
	'typeset',
	'readonly',
	'mapfile',
	'readarray',
	'printf',
	'select',
	'getopts',
	'let',
]);

/** In an arithmetic expression: x = 1, x[i] += 1, x++, --x; no comparison. */
const arithmeticGiver = /(?:\+\+|--)\s*([A-Za-z_]\w*)|\b([A-Za-z_]\w*)(?:\[[^\]]*\])?\s*(?:\+\+|--|(?:[-+*/%&|^]|<<|>>)?=(?!=))/g;

interface Word {
	text: string;
	open: boolean;
	filled: boolean;
	kept: string[];
	ticks: boolean;
	quoted: boolean;
	line: number;
}

class Reader {
	readonly commands: ShellCommand[] = [];
	readonly functions = new Set<string>();
	readonly variables: ShellScript['variables'] = [];
	readonly assigned = new Set<string>();
	readonly #text: string;
	#at = 0;
	#line = 1;
	/** Ends of here-documents whose texts begin at the next line. */
	#waiting: string[] = [];

	constructor(text: string) {
		this.#text = text;
	}

	/** @param end sign that ends this list of commands: ")" or "`"; undefined: the end of the text */
	read(end: string | undefined): void {
		let words: Word[] = [];
		const finish = () => {
			this.#take(words);
			words = [];
		};
		while (this.#at < this.#text.length) {
			const sign = this.#text[this.#at] ?? '';
			if (sign === end) {
				this.#at++;
				return finish();
			}
			if (sign === '\n') {
				finish();
				this.#next();
				this.#skipTexts();
			} else if (sign === ' ' || sign === '\t' || sign === '\r') this.#at++;
			else if (sign === '\\' && this.#text[this.#at + 1] === '\n') {
				this.#next(2);
			} else if (sign === '#') this.#skipTo('\n');
			else if (sign === ';' || sign === '|' || sign === '&') {
				// 2>&1 and &> are redirections, told apart below.
				if (sign === '&' && this.#text[this.#at + 1] === '>') this.#redirection(words);
				else {
					finish();
					this.#at++;
				}
			} else if (sign === '(') {
				if (this.#arithmetic()) continue;
				this.#at++;
				if (this.#text[this.#at] === ')' && words.length === 1) {
					this.functions.add(words[0]?.text ?? '');
					words = [];
					this.#at++;
				} else {
					finish();
					this.read(')');
				}
			} else if (sign === ')') {
				// The end of a pattern of case: what stood before it was no command.
				words = [];
				this.#at++;
			} else if (sign === '<' || sign === '>') this.#redirection(words);
			else {
				const word = this.#word(end);
				const given = words.length === 0 ? /^([A-Za-z_]\w*)(?:\[.*\])?\+?=/.exec(word.text)?.[1] : undefined;
				if (given) this.assigned.add(given);
				else if (words.length > 0 || word.quoted || !openers.has(word.text)) words.push(word);
			}
		}
		finish();
	}

	#take(words: readonly Word[]): void {
		const [name] = words;
		if (!name) return;
		// The first word behind "case x in" is a pattern, which its ")" has taken away already.
		this.commands.push({
			words: words.map(({ text }) => text),
			open: words.some(({ open }) => open),
			filled: words.map(({ filled }) => filled),
			kept: words.flatMap(({ kept }) => kept),
			ticks: words.some(({ ticks }) => ticks),
			line: name.line,
		});
		if (!givers.has(name.text)) return;
		for (const { text } of words.slice(1)) {
			const given = /^[A-Za-z_]\w*/.exec(text)?.[0];
			if (given) this.assigned.add(given);
		}
	}

	/** Takes `(( … ))`, if it stands here; two subshells that begin together, `((a); b)`, do not. */
	#arithmetic(): boolean {
		if (!this.#text.startsWith('((', this.#at)) return false;
		let depth = 0;
		let end = this.#at;
		do {
			const sign = this.#text[end++];
			if (sign === undefined) return false;
			if (sign === '(') depth++;
			else if (sign === ')') depth--;
		} while (depth > 0);
		const text = this.#text.slice(this.#at, end);
		if (!text.endsWith('))')) return false;
		for (const [, before, behind] of text.matchAll(arithmeticGiver)) this.assigned.add(before ?? behind ?? '');
		this.#next(text.length);
		return true;
	}

	#next(count = 1): void {
		for (let i = 0; i < count; i++) if (this.#text[this.#at++] === '\n') this.#line++;
	}

	#skipTo(sign: string): void {
		while (this.#at < this.#text.length && this.#text[this.#at] !== sign) this.#next();
	}

	/** `2> file`, `<<EOF`, `>&2`: the number before it is no word of the command, nor is what follows. */
	#redirection(words: Word[]): void {
		const last = words.at(-1);
		if (last && /^\d$/.test(last.text) && !last.quoted && /\d/.test(this.#text[this.#at - 1] ?? '')) words.pop();
		const [sign = ''] = /^(?:<<<|<<-?|&?>{1,2}\|?&?|<&?|<>)/.exec(this.#text.slice(this.#at)) ?? ['>'];
		this.#at += sign.length;
		while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at++;
		if (this.#text[this.#at] === '(') return; // <( … ): its commands are read like others.
		const { text } = this.#word(undefined);
		if (/^<<-?$/.test(sign)) this.#waiting.push(text);
	}

	#skipTexts(): void {
		for (const end of this.#waiting.splice(0)) {
			while (this.#at < this.#text.length) {
				const from = this.#at;
				this.#skipTo('\n');
				const line = this.#text.slice(from, this.#at);
				this.#next();
				if (line.replace(/^\t+/, '') === end) break;
			}
		}
	}

	#word(end: string | undefined): Word {
		const word: Word = { text: '', open: false, filled: false, kept: [], ticks: false, quoted: false, line: this.#line };
		while (this.#at < this.#text.length) {
			const sign = this.#text[this.#at] ?? '';
			// A no-break space is a letter to the shell.
			if (/[ \t\r\n;|&()<>]/.test(sign) || sign === end) break;
			if (sign === "'") {
				word.quoted = true;
				const from = ++this.#at;
				this.#skipTo("'");
				const text = this.#text.slice(from, this.#at++);
				word.text += text;
				word.kept.push(...[...text.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name = '']) => name));
			} else if (sign === '"') this.#double(word);
			else if (sign === '\\') {
				word.quoted = true;
				word.text += this.#text[this.#at + 1] ?? '';
				this.#next(2);
			} else if (sign === '$' || sign === '`') {
				// "$" before a quote or a blank is a sign like any other.
				this.#filled(word, true);
			} else {
				if (/[*?[]/.test(sign)) word.open = true;
				word.text += sign;
				this.#at++;
			}
		}
		return word;
	}

	#double(word: Word): void {
		word.quoted = true;
		this.#at++;
		while (this.#at < this.#text.length && this.#text[this.#at] !== '"') {
			const sign = this.#text[this.#at] ?? '';
			if (sign === '\\') {
				const next = this.#text[this.#at + 1] ?? '';
				word.text += /["$`\\\n]/.test(next) ? next : `\\${next}`;
				this.#next(2);
			} else if (sign === '$' || sign === '`') {
				if (sign === '`') word.ticks = true;
				this.#filled(word, false);
			} else {
				word.text += sign;
				this.#next();
			}
		}
		this.#at++;
	}

	/** What the shell fills in: $x, ${x}, $( … ), $(( … )), ` … `. @param bare it stands outside of quotes */
	#filled(word: Word, bare: boolean): void {
		word.text += '$';
		const rest = this.#text.slice(this.#at);
		if (rest.startsWith('`')) {
			this.#at++;
			this.read('`');
		} else if (rest.startsWith('$(')) {
			this.#at++;
			if (!this.#arithmetic()) {
				this.#at++;
				this.read(')');
			}
		} else if (rest.startsWith('${')) {
			if (/^\$\{[^}]*[@*]/.test(rest)) word.open = true;
			const given = /^\$\{([A-Za-z_]\w*):?=/.exec(rest)?.[1];
			if (given) this.assigned.add(given);
			this.#uses(/^\$\{#?([A-Za-z_]\w*)(?!\w|:?[-+=?])/.exec(rest)?.[1]);
			this.#skipTo('}');
			this.#at++;
		} else {
			const [name = '$'] = /^\$(?:\w+|[@*#?$!-])/.exec(rest) ?? [];
			if (/[@*]$/.test(name)) word.open = true;
			this.#uses(/^\$([A-Za-z_]\w*)/.exec(name)?.[1]);
			this.#at += name.length;
			if (name === '$') return;
		}
		word.filled = true;
		if (bare) word.open = true;
	}

	#uses(name: string | undefined): void {
		if (name) this.variables.push({ name, line: this.#line });
	}
}
