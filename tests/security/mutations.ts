/** Malformed inputs made from valid ones: each field in turn becomes another type, a boundary, huge, odd text, a name of the prototype. */
import type { Random } from '../fixtures/random.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Fields = Record<string, Json>;

const deep = (levels: number): Json => (levels === 0 ? 1 : [deep(levels - 1)]);

/** What takes a field's place. Some of these are valid for some fields: whoever uses them asks the schema. */
export const oddValues: readonly Json[] = [
	...[null, true, false, [], {}, [1], ['1'], { x: 1 }, { length: 1 }, { toString: 1 }, { valueOf: null }, deep(100)],
	...[0, -0, -1, 1.5, 0.1 + 0.2, 5, 1001, 65_535, 65_536, 2 ** 31, 2 ** 31 + 1, 2 ** 32, 2 ** 53, -(2 ** 53), 1e308, 5e-324],
	...[
		'',
		' ',
		'0',
		'5',
		'00',
		'01',
		'+1',
		'-1',
		'1.0',
		'1e0',
		'0x1',
		' 1',
		'1 ',
		'１',
		'١',
		'NaN',
		'Infinity',
		'null',
		'undefined',
		'true',
	],
	...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'],
	...[
		'..',
		'../..',
		'/etc/passwd',
		'..\\..',
		'%2e%2e',
		'%00',
		'a/b',
		'a b',
		'A',
		'é',
		'x'.repeat(61),
		'x'.repeat(10_000),
		'-',
		'a--b',
		'a-',
	],
	...[
		'\u0000',
		'\u0007',
		'\u001b[2J',
		'\u202e',
		'\ufeff',
		'\ufffd',
		'\ud800',
		'👩‍🚀',
		'ﬀ',
		'İ',
		'\r\nx: y',
		"' or 1=1 --",
		'${7*7}',
		'{{7*7}}',
		'<b>',
	],
];

/** Keys that nobody asked for. */
const oddKeys = [
	'__proto__',
	'constructor',
	'prototype',
	'toString',
	'learner',
	'sandbox',
	'type ',
	'Type',
	'',
	'0',
	'x',
	'\u0000',
	'course',
	'terminal2',
];

/** JSON by hand: `JSON.stringify` would lose "__proto__", duplicates and numbers that are none. */
function text(entries: readonly (readonly [string, string])[]): string {
	return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
}

/** Texts made from one valid object, each different from it in one place. */
export function singleMutations(valid: Fields): string[] {
	const entries = Object.entries(valid).map(([key, value]) => [key, JSON.stringify(value)] as const);
	const made: string[] = [];
	for (const [at, [key, value]] of entries.entries()) {
		const put = (...instead: (readonly [string, string])[]): number => made.push(text(entries.toSpliced(at, 1, ...instead)));
		for (const odd of oddValues) put([key, JSON.stringify(odd)]);
		for (const raw of ['NaN', '1e999', '-1e999', '01', "'x'", 'undefined', '1n', '"\u0001"', '0x10', '.5', '5.', '"\\x41"', '[1,]'])
			put([key, raw]);
		put();
		for (const name of [key.toUpperCase(), `${key} `, ` ${key}`, `${key}\u0000`, `__proto__.${key}`]) put([name, value]);
		// The last one counts.
		put([key, value], [key, 'null']);
		put([key, `[${value}]`]);
		put([key, `{"${key}":${value}}`]);
	}
	for (const key of oddKeys) made.push(text([...entries, [key, '1']]), text([[key, JSON.stringify(valid)], ...entries]));
	return [
		...made,
		`[${text(entries)}]`,
		JSON.stringify(text(entries)),
		`${text(entries)}${text(entries)}`,
		`${text(entries)},`,
		text(entries).slice(0, -1),
	];
}

/** Several fields at once, and keys added. */
export function randomMutation(random: Random, valid: Fields): string {
	const entries: (readonly [string, string])[] = Object.entries(valid).map(([key, value]) => [key, JSON.stringify(value)]);
	for (let changes = 1 + random.below(3); changes > 0; changes--) {
		const at = random.below(entries.length);
		const [key = '', value = ''] = entries[at] ?? [];
		const way = random.below(5);
		if (way === 0) entries.splice(at, 1);
		else if (way === 1) entries.push([random.pick(oddKeys), JSON.stringify(random.pick(oddValues))]);
		else if (way === 2) entries.splice(at, 1, [random.pick(oddKeys), value]);
		else entries.splice(at, 1, [key, JSON.stringify(random.pick(oddValues))]);
		if (entries.length === 0) break;
	}
	return text(entries);
}

/** What the text says, if it is JSON at all. */
export function parsed(input: string): unknown {
	try {
		return JSON.parse(input);
	} catch {
		return undefined; // Not JSON: as malformed as can be.
	}
}
