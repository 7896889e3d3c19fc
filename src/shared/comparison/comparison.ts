/** The result of `./etabli compare`: written by the command, read by the page of the site. Sentences stand in words.ts, by their keys. */
import { z } from 'zod';
import { answerWords, hows, notes, reasons, rowWords, stoppers } from './words.ts';

const keysOf = <Key extends string>(table: Record<Key, unknown>) => z.enum(Object.keys(table) as [Key, ...Key[]]);

const noted = { how: keysOf(hows), note: keysOf(notes).optional(), said: z.string().max(300).optional() };

export const cellSchema = z.discriminatedUnion('kind', [
	z.strictObject({
		kind: z.literal('figure'),
		value: z.number().describe('median of the samples, unless the row is of another percentile'),
		low: z.number().describe('least sample'),
		high: z.number().describe('greatest sample'),
		unit: z.enum(['ms', 's', 'MiB']),
		samples: z.int().positive(),
		ratios: z.record(z.string(), z.number()).describe('contender of the same run → how many times its figure this one is'),
		...noted,
	}),
	z.strictObject({
		kind: z.literal('answer'),
		answer: keysOf(answerWords),
		by: z.array(keysOf(stoppers)).describe('what stops it, as far as can be told'),
		...noted,
	}),
	z.strictObject({
		kind: z.literal('none'),
		reason: keysOf(reasons),
		values: z.record(z.string(), z.string()).describe('places of the reason’s sentence'),
		said: z.string().max(300).optional(),
	}),
]);
export type Cell = z.infer<typeof cellSchema>;
export type Figure = Extract<Cell, { kind: 'figure' }>;
export type Absence = Extract<Cell, { kind: 'none' }>;

const contenderSchema = z.strictObject({
	id: z.string().regex(/^[a-z0-9-]+$/),
	name: z.string(),
	version: z.string().optional(),
	packages: z.string().describe('which package of the distribution brings it'),
	absence: cellSchema.optional().describe('why it was not tried, a cell of the kind "none"'),
	started: z.string().optional().describe('how it was started: the command, with short paths'),
	note: keysOf(notes).optional(),
});
export type ContenderResult = z.infer<typeof contenderSchema>;

const rowSchema = z.strictObject({ id: keysOf(rowWords), cells: z.record(z.string(), cellSchema).describe('contender → cell') });
export type RowResult = z.infer<typeof rowSchema>;

export const comparisonSchema = z.strictObject({
	format: z.literal(1),
	command: z.string(),
	version: z.string(),
	date: z.iso.datetime(),
	quick: z.boolean(),
	seconds: z.number(),
	machine: z.strictObject({
		cpu: z.string(),
		cores: z.int(),
		memory: z.number().describe('bytes'),
		kernel: z.string(),
		system: z.string(),
		cgroup: z.enum(['v1', 'v2', 'hybrid', 'none']),
		root: z.boolean(),
		load: z.strictObject({ before: z.number(), after: z.number() }),
	}),
	files: z.strictObject({ kind: z.enum(['course', 'given', 'small']), name: z.string() }).describe('root file system of all contenders'),
	scale: z
		.strictObject({
			starts: z.int(),
			atOnce: z.int(),
			idle: z.int(),
			rounds: z.int(),
			bytes: z.int(),
			programs: z.int(),
			files: z.int(),
			reads: z.int(),
		})
		.describe('how much of each was done'),
	contenders: z.array(contenderSchema),
	rows: z.array(rowSchema),
	left: z.array(z.string()).describe('what was still there after everything had ended'),
});
export type Comparison = z.infer<typeof comparisonSchema>;

/** What others are held against, in this order. */
export const references = ['unshare', 'docker'] as const;
