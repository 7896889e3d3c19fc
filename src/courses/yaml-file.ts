import { type Document, LineCounter, parseDocument, type YAMLError } from 'yaml';
import { z } from 'zod';
import { nearest } from '../shared/nearest.ts';
import type { Problem } from './problem.ts';
import { explainYaml } from './yaml-words.ts';

/**
 * Parses YAML and holds it against a schema.
 * @param firstLine line of the file on which `text` starts, from 1 (front matter starts on line 2)
 * @returns the value, or all problems with their lines
 */
export function parseYaml<S extends z.ZodType>(
	file: string,
	text: string,
	schema: S,
	firstLine = 1,
): { value: z.output<S>; problems: [] } | { value: undefined; problems: Problem[] } {
	const counter = new LineCounter();
	const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
	const lineOf = (position: number) => counter.linePos(position).line + firstLine - 1;
	// What follows from a fault in the same line, or from one before, only says it again.
	const brokenYaml = (errors: readonly Pick<YAMLError, 'code' | 'message' | 'pos'>[]): Problem[] => {
		const [first, ...rest] = errors.map((error) => explainYaml(error, text, counter.linePos(error.pos[0]).line));
		const independent = rest.filter((fault) => fault.line !== first?.line && /tab|twice/.test(fault.what));
		return (first ? [first, ...independent] : []).map((fault) => ({ file, ...fault, line: fault.line + firstLine - 1 }));
	};
	if (document.errors.length > 0) {
		return { value: undefined, problems: brokenYaml(document.errors) };
	}
	let written: unknown;
	try {
		written = document.toJS() ?? {};
	} catch (error) {
		// A name that begins with * stands for what another place has called so.
		const at = text.search(/[:\s,[]\*\w/);
		const detail = {
			code: 'BAD_ALIAS',
			message: error instanceof Error ? error.message : String(error),
			pos: [at + 1, at + 2] as [number, number],
		} as const;
		return { value: undefined, problems: brokenYaml([detail]) };
	}
	const result = schema.safeParse(written);
	if (result.success) return { value: result.data, problems: [] };
	const problems = result.error.issues.flatMap((issue) =>
		describeIssue(issue, schema, written).map(({ what, remedy, path }) => ({ file, line: lineAt(document, path, lineOf), what, remedy })),
	);
	return { value: undefined, problems };
}

type Issue = z.core.$ZodIssue;
type Path = PropertyKey[];

function describeIssue(issue: Issue, schema: z.ZodType, written: unknown): { what: string; remedy: string; path: Path }[] {
	const where = issue.path.length > 0 ? `\`${issue.path.map(String).join('.')}\`` : 'the file';
	if (issue.code === 'unrecognized_keys') {
		const known = keysAt(schema, issue.path);
		return issue.keys.map((key) => {
			const meant = nearest(key, known);
			return {
				path: [...issue.path, key],
				what: `\`${[...issue.path, key].map(String).join('.')}\` is not a key that exists here.`,
				remedy: meant ? `Write \`${meant}\`, or remove it.` : `Remove it, or use one of: ${known.join(', ')}.`,
			};
		});
	}
	// A key whose name is not allowed.
	if (issue.code === 'invalid_key')
		return [{ path: issue.path, what: `${where}: ${issue.issues[0]?.message}.`, remedy: 'Choose another name.' }];
	// A rule of our own, which says itself what to do, or between which words to choose.
	if (issue.code === 'custom') return [{ path: issue.path, what: `${where}: ${issue.message}.`, remedy: ownRemedy(issue) }];
	const missing = issue.code === 'invalid_type' && 'input' in issue === false && /received undefined/.test(issue.message);
	const { description, shape } = schemaAt(schema, issue.path);
	const meaning = description && description !== shape ? ` (${description})` : '';
	const expected = expectation(issue, shape, keysAt(schema, issue.path));
	if (missing) {
		return [{ path: issue.path, what: `${where} is missing${meaning}.`, remedy: `Add ${where}: ${expected}.` }];
	}
	const value = issue.path.reduce<unknown>((at, part) => (at as Record<PropertyKey, unknown> | undefined)?.[part], written);
	return [{ path: issue.path, what: `${where} is ${shown(value)}, which is not as expected.`, remedy: `Write ${expected}${meaning}.` }];
}

/** What stands there, as short as it can be said. */
function shown(value: unknown): string {
	if (value === null || value === undefined) return 'empty';
	if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
	if (typeof value === 'object') return 'keys and values';
	const text = String(value);
	return typeof value === 'string' ? `"${text.length > 40 ? `${text.slice(0, 39)}…` : text}"` : text;
}

function ownRemedy(issue: Extract<Issue, { code: 'custom' }>): string {
	const { remedy, known, key } = (issue.params ?? {}) as { remedy?: string; known?: readonly string[]; key?: string };
	if (remedy !== undefined) return remedy;
	if (known === undefined) return issue.params === undefined ? 'Change one of these values.' : 'Write it as it is expected.';
	if (known.length === 0) return 'Remove it.';
	const meant = nearest(key ?? '', known);
	return meant ? `Write \`${meant}\`, or remove it.` : `Remove it, or use one of: ${known.join(', ')}.`;
}

const typeWords: Record<string, string> = {
	number: 'a number',
	int: 'a whole number',
	string: 'a text',
	boolean: 'true or false',
	array: 'a list, such as [one, two]',
	record: 'keys and values',
};

/** @param shape how the value is to look; @param keys of what stands there */
function expectation(issue: Issue, shape: string | undefined, keys: readonly string[]): string {
	switch (issue.code) {
		case 'invalid_type':
			if (issue.expected === 'object' && keys.length > 0)
				return `${keys.length === 1 ? 'the key' : 'the keys'} ${keys.join(', ')} below it`;
			if (issue.expected === 'string' && shape) return shape;
			return typeWords[issue.expected] ?? `a value of type ${issue.expected}`;
		case 'invalid_union':
			return shape ?? issue.message;
		case 'invalid_format':
			return issue.message.replace(/^Invalid string: /, '');
		case 'invalid_value':
			return `one of ${issue.values.map(String).join(', ')}`;
		case 'too_small':
			return `at least ${issue.minimum}${issue.origin === 'array' ? ' entries' : ''}`;
		case 'too_big':
			return `at most ${issue.maximum}`;
		default:
			return issue.message;
	}
}

/**
 * Follows a path through objects, arrays and wrappers (default, optional, prefault).
 * @returns `description`: what the value is for; `shape`: how it looks, of the innermost that says so
 */
function schemaAt(schema: z.ZodType, path: Path): { schema: z.ZodType; description: string | undefined; shape: string | undefined } {
	let current: z.ZodType | undefined = schema;
	let description: string | undefined = current.description;
	let shape: string | undefined;
	const unwrap = () => {
		while (current && !(current instanceof z.ZodObject) && !(current instanceof z.ZodArray)) {
			const inner: unknown = (current.def as { innerType?: unknown }).innerType;
			if (!(inner instanceof z.ZodType)) break;
			current = inner;
			description ??= current.description;
			if (!(current instanceof z.ZodObject)) shape = current.description ?? shape;
		}
	};
	unwrap();
	for (const part of path) {
		if (current instanceof z.ZodObject) current = (current.shape as Record<string, z.ZodType>)[String(part)];
		else if (current instanceof z.ZodArray) current = current.element as z.ZodType;
		else if (current instanceof z.ZodRecord) current = current.valueType as z.ZodType;
		else current = undefined;
		if (!current) return { schema: z.unknown(), description: undefined, shape: undefined };
		description = current.description;
		shape = undefined;
		unwrap();
	}
	return { schema: current, description, shape: shape ?? (current instanceof z.ZodPipe ? current.description : undefined) };
}

const keysAt = (schema: z.ZodType, path: Path): string[] => {
	const at = schemaAt(schema, path).schema;
	return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
};

/** Line, from 1, on which the value at `path` begins in a YAML text; undefined: there is no such value. */
export function lineOfPath(text: string, path: PropertyKey[]): number | undefined {
	const counter = new LineCounter();
	const node = parseDocument(text, { lineCounter: counter, prettyErrors: false }).getIn(path, true) as { range?: [number] } | undefined;
	return node?.range && counter.linePos(node.range[0]).line;
}

function lineAt(document: Document, path: Path, lineOf: (position: number) => number): number | undefined {
	for (let length = path.length; length >= 0; length--) {
		const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
		if (node?.range) return lineOf(node.range[0]);
	}
	return undefined;
}
