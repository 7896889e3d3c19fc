/**
 * Values that differ from learner to learner, so that neighbours do not copy answers. A course or a lesson declares them under
 * `parameters`; which value a learner has follows from a seed (sandbox-server/sandboxes/learner-values.ts). They stand in texts as `{{animal}}`, and in the
 * environment of shells and scripts as `$ANIMAL`.
 */
import { z } from 'zod';
import { isClusterValue, wordOfShell } from './cluster-profile.ts';

/** "animal" → "heron" */
export type Values = Record<string, string>;

/** What one parameter may be. */
export type Parameter =
	| { kind: 'choice'; choices: string[] }
	/** A whole number, both ends included. */
	| { kind: 'range'; from: number; to: number }
	/** So many characters of that alphabet. */
	| { kind: 'code'; length: number; alphabet: string };

export type Parameters = Record<string, Parameter>;

/** Without vowels no word comes out that somebody would rather not read; l is too much like 1. */
const letters = 'bcdfghjkmnpqrstvwxz';
const digits = '0123456789';
/** The seed gives so many random bits. */
const seedBits = 48;

const rangePattern = /^(\d{1,9})\s*-\s*(\d{1,9})$/;
const codePattern = /^([1-9]|[12]\d|3[0-2]) (letters?|digits?)$/;
const shape = 'a list such as [heron, otter, vole], a range such as 8000-8999, or a code such as "6 letters" or "4 digits"';

/** No space, quote or sign that a shell would read: a value stands in commands as it is. */
const choiceSchema = z
	.union([z.string(), z.number().int()], 'a word or a whole number')
	.transform(String)
	.pipe(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, 'a word of letters, digits, ".", "_" and "-" (at most 40)'));

export const parameterSchema = z
	.union([z.array(choiceSchema), z.string()], shape)
	.transform((text, context): Parameter => {
		const refuse = (message: string): never => {
			context.addIssue({ code: 'custom', message, params: { remedy: `Write ${shape}.` } });
			return z.NEVER;
		};
		if (typeof text !== 'string') {
			if (new Set(text).size !== text.length) return refuse('one of the choices stands there twice; each may stand there once');
			return text.length < 2
				? refuse('a list has at least two choices; with one, every learner would have the same')
				: { kind: 'choice', choices: text };
		}
		const range = rangePattern.exec(text);
		if (range) {
			const [from, to] = [Number(range[1]), Number(range[2])];
			return from < to ? { kind: 'range', from, to } : refuse(`the range ${text} has its smaller end last; write ${to}-${from}`);
		}
		const code = codePattern.exec(text);
		if (code) return { kind: 'code', length: Number(code[1]), alphabet: code[2]?.startsWith('letter') ? letters : digits };
		return refuse(`"${text}" is neither a range nor a code`);
	})
	.describe(shape);

/** Variables that shells, programs and this system read: a parameter must not change them. */
const reserved =
	/^(PATH|HOME|USER|LOGNAME|SHELL|SHLVL|TERM|COLORTERM|LANG|LANGUAGE|LC_.*|LD_.*|TZ|TMPDIR|PWD|OLDPWD|CDPATH|IFS|ENV|UID|EUID|PPID|GROUPS|HOSTNAME|HOSTTYPE|MACHTYPE|OSTYPE|RANDOM|SECONDS|LINENO|OPTARG|OPTIND|OPTERR|REPLY|PS[0-4]|PROMPT_.*|HIST.*|BASH.*|COMP_.*|COLUMNS|LINES|INPUTRC|MAIL.*|MAN.*|EDITOR|VISUAL|PAGER|LESS.*|LS_COLORS|FOLDER|LEARNER|CLUSTER_.*|ETABLI.*|APPTAINER.*|SINGULARITY.*|PYTHON.*|PERL.*|NODE_.*|GIT_.*|SSH_.*|DOCKER_.*|XDG_.*|.*_PROXY)$/;

/** "animal" → "ANIMAL": its name in the environment. */
export const variableOf = (name: string): string => name.toUpperCase();

const nameSchema = z.string().superRefine((name, context) => {
	const message = nameFault(name);
	if (message) context.addIssue({ code: 'custom', message });
});

export const parametersSchema = z.record(nameSchema, parameterSchema).describe('values that differ from learner to learner');

function nameFault(name: string): string | undefined {
	if (!/^[a-z][a-z0-9_]{0,29}$/.test(name))
		return 'a parameter is named by small letters, digits and "_", beginning with a letter, such as "animal"';
	if (reserved.test(variableOf(name))) return `$${variableOf(name)} means something to programs already`;
	return undefined;
}

/** How many different values there are; Infinity is written as a large number. */
export function countOf(parameter: Parameter): number {
	if (parameter.kind === 'choice') return parameter.choices.length;
	return parameter.kind === 'range' ? parameter.to - parameter.from + 1 : parameter.alphabet.length ** parameter.length;
}

/** @param seed whole numbers from 0 to 2⁴⁸−1: one for a choice or a range, one for each eight characters of a code */
export function valueOf(parameter: Parameter, seed: (index: number) => number): string {
	if (parameter.kind === 'choice') return parameter.choices[seed(0) % parameter.choices.length] ?? '';
	if (parameter.kind === 'range') return String(parameter.from + (seed(0) % (parameter.to - parameter.from + 1)));
	const { length, alphabet } = parameter;
	let text = '';
	for (let index = 0; index < length; index++) {
		const number = Math.floor(seed(Math.floor(index / 8)) / alphabet.length ** (index % 8));
		text += alphabet[number % alphabet.length];
	}
	return text;
}

/** What stands in the text where no server says which value the reader has. */
export const exampleOf = (parameter: Parameter): string => valueOf(parameter, () => Math.floor(2 ** seedBits / 3));

/** Characters of the longest value: the room that is kept for it. */
export function widthOf(parameter: Parameter): number {
	if (parameter.kind === 'choice') return Math.max(...parameter.choices.map(({ length }) => length));
	return parameter.kind === 'range' ? String(parameter.to).length : parameter.length;
}

/** `{{animal}}` in a text, and `{{cluster.partition}}` of the operator's profile (cluster-profile.ts). */
export const valuePattern = /\{\{\s*(cluster\.[\w.-]*|[a-z][a-z0-9_]*)\s*\}\}/g;

/**
 * A text with the values in place of `{{name}}`; other names stay as they are: they may be a template's of another program.
 * @param shell the text is code of a shell: there, what the operator calls things is quoted where need be
 */
export function fillValues(text: string, values: Values, shell = true): string {
	return text.replace(valuePattern, (whole, name: string, at: number) => {
		const value = values[name];
		if (value === undefined) return whole;
		return shell && isClusterValue(name) ? wordOfShell(name, value, text.slice(0, at)) : value;
	});
}

/** For the environment: { animal: "heron" } → { ANIMAL: "heron" }. */
export function valuesEnv(values: Values): Record<string, string> {
	return Object.fromEntries(Object.entries(values).map(([name, value]) => [variableOf(name), value]));
}

/** Parameters that a script reads: `$NAME`, `${NAME…`, in other languages the bare word; or `{{name}}` in a solution. */
export function namesIn(script: string, parameters: Parameters): string[] {
	return Object.keys(parameters).filter((name) =>
		new RegExp(`(?<![A-Za-z0-9_])${variableOf(name)}(?![A-Za-z0-9_])|\\{\\{\\s*${name}\\s*\\}\\}`).test(script),
	);
}
