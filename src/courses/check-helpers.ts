/** The helpers of checks (sandbox-server/guest/check.sh), and what can be seen to be wrong with their use before a learner meets it. */
import { nearest } from '../shared/nearest.ts';
import { readShell, type ShellCommand } from './shell-commands.ts';
import { isProgramHere, regexFault } from './shell-syntax.ts';

/** Name → how many words it takes: at least, at most. */
export const checkHelpers: Readonly<Record<string, readonly [number, number]>> = {
	pass: [0, 0],
	fail: [2, 4],
	broken: [1, 99],
	file_exists: [1, 1],
	dir_exists: [1, 1],
	file_contains: [2, 2],
	file_equals: [2, 2],
	file_mode: [2, 2],
	same_content: [2, 2],
	strayed: [1, 1],
	lesson_folder: [0, 0],
	excerpt: [1, 2],
	matches: [2, 2],
	as_regex: [1, 1],
	ran: [1, 1],
	ran_any: [1, 1],
	ran_failed: [1, 1],
	has_failed: [1, 1],
	ran_after: [2, 2],
	printed: [1, 2],
	commands: [0, 0],
	last_command: [1, 1],
	whole_command: [1, 1],
	last_matches: [2, 2],
	apptainer_call: [1, 1],
	shell_writes: [2, 2],
	def_section: [2, 2],
	def_header: [2, 2],
	job: [1, 25],
	job_says: [2, 26],
	cluster_says: [2, 2],
	on_host: [2, 99],
	quiz_right: [1, 1],
	process_runs: [1, 1],
	which_process: [1, 1],
	port_open: [1, 1],
	port_answers: [2, 3],
	port_says: [1, 2],
	is_sif: [1, 1],
	sif_label: [2, 2],
	sif_labels: [1, 1],
	sif_definition: [1, 1],
	sif_runscript: [1, 1],
	sif_test: [1, 1],
	sif_help: [1, 1],
	sif_environment: [1, 1],
	sif_partitions: [1, 1],
	sif_arch: [1, 1],
	sif_size: [1, 1],
	sif_id: [1, 1],
	sif_descriptors: [1, 1],
	sif_signed: [1, 1],
	sif_built_here: [1, 1],
	sif_signers: [1, 1],
	sif_verified: [1, 2],
	sif_at_most: [2, 2],
	readable_size: [1, 1],
	sif_built_from: [2, 2],
	instance_running: [1, 1],
	instance_image: [1, 1],
	registry_has: [1, 1],
};

/** Helper → which of its words are regular expressions, from 1. */
const patterns: Readonly<Record<string, readonly number[]>> = {
	file_contains: [2],
	excerpt: [2],
	matches: [2],
	ran: [1],
	ran_any: [1],
	ran_failed: [1],
	has_failed: [1],
	ran_after: [1, 2],
	printed: [1, 2],
	last_command: [1],
	whole_command: [1],
	last_matches: [1, 2],
	job: [1],
	job_says: [1],
	process_runs: [1],
	which_process: [1],
	port_answers: [2],
};

/** What every check finds in its environment, but for what cannot be mistaken for anything of a course. */
const environment = ['HOME', 'PATH', 'PWD', 'LEARNER', 'ETABLI_LANG', 'ETABLI_QUIZZES'];

/** What a shell, or a login, gives a value, besides BASH… and LC_…: never misspelt, and never meant by what is. */
const shellVariables = new Set(
	(
		'COLUMNS DIRSTACK EDITOR EPOCHREALTIME EPOCHSECONDS EUID FUNCNAME GROUPS HISTFILE HOSTNAME HOSTTYPE IFS LANG LANGUAGE LINENO LINES ' +
		'LOGNAME MACHTYPE MAIL MAPFILE OLDPWD OPTARG OPTERR OPTIND OSTYPE PAGER PIPESTATUS PPID PS1 PS2 PS4 RANDOM REPLY SECONDS SHELL ' +
		'SHELLOPTS SHLVL SRANDOM TERM TMPDIR UID USER'
	).split(' '),
);
const isShells = (name: string): boolean => shellVariables.has(name) || /^(BASH|LC_)/.test(name);

/** What a lesson has that a check can speak of. */
export interface CheckSetting {
	/** Names of the variables of its parameters. */
	variables: readonly string[];
	/** Ids of its quizzes. */
	quizzes: readonly string[];
}

export interface HelperFault {
	line: number;
	what: string;
	remedy: string;
}

/**
 * @param script text of a check; one that does not load check.sh has no helpers, and nothing is said of it
 * @param setting undefined when the lesson cannot be read
 */
export function helperFaults(script: string, setting?: CheckSetting): HelperFault[] {
	const { commands, functions, variables, assigned } = readShell(script);
	const loaded = commands.flatMap(({ words: [name, file = ''] }) => (name === '.' || name === 'source' ? [file] : []));
	const isLibrary = (file: string): boolean => file.endsWith('/check.sh');
	if (!loaded.some(isLibrary)) return [];
	// What another file or an evaluated text defines is not seen from here.
	const whole = loaded.every(isLibrary) && !commands.some(({ words: [name] }) => name === 'eval');
	const own = [...functions];
	const known = [...environment, ...assigned, ...(setting?.variables ?? [])];
	const found = commands.flatMap((command): (HelperFault | undefined)[] => {
		const [name = ''] = command.words;
		if (own.includes(name)) return [];
		const { line } = command;
		if (!Object.hasOwn(checkHelpers, name)) return whole ? [at(line, nameFault(name))] : [];
		return [
			at(line, usageFault(command) ?? patternFault(command) ?? quizFault(command, setting)),
			at(line, sentenceFault(command, assigned)),
		];
	});
	const misspelt = (whole ? variables : []).map(({ name, line }) => at(line, variableFault(name, known)));
	return [...found, ...misspelt].filter((fault) => fault !== undefined).sort((a, b) => a.line - b.line);
}

