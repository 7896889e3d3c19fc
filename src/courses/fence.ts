/** What the words of a code block's fence say is to be done with it (docs/author/format.md): ```bash run terminal=2. */
import type { Comparing } from '../shared/course/compare-output.ts';
import { filePathFault, linePattern, type Placing } from '../shared/course/placed-file.ts';
import { mostNodes, nodeOf, terminalPattern } from '../shared/course/terminal-names.ts';
import { nearest } from '../shared/nearest.ts';

export type Intent =
	/** To be read, and copied. */
	| { kind: 'read' }
	/** Typed into a terminal: of that number, or of the node of that name; undefined: the one in use. */
	| { kind: 'run'; terminal: string | undefined; wait: boolean; interrupt: boolean }
	| { kind: 'file'; path: string; placing: Placing }
	/** Opens a file in the editor of the page. */
	| { kind: 'open'; path: string; line: number | undefined }
	| { kind: 'output'; compare: Comparing | undefined }
	| { kind: 'no-run'; copy: boolean };

export interface Fence {
	intent: Intent;
	/** File of the lesson's folder that holds the block's text, "blocks/build.sh". */
	from: string | undefined;
	/** What is wrong, and what to write instead. */
	faults: { what: string; remedy: string }[];
}

interface Word {
	name: string;
	value: string | undefined;
}

const shells = ['bash', 'sh'];
/** Is code in this language read by a shell? @param language "bash" of ```bash */
export const isShell = (language: string): boolean => [...shells, 'shell', 'console'].includes(language);
/** Ours, and to which kind each belongs; "from" goes with all. */
const kindOf: Record<string, 'run' | 'file' | 'open' | 'output' | 'no-run' | 'any'> = {
	run: 'run',
	terminal: 'run',
	host: 'run',
	nowait: 'run',
	interrupt: 'run',
	file: 'file',
	append: 'file',
	replace: 'file',
	open: 'open',
	line: 'open',
	output: 'output',
	compare: 'output',
	'no-run': 'no-run',
	'no-copy': 'no-run',
	from: 'any',
};
/** Those of Expressive Code, which draws the blocks: how a block looks, not what is done with it. */
const looks = ['title', 'frame', 'wrap', 'preserveIndent', 'hangingIndent', 'mark', 'ins', 'del', 'lang'];
const withValue = ['terminal', 'host', 'file', 'replace', 'open', 'line', 'from', 'title', 'frame'];
const withoutValue = ['run', 'nowait', 'interrupt', 'append', 'output', 'no-run', 'no-copy'];

/** @param language "bash" of ```bash run; @param meta what follows it */
export function readFence(language: string, meta: string): Fence {
	const words = wordsOf(meta);
	const faults: Fence['faults'] = [];
	const fault = (what: string, remedy: string) => void faults.push({ what, remedy });
	const has = (name: string) => words.some((word) => word.name === name);
	const value = (name: string) => words.find((word) => word.name === name)?.value;

	for (const [index, { name, value: given }] of words.entries()) {
		if (!(name in kindOf) && !looks.includes(name)) {
			const meant = nearest(name, [...Object.keys(kindOf), ...looks]);
			const remedy = meant ? `Write "${meant}".` : `Known are: ${Object.keys(kindOf).join(', ')}.`;
			fault(`"${name}" means nothing after \`\`\`${language}.`, remedy);
		} else if (words.findIndex((word) => word.name === name) < index && name in kindOf) {
			fault(`"${name}" stands here twice.`, 'Keep one of them.');
		} else if (withValue.includes(name) && !given) {
			fault(`"${name}" says nothing without a value.`, `Write for example ${examples[name] ?? `${name}="…"`}.`);
		} else if (withoutValue.includes(name) && given !== undefined) {
			fault(`"${name}" takes no value.`, `Write "${name}" alone.`);
		}
	}
	const kinds = (['run', 'file', 'open', 'output', 'no-run'] as const).filter(has);
	const [kind, other] = kinds;
	if (kind && other) fault(`A block cannot be both "${kind}" and "${other}".`, 'Make two blocks of it, or take one of the words away.');
	for (const { name } of words) {
		const belongs = kindOf[name];
		if (belongs && belongs !== 'any' && !kinds.includes(belongs))
			fault(
				`"${name}" says nothing without "${belongs}".`,
				`Add ${belongs === 'file' || belongs === 'open' ? `${belongs}=NAME` : `"${belongs}"`}, or take it away.`,
			);
	}
	if (kind === 'run' && !shells.includes(language)) {
		fault(`A block of "${language}" cannot be run: only shell commands can.`, 'Write ```bash run, or leave "run" out.');
	}
	const from = value('from');
	if (from && !/^blocks\/[^/]+$/.test(from)) {
		const remedy = `Put it into the folder "blocks" of the lesson, and write from=blocks/${from.replace(/^.*\//, '') || 'build.sh'}.`;
		fault(`"from=${from}" is not a file of the lesson’s folder "blocks".`, remedy);
	}
	return { intent: intentOf(kind, { has, value, fault }), from: from || undefined, faults };
}

