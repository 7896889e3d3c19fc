/** Asks the shell itself whether it understands commands and scripts, without running them. */
import { spawnSync } from 'node:child_process';

export interface ShellFault {
	/** From 1. */
	line: number;
	/** In bash's own words. */
	message: string;
}

/** Why bash does not understand a text; undefined: it does, or there is no bash here to be asked. */
export function bashFault(text: string): ShellFault | undefined {
	// A process takes a hundred times as long as the look that finds most commands of lessons plain.
	if (isPlain(text)) return undefined;
	if (!known.has(text)) {
		if (known.size >= mostKnown) known.clear();
		known.set(text, askBash(text));
	}
	return known.get(text);
}

/** Answers of bash to texts that are asked again: a block as a whole, then as its only command, by import and by lint. */
const known = new Map<string, ShellFault | undefined>();
const mostKnown = 10_000;

/** Words that mean something to the shell's grammar where a command may begin. */
const grammar = 'if|then|else|elif|fi|for|while|until|do|done|case|esac|select|function|in|time|coproc';
const notGrammar = String.raw`(?!(?:${grammar})(?![\w./-]))`;
const sign = String.raw`[\w./:=@,+%~^*?-]`;
/** What the shell fills in: $x, ${x}, and $( … ) around a few plain words. */
const filled = String.raw`\$\w+|\$\{\w+\}|\$\(${notGrammar}${sign}+(?:(?: +\| *| +)${notGrammar}${sign}+)*\)`;
const word = String.raw`(?:${sign}|${filled}|'[^'\n]*'|"(?:[^"$\\\n\x60]|${filled})*")+`;
const redirection = String.raw`(?:[12]?>>?|<)[ \t]*${word}|2>&1`;
const simple = String.raw`(?:${notGrammar}${word}(?:[ \t]+(?:${word}|${redirection}))*|\[(?:[ \t]+(?:${word}|!=))+[ \t]+\])`;
const list = String.raw`${simple}(?:[ \t]*(?:\|\|?|&&|;)[ \t]*${simple})*`;
const plainLine = new RegExp(String.raw`^[ \t]*(?:${list}[ \t]*[;&]?)?[ \t]*(?:(?:^|(?<=[ \t]))#.*)?$`);
/** `command << EOF`, and what may stand around that. */
const openLine = /^([^<]*)<<-?[ \t]*(['"]?)(\w+)\2([^<]*)$/;
/** A longer one is no command that somebody types, and bash is asked. */
const longestPlain = 400;

const isPlainLine = (line: string): boolean => line.length <= longestPlain && plainLine.test(line);

/** Is the text lists of simple commands, and here-documents, which bash understands whatever their words are? Of others, nothing is said. */
export function isPlain(text: string): boolean {
	let end: { word: string; tabs: boolean; raw: boolean } | undefined;
	for (const line of text.split('\n')) {
		if (end) {
			if ((end.tabs ? line.replace(/^\t+/, '') : line) === end.word) end = undefined;
			else if (!end.raw && /[$`\\]/.test(line)) return false;
			continue;
		}
		const [, before, quote, word = '', after] = openLine.exec(line) ?? [];
		if (before !== undefined && isPlainLine(`${before} ${after}`) && /^[ \t]*[\w./-]/.test(before) && !/[#'"]/.test(`${before}${after}`))
			end = { word, tabs: line.includes('<<-'), raw: quote !== '' };
		else if (!isPlainLine(line)) return false;
	}
	return end === undefined;
}

function askBash(text: string): ShellFault | undefined {
	const result = spawnSync('bash', ['-n'], {
		input: `${text}\n`,
		encoding: 'utf8',
		env: { PATH: process.env['PATH'], LC_ALL: 'C' },
		timeout: 10_000,
	});
	if (result.error || (result.status === 0 && !result.stderr)) return undefined;
	const [first = ''] = result.stderr.trim().split('\n');
	const [, line = '1', message = first] = /line (\d+): (.*)$/.exec(first) ?? [];
	return { line: Number(line), message };
}

/** Does bash find a program, a builtin or a keyword of that name on this machine? */
export const isProgramHere = (name: string): boolean =>
	spawnSync('bash', ['-c', 'type -t -- "$1"', 'bash', name], { env: { PATH: process.env['PATH'] }, timeout: 10_000 }).status === 0;

/** Is there a bash on this machine to be asked? */
export const hasBash = (): boolean => spawnSync('bash', ['-n', '-c', ''], { timeout: 10_000 }).status === 0;

/**
 * Why grep -E, which tries regular expressions in sandboxes, does not understand one, or reads it otherwise than it looks; in its own words.
 * undefined: it does, or there is no grep here to be asked.
 */
export function regexFault(regex: string): string | undefined {
	// Those of other dialects: some versions of grep read them as plain letters without a word.
	const letter = /(?<!\\)(?:\\\\)*\\([A-Za-z])/.exec(regex)?.[1];
	if (letter && !'wWsSbB'.includes(letter)) return `\\${letter} has no meaning there`;
	const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' };
	const { error, status, stderr } = spawnSync('grep', ['-E', '-e', regex], { input: '', encoding: 'utf8', env, timeout: 10_000 });
	if (error || (stderr === '' && (status ?? 2) < 2)) return undefined;
	return /grep: (?:warning: )?(.*)/.exec(stderr)?.[1] ?? `grep ended with ${status}`;
}
