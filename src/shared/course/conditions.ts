/**
 * What an author writes in lesson.yaml in place of a check's script: one condition or several, each with its own sentence and hint.
 * Compiled into a script by src/courses/compile-conditions.ts; described for authors in docs/author/conditions.md.
 */
import { z } from 'zod';
import { bytesSchema } from '../bytes.ts';
import { courseTextSchema } from '../language.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
const noControl = /^[^\x00-\x1f\x7f]*$/;
const regexSchema = z
	.string('between quotes, as a regular expression is a text')
	.min(1)
	.max(500)
	.regex(noControl, 'one line')
	.describe('an extended regular expression, as grep -E reads it');
const regexesSchema = z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(regexSchema).min(1).max(20));
const pathSchema = z
	.string('between quotes: the path is a text')
	.min(1)
	.max(300)
	.regex(noControl, 'one line')
	.describe("a path: from the lesson's folder, from ~/ or from /");
const nameSchema = z
	.string('between quotes: the name is a text')
	.regex(/^[\w$][\w$.:/@+-]*$/, 'letters, digits and . : / @ + -')
	.max(200);
const modeSchema = z.coerce
	.string()
	.regex(/^0?[0-7]{3,4}$/, 'rights in octal digits, such as 644')
	.transform((text) => text.replace(/^0(?=...)/, ''))
	.describe('rights in octal digits');
const flagSchema = z.literal(true);
const missing = flagSchema.optional().describe('true: it must not be there (any more)');

const common = {
	fail: courseTextSchema.optional().describe('what the learner is told while it is not so; left out: a sentence is made'),
	hint: z.number().int().min(1).max(99).optional().describe('the hint that helps, from 1'),
};

/** Of a job that has ended, and of one that has not. */
const jobStates = ['COMPLETED', 'FAILED', 'TIMEOUT', 'CANCELLED', 'OUT_OF_MEMORY', 'NODE_FAIL', 'PENDING', 'RUNNING'] as const;