const examples: Record<string, string> = {
	terminal: 'terminal=2',
	host: 'host=c1',
	file: 'file=hello.py',
	open: 'open=hello.def',
	line: 'line=4',
	replace: 'replace="^port:"',
	from: 'from=blocks/build.sh',
};

interface Asking {
	has: (name: string) => boolean;
	value: (name: string) => string | undefined;
	fault: (what: string, remedy: string) => void;
}

function intentOf(kind: Exclude<Intent['kind'], 'read'> | undefined, { has, value, fault }: Asking): Intent {
	switch (kind) {
		case undefined:
			return { kind: 'read' };
		case 'run': {
			return { kind, terminal: terminalOf({ has, value, fault }), wait: !has('nowait'), interrupt: has('interrupt') };
		}
		case 'file': {
			const path = pathOf('file', { value, fault });
			if (has('append') && has('replace')) fault('A block cannot both "append" and "replace".', 'Keep one of them.');
			const pattern = value('replace');
			if (pattern && !linePattern(pattern))
				fault(`replace="${pattern}" is no regular expression.`, 'Put a backslash before ( [ { * + ? that mean themselves.');
			if (pattern !== undefined) return { kind, path, placing: { mode: 'replace', pattern } };
			return { kind, path, placing: { mode: has('append') ? 'append' : 'write' } };
		}
		case 'open': {
			const line = value('line');
			const known = line === undefined || /^[1-9]\d{0,6}$/.test(line);
			if (line && !known) fault(`"line=${line}" is no line of a file.`, 'Write its number, from 1: line=4.');
			return { kind, path: pathOf('open', { value, fault }), line: known && line ? Number(line) : undefined };
		}
		case 'output': {
			const how = value('compare');
			if (how !== undefined && how !== 'regex')
				fault(`"compare=${how}" means nothing.`, 'Write "compare", or "compare=regex" for lines that are regular expressions.');
			return { kind, compare: has('compare') ? (how === 'regex' ? 'regex' : 'text') : undefined };
		}
		case 'no-run':
			return { kind, copy: !has('no-copy') };
	}
}

/** The file that a word names. */
function pathOf(word: 'file' | 'open', { value, fault }: Pick<Asking, 'value' | 'fault'>): string {
	const path = value(word) ?? '';
	const wrong = path && filePathFault(path);
	if (wrong) fault(`The file "${path}" ${wrong}.`, `Write a path from the lesson’s working folder: ${word}=data/hello.py.`);
	return path;
}

/** A node's terminal is called after it: host=c1 and terminal=c1 are the same. */
function terminalOf({ has, value, fault }: Asking): string | undefined {
	if (has('terminal') && has('host')) fault('"terminal" and "host" both say where the block is run.', 'Keep one of them.');
	const host = value('host');
	const name = host || value('terminal');
	if (!name) return undefined;
	if (terminalPattern.test(name) && !(host && nodeOf(name) === undefined)) return name;
	if (/^c\d+$/.test(name)) {
		fault(`There is no node "${name}": a cluster has at most ${mostNodes}, from c1 on.`, 'Write host=c1 to host=c8.');
	} else if (host === 'login' || host === 'main') {
		fault(`"host=${host}" is the machine of the lesson’s terminals 1 to 4.`, 'Write terminal=1, or leave it out.');
	} else if (host) {
		fault(`There is no host "${host}": the nodes of a lesson’s cluster are called c1, c2 and so on.`, 'Write host=c1.');
	} else {
		const remedy = 'Write terminal=1 to terminal=4, or host=c1 for a node of the lesson’s cluster.';
		fault(`There is no terminal "${name}": a lesson has at most four.`, remedy);
	}
	return undefined;
}

/** Words of a fence; values may stand in quotes. What only says how a block looks ({1-3}, "text", /text/) is left out. */
function wordsOf(meta: string): Word[] {
	const words: Word[] = [];
	const pattern =
		/([^\s="'{}/]+)(?:=("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\{[^}]*\}(?=\s|$)|\S*))?|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\{[^}]*\}|\/\S*\/|\S/g;
	for (const [, name, value] of meta.matchAll(pattern)) {
		if (name === undefined) continue;
		words.push({
			name,
			value: value === undefined ? undefined : /^["']/.test(value) ? value.slice(1, -1).replace(/\\(["'])/g, '$1') : value,
		});
	}
	return words;
}