const at = (line: number, fault: Fault): HelperFault | undefined => fault && { line, ...fault };

type Fault = Omit<HelperFault, 'line'> | undefined;

/** What is near to a helper's name, and is no program of this machine either. */
function nameFault(name: string): Fault {
	if (!/^[a-z]\w+$/.test(name)) return undefined;
	const meant = nearest(name, Object.keys(checkHelpers));
	// A word that a helper only begins with is a program of the course's image: apptainer.
	if (!meant || (meant.startsWith(name) && !name.includes('_')) || isProgramHere(name)) return undefined;
	return { what: `There is no helper "${name}": the check would break.`, remedy: `Write ${meant}.` };
}

function usageFault({ words: [name = '', ...words], open }: ShellCommand): Fault {
	if (name === 'fail') return failFault(words, open);
	const [least, most] = checkHelpers[name] ?? [0, 99];
	if (open || (words.length >= least && words.length <= most)) return undefined;
	const wanted = least === most ? `${most} word${most === 1 ? '' : 's'}` : most > 90 ? `at least ${least}` : `${least} or ${most} words`;
	const remedy = words.length > most && most > 0 ? 'Put what belongs together between quotes.' : 'Compare with docs/author/checks.md.';
	return { what: `${name} takes ${wanted}, and is given ${words.length}.`, remedy };
}

function failFault(words: readonly string[], open: boolean): Fault {
	const [, , hint, number = ''] = words;
	if (words.length === 2) return undefined;
	if (words.length === 4 && hint === 'hint' && /^([1-9]\d*|\$)$/.test(number)) return undefined;
	if (words.length > 2 && /^hints?\d*$/i.test(hint ?? '')) {
		const what = `Behind its two sentences, fail takes "hint NUMBER"; here stands "${words.slice(2).join(' ')}".`;
		return { what, remedy: 'Write for example: fail "…" "…" hint 1' };
	}
	if (open && words.length < 2) return undefined;
	const what = `fail takes two sentences, and perhaps "hint NUMBER"; here it is given ${words.length} words, the first "${words[0] ?? ''}".`;
	return { what, remedy: "Put each sentence between double quotes: an apostrophe ends a text that began with one ('Il n'y a …')." };
}

/** A pattern that grep reads otherwise than it was meant matches nothing, and the step is never done. */
function patternFault({ words, filled }: ShellCommand): Fault {
	const [name = ''] = words;
	for (const place of patterns[name] ?? []) {
		const regex = words[place];
		// What is filled in is known in the sandbox alone.
		const fault = regex === undefined || filled[place] ? undefined : regexFault(regex);
		if (fault) {
			const what = `This pattern of ${name} is no regular expression that grep -E understands: ${fault}.`;
			return { what, remedy: `Write \\ before a sign that is meant as itself, [0-9] for a digit; here stands: ${regex}` };
		}
	}
	return undefined;
}

function quizFault({ words: [name, id = ''], filled }: ShellCommand, setting: CheckSetting | undefined): Fault {
	if (name !== 'quiz_right' || !setting || filled[1] || setting.quizzes.includes(id)) return undefined;
	const remedy = setting.quizzes.length > 0 ? `Its quizzes: ${setting.quizzes.join(', ')}.` : 'Write <Quiz id="…">, in both languages.';
	return { what: `There is no quiz "${id}" in both languages of this lesson: it would never be right.`, remedy };
}

/** Marks of Markdown, or tags, in what a check says; in code they are text. */
export const marksIn = (sentence: string): string | undefined =>
	/\*\*[^*\s][^*]*\*\*|\[[^\]]+\]\([^)]*\)|<\/?(?:b|i|em|strong|code|br|a)\b[^>]*>/.exec(sentence.replace(/`[^`]*`/g, ''))?.[0];

/** What the learner would read otherwise than it was meant. */
function sentenceFault({ words: [name, ...words], kept, ticks }: ShellCommand, assigned: ReadonlySet<string>): Fault {
	if (name !== 'fail') return undefined;
	if (ticks)
		return {
			what: 'Back-ticks between double quotes run what stands between them.',
			remedy: 'Write \\` for each, or put the sentence between single quotes.',
		};
	const marks = words.map((word) => marksIn(word)).find((mark) => mark !== undefined);
	if (marks) return { what: `"${marks}" is shown as it stands.`, remedy: 'A sentence has code between back-ticks, and no other marks.' };
	const unfilled = kept.find((one) => assigned.has(one));
	if (!unfilled) return undefined;
	return { what: `Between single quotes $${unfilled} is shown as it stands.`, remedy: 'Put the sentence between double quotes.' };
}

/** In a substitution the shell goes on without a value: the answer would be "not yet", whatever the learner did. */
function variableFault(name: string, known: readonly string[]): Fault {
	// Everything is near to a name of one or two letters.
	if (name.length < 3 || known.includes(name) || isShells(name)) return undefined;
	const meant = nearest(name, known);
	return meant ? { what: `Nothing gives $${name} a value.`, remedy: `Write $${meant}.` } : undefined;
}