/** One schema for each kind; the key that gives a kind its name says what is looked at. */
const kinds = {
	file: z.strictObject({
		file: pathSchema,
		contains: regexesSchema.optional().describe('some line matches; several: each is found'),
		lacks: regexesSchema.optional().describe('no line matches'),
		equals: z
			.string('between quotes: it is compared as a text')
			.max(4000)
			.optional()
			.describe('the whole content, but for line ends at its end'),
		same_as: pathSchema.optional().describe('another file that has the same content'),
		mode: modeSchema.optional(),
		missing,
		...common,
	}),
	dir: z.strictObject({ dir: pathSchema, mode: modeSchema.optional(), missing, ...common }),
	ran: z.strictObject({
		ran: regexSchema.describe('a command of the learner that ended well'),
		failed: flagSchema.optional().describe('true: that ended badly'),
		after: regexSchema.optional().describe('only after a command that matches this had ended well'),
		...common,
	}),
	printed: z.strictObject({
		printed: regexSchema.describe('a line that a command of the learner printed'),
		by: regexSchema.optional().describe('only by a command that matches this'),
		...common,
	}),
	process: z.strictObject({ process: regexSchema.describe('a running program, by its whole command line'), missing, ...common }),
	port: z.strictObject({
		port: z.number().int().min(1).max(65535).describe('a program listens on it, on the sandbox’s loopback'),
		answers: regexSchema.optional().describe('some line of what it answers to GET'),
		path: z
			.string()
			.regex(/^\/[\w./~%?=&+-]*$/, 'a path such as /index.html')
			.optional()
			.describe('of that GET; / if left out'),
		missing,
		...common,
	}),
	instance: z.strictObject({
		instance: nameSchema.describe('a running Apptainer instance of this name'),
		from: pathSchema.optional().describe('the image that it was started from'),
		missing,
		...common,
	}),
	registry: z.strictObject({
		registry: nameSchema.regex(/:[\w.-]+$/, 'a name with its tag, such as $LEARNER/lolcow:1.0').describe('the registry holds it'),
		...common,
	}),
	job: z.strictObject({
		job: regexSchema.describe('a job of the learner’s cluster whose name matches'),
		state: z.enum(jobStates).optional().describe('how it ended, or where it is'),
		exit: z.number().int().min(0).max(255).optional().describe('the code that it ended with'),
		nodes: z.number().int().min(1).max(8).optional().describe('on so many nodes, or more'),
		lasted: z.number().int().min(1).optional().describe('so many seconds, or more'),
		tasks: z.number().int().min(2).max(1000).optional().describe('all of this holds for so many tasks of one array, or more'),
		script: regexesSchema.optional().describe('some line of its script, as it was submitted'),
		output: regexesSchema.optional().describe('some line of its output file'),
		dependency: regexSchema.optional().describe('of a job that has not begun: what it waits for, as Slurm writes it, afterok:4(failed)'),
		after: regexSchema.optional().describe('it waited for the newest job of such a name, until all its tasks had ended'),
		...common,
	}),
	quiz: z.strictObject({
		quiz: z
			.preprocess(
				(value) => (Array.isArray(value) ? value : [value]),
				z.array(z.string('a quiz’s id, or all').regex(/^[a-z0-9-]+$/, 'a quiz’s id, or all')).min(1),
			)
			.describe('quizzes that have been answered rightly: all (of the step), or ids'),
		...common,
	}),
	sif: z.strictObject({
		sif: pathSchema.describe('a SIF image that can be read'),
		label: z
			.record(z.string().regex(/^[\w.-]+$/), regexSchema)
			.optional()
			.describe('labels, each with what it matches'),
		definition: regexesSchema.optional().describe('some line of the definition that it keeps'),
		runscript: regexesSchema.optional().describe('some line of its runscript'),
		environment: regexesSchema.optional().describe('some line of its environment'),
		test: regexesSchema.optional().describe('some line of its test'),
		help: regexesSchema.optional().describe('some line of its help'),
		built_from: pathSchema.optional().describe('the definition file whose text it keeps'),
		built_here: flagSchema.optional().describe('true: made in this sandbox, not brought in ready-made'),
		signed: z
			.union(
				[flagSchema, z.string().regex(/^[0-9A-Fa-f]{40}$/, 'true, or the 40 digits of a key’s fingerprint between quotes')],
				'true, or the 40 digits of a key’s fingerprint between quotes',
			)
			.optional()
			.describe('every part signed, and verified with the keys that the sandbox has; a fingerprint: by that key'),
		at_most: bytesSchema.optional(),
		arch: z
			.string()
			.regex(/^[a-z0-9]+$/, 'a name such as amd64')
			.optional()
			.describe('the processor that it is made for'),
		partitions: z.number().int().min(1).max(100).optional().describe('number of its file systems'),
		...common,
	}),
} as const;

export type ConditionKind = keyof typeof kinds;
export const conditionKinds = Object.keys(kinds) as ConditionKind[];
export type ConditionOf<K extends ConditionKind> = z.output<(typeof kinds)[K]>;
export type Condition = { [K in ConditionKind]: ConditionOf<K> }[ConditionKind];

/** Keys whose values are regular expressions, for those who try them out. */
const regexKeys = new Set([
	'contains',
	'lacks',
	'ran',
	'after',
	'printed',
	'by',
	'process',
	'job',
	'script',
	'output',
	'answers',
	'definition',
	'runscript',
	'environment',
	'test',
	'help',
	'label',
]);
/** Every regular expression of a condition, with its key. */
export function regexesOf(condition: Condition): { key: string; regex: string }[] {
	return Object.entries(condition).flatMap(([key, value]) => {
		if (!regexKeys.has(key)) return [];
		const found: unknown[] = typeof value === 'object' ? Object.values(value as object) : [value];
		return found.map((regex) => ({ key, regex: String(regex) }));
	});
}

/** The same condition with `change` applied to every regular expression, wherever it is in it. */
export function changeRegexes<C extends Condition>(condition: C, change: (regex: string) => string): C {
	const changed = (value: unknown): unknown => {
		if (typeof value === 'string') return change(value);
		if (Array.isArray(value)) return value.map(changed);
		return typeof value === 'object' && value !== null
			? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, changed(inner)]))
			: value;
	};
	return Object.fromEntries(Object.entries(condition).map(([key, value]) => [key, regexKeys.has(key) ? changed(value) : value])) as C;
}

