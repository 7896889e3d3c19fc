/** JSON with mistakes told by line and column, and keys found again in their text. */
import type { z } from 'zod';
import { nearest } from '../../../../src/shared/nearest.ts';

export interface JsonFault {
	line: number | undefined;
	what: string;
	remedy: string;
}

export type ReadJson<T> = { value: T; faults: []; strangers: string[] } | { value: undefined; faults: JsonFault[]; strangers: string[] };

/**
 * @returns the value; or every fault. `strangers` are keys that the schema does not know, as "details.steps.0.verfy"
 */
export function readJson<S extends z.ZodType>(text: string, schema: S): ReadJson<z.output<S>> {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		return { value: undefined, faults: [syntaxFault(text, error instanceof Error ? error.message : String(error))], strangers: [] };
	}
	const result = schema.safeParse(value);
	if (!result.success) {
		const faults = result.error.issues.map((issue): JsonFault => {
			const where = issue.path.map(String).join('.') || 'the file';
			const missing = /received undefined/.test(issue.message);
			return {
				line: lineOfPath(text, issue.path),
				what: missing ? `\`${where}\` is missing.` : `\`${where}\` is not as expected: ${issue.message}.`,
				remedy: missing ? `Add \`${where}\`.` : 'Correct this value; the format is described at https://killercoda.com/creators.',
			};
		});
		return { value: undefined, faults, strangers: [] };
	}
	return { value: result.data, faults: [], strangers: strangersOf(value, result.data, []) };
}

function syntaxFault(text: string, message: string): JsonFault {
	const at = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
	const before = text.slice(0, at);
	const line = before.split('\n').length;
	const column = at - before.lastIndexOf('\n');
	const previous = before.trimEnd();
	const next = text.slice(at).trimStart().charAt(0);
	const comma = /["\d\]}el]$/.test(previous) && /["{[]/.test(next);
	const remedy = comma
		? `Put a comma after line ${previous.split('\n').length}.`
		: previous.endsWith(',') && /[\]}]/.test(next)
			? `Remove the comma at the end of line ${previous.split('\n').length}.`
			: 'Look for a quote, comma or bracket that is missing or too many, here or just before.';
	return {
		line,
		what: `This is not valid JSON: ${message.replace(/ in JSON at position.*$/, '')} (line ${line}, column ${column}).`,
		remedy,
	};
}

/** Line of the last key of a path that can be found, each looked for after the one before. */
export function lineOfPath(text: string, path: readonly PropertyKey[]): number | undefined {
	let at = 0;
	for (const part of path) {
		if (typeof part === 'number') {
			// The n-th object of the list: as many openings further on.
			for (let n = 0; n <= part && at >= 0; n++) at = text.indexOf('{', at + 1);
			if (at < 0) return undefined;
			continue;
		}
		const found = text.indexOf(`"${String(part)}"`, at);
		if (found < 0) break;
		at = found;
	}
	return text.slice(0, at).split('\n').length;
}

/** Keys of `raw` that the schema has left out of `read`. */
function strangersOf(raw: unknown, read: unknown, path: string[]): string[] {
	if (Array.isArray(raw))
		return raw.flatMap((each, index) => strangersOf(each, Array.isArray(read) ? read[index] : undefined, [...path, String(index)]));
	if (typeof raw !== 'object' || raw === null || typeof read !== 'object' || read === null) return [];
	return Object.entries(raw).flatMap(([key, value]) =>
		key in read ? strangersOf(value, (read as Record<string, unknown>)[key], [...path, key]) : [[...path, key].join('.')],
	);
}

/** "verfy" → "verify"; undefined when it is like no key that counts. */
export const meantKey = (stranger: string): string | undefined => {
	const key = stranger.split('.').at(-1) ?? '';
	const meant = nearest(key, [
		'title',
		'description',
		'details',
		'intro',
		'steps',
		'finish',
		'text',
		'verify',
		'foreground',
		'background',
		'assets',
		'backend',
		'imageid',
		'interface',
		'layout',
		'target',
		'chmod',
		'file',
	]);
	return key.length > 3 && meant !== key ? meant : undefined;
};