/** Of which kind it is. */
export const kindOf = (condition: object): ConditionKind | undefined => conditionKinds.find((kind) => kind in condition);

type Issue = { message: string; path: PropertyKey[]; params: { remedy?: string; known?: string[]; key?: string } };

/** What is wrong with one condition, in words: `known` are the keys that would have been right in place of `key`. */
function readCondition(value: unknown): { condition: Condition } | { issues: Issue[] } {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		const remedy = `Write for example { file: out.txt }; the kinds are ${conditionKinds.join(', ')}.`;
		return { issues: [{ message: 'this is no condition', path: [], params: { remedy } }] };
	}
	const named = conditionKinds.filter((kind) => kind in value);
	const [kind] = named;
	if (kind === undefined) {
		const [key = ''] = Object.keys(value);
		return { issues: [{ message: 'this condition does not say what to look at', path: [key], params: { key, known: conditionKinds } }] };
	}
	if (named.length > 1) {
		const remedy = `Write a condition for each: a list, with - ${named.map((name) => `${name}: …`).join(' and - ')}.`;
		return { issues: [{ message: `this looks at several things at once (${named.join(', ')})`, path: [kind], params: { remedy } }] };
	}
	const read = kinds[kind].safeParse(value);
	if (!read.success) return { issues: read.error.issues.flatMap((issue) => explain(issue, Object.keys(kinds[kind].shape))) };
	const condition = read.data as Condition;
	const others = Object.keys(condition).filter((key) => !['missing', 'fail', 'hint', kind].includes(key));
	if ('missing' in condition && condition.missing && others.length > 0) {
		const message = `what must be missing cannot have ${others.join(', ')} as well`;
		return { issues: [{ message, path: ['missing'], params: { remedy: 'Leave one of them out.' } }] };
	}
	if (kind === 'port' && 'path' in condition && !('answers' in condition)) {
		const remedy = 'Add what the answer is to match: answers: .';
		return { issues: [{ message: '`path` is of a question, and there is none', path: ['path'], params: { remedy } }] };
	}
	if ('failed' in condition && 'after' in condition) {
		const remedy = 'Write a condition for each.';
		return { issues: [{ message: '`failed` and `after` do not go together', path: ['after'], params: { remedy } }] };
	}
	return { condition };
}

function explain(issue: z.core.$ZodIssue, known: string[]): Issue[] {
	if (issue.code === 'unrecognized_keys') {
		return issue.keys.map((key) => ({
			message: 'this is not a key that exists here',
			path: [...issue.path, key],
			// Below the first level stands only `fail`, whose keys are the languages: another one is what followed a comma.
			params:
				issue.path.length === 0 || ['fr', 'en'].includes(key.toLowerCase())
					? { key, known: issue.path.length === 0 ? known : ['fr', 'en'] }
					: {
							remedy:
								'A text that holds a comma goes between quotes: { fr: "Un, deux", en: "One, two" }. Other keys than fr and en there are not.',
						},
		}));
	}
	return [{ message: issue.message, path: issue.path, params: {} }];
}

/** One condition, or a list of them, as it stands in lesson.yaml; what is wrong with them is told to `context`. */
export function readConditions(value: unknown, context: z.RefinementCtx): Condition[] {
	const list: unknown[] = Array.isArray(value) ? value : [value];
	if (list.length === 0) {
		context.addIssue({
			code: 'custom',
			message: 'the list of conditions is empty',
			params: { remedy: 'Add one, such as { file: out.txt }.' },
		});
	}
	return list.flatMap((entry, index) => {
		const read = readCondition(entry);
		if ('condition' in read) return [read.condition];
		for (const { message, path, params } of read.issues) {
			context.addIssue({ code: 'custom', message, path: Array.isArray(value) ? [index, ...path] : path, params });
		}
		return [];
	});
}
