/** Bodies of the HTTP interface, checked by the server and described by it at /api/openapi.json. */
import { z } from 'zod';
import { maxFolderEntries, maxGlanced } from '../course/placed-file.ts';
import { slugSchema } from '../course/slug.ts';
import { languageSchema } from '../language.ts';

export const stepStates = ['todo', 'checking', 'failed', 'error', 'passed'] as const;
export type StepState = (typeof stepStates)[number];

export const stepReportSchema = z
	.strictObject({
		lesson: z.string(),
		step: z.string(),
		state: z.enum(stepStates),
		message: z.string().optional().describe('what is not right yet, or that the check broke; in the language asked for'),
		hint: z.number().int().optional().describe('number, from 1, of the hint that helps'),
	})
	.describe('how a step stands');
export type StepReport = z.infer<typeof stepReportSchema>;

export const sandboxStates = ['none', 'queued', 'starting', 'ready', 'stopping', 'lost', 'unavailable'] as const;
export const sandboxReportSchema = z
	.strictObject({
		state: z.enum(sandboxStates).describe('lost: it ended by itself; unavailable: the engine does not answer'),
		place: z.number().int().optional().describe('place in the queue, from 1'),
		wait: z.number().optional().describe('estimated wait in seconds'),
		ends: z.number().optional().describe('when it will be put away at the latest, ms since 1970'),
		extend: z.number().optional().describe('by how many seconds that can be put off, while it still can'),
		kept: z.number().optional().describe('when the files were kept that the next one begins with, ms since 1970'),
		reason: z.string().optional().describe('a sentence: why it is not there'),
	})
	.describe("how the learner's sandbox of this course stands");
export type SandboxReport = z.infer<typeof sandboxReportSchema>;

export const sessionSchema = z.strictObject({
	learner: z.string().describe('name of the learner in the registry, such as "learner-7f3a9c"'),
	live: z.boolean().describe('an engine is configured: sandboxes can be had'),
	version: z.string(),
	rooms: z
		.array(z.strictObject({ id: z.string(), title: z.string(), course: z.string() }))
		.optional()
		.describe('rooms that the learner is in, newest first; none: left out'),
});
export type Session = z.infer<typeof sessionSchema>;

export const accessRequestSchema = z.strictObject({ code: z.string().min(1).max(100).describe('the access code, as it was typed') });
export const accessSchema = z.strictObject({ granted: z.literal(true) });

export const lessonParamsSchema = z.strictObject({ course: slugSchema, lesson: slugSchema });
export const courseParamsSchema = z.strictObject({ course: slugSchema });
export const stepParamsSchema = z.strictObject({ course: slugSchema, lesson: slugSchema, step: slugSchema });

export const ticketRequestSchema = z.strictObject({ course: slugSchema, lesson: slugSchema, language: languageSchema });
export const ticketSchema = z.strictObject({ ticket: z.string(), seconds: z.number() });

export const previewRequestSchema = z.strictObject({
	port: z.number().int().min(1).max(65_535),
	path: z
		.string()
		.max(2000)
		// Of an address of that very host, as it stands in a header.
		.regex(/^\/(?![/\\])[\x21-\x7e]*$/)
		.default('/')
		.describe('path and query, with what is no ASCII encoded'),
});
export const previewSchema = z.strictObject({
	address: z.string().describe('to be opened within 30 s, once'),
	origin: z.string().describe('where all that is shown there comes from'),
});
export type PreviewAddress = z.infer<typeof previewSchema>;

export const resetRequestSchema = z.strictObject({ progress: z.boolean().default(false).describe('also forget which steps were passed') });
export const languageQuerySchema = z.strictObject({ language: languageSchema.default('fr') });
export const eraseQuerySchema = z.strictObject({
	language: languageSchema.default('fr'),
	end: z.enum(['0', '1']).default('0').describe('1: what I have open ends, and nothing of it is kept'),
});
export const erasedSchema = z.strictObject({ erased: z.literal(true) });

export const endQuerySchema = z.strictObject({
	language: languageSchema.default('fr'),
	ask: z.enum(['0', '1']).default('0').describe('1: refuse (`files-unkept`) when something of its files cannot be kept'),
});
export const checkQuerySchema = z.strictObject({
	language: languageSchema.default('fr'),
	now: z
		.enum(['0', '1', 'neighbour'])
		.default('0')
		.describe(
			'1: what the check says at this moment, also of a step that was passed; nothing is kept. neighbour: the same, by other values of the parameters than the learner’s',
		),
});

export const valuesSchema = z.strictObject({ values: z.record(z.string(), z.string()) }).describe('by the name of the parameter');
const pathSchema = z.string().max(1000).describe("path from the lesson's working folder");
const markSchema = z
	.string()
	.regex(/^(none|[0-9a-f]{64})$/)
	.describe('what the file was: SHA-256 of its content, or "none"');
export const fileLookSchema = z.strictObject({ path: pathSchema });
export const fileWriteSchema = z.strictObject({
	path: pathSchema,
	text: z.string().nullable().describe('what the file is to hold, at most 1 MiB; null: it is taken away'),
	mark: markSchema.describe('`mark` of the file as it was last looked at: another content is not written over'),
});
export const fileReportSchema = z.strictObject({
	path: z.string(),
	text: z.string().nullable().describe('what the file holds; null: there is none'),
	mark: markSchema,
});
export type FileReport = z.infer<typeof fileReportSchema>;

const glancedSchema = z.array(pathSchema).max(maxGlanced);
export const filesGlanceSchema = z.strictObject({
	folders: glancedSchema.describe('"" is the lesson\'s working folder'),
	files: glancedSchema,
});
export const refusalSchema = z.strictObject({ code: z.string(), message: z.string() });
const folderEntrySchema = z.strictObject({
	name: z.string(),
	kind: z.enum(['file', 'folder', 'other']).describe('other: a link to a file, or to nothing; a pipe, socket or device'),
});
export type FolderEntry = z.infer<typeof folderEntrySchema>;
const folderReportSchema = z.strictObject({
	path: z.string(),
	entries: z.array(folderEntrySchema).describe('folders first, each kind by name; hidden ones too'),
	more: z.boolean().describe(`there are more than ${maxFolderEntries}, of which those are told that came first`),
	unshown: z.number().int().describe('how many have a name that cannot be shown: a line feed, or no UTF-8'),
	refused: refusalSchema.optional().describe('why nothing is told of it'),
});
export type FolderReport = z.infer<typeof folderReportSchema>;
const fileGlanceSchema = z.strictObject({
	path: z.string(),
	mark: markSchema.optional(),
	refused: refusalSchema.optional().describe('why there is no mark'),
});
export const filesReportSchema = z.strictObject({ folders: z.array(folderReportSchema), files: z.array(fileGlanceSchema) });
export type FilesReport = z.infer<typeof filesReportSchema>;

export const quizParamsSchema = z.strictObject({ course: slugSchema, lesson: slugSchema, quiz: slugSchema });
export const quizAnswerSchema = z.strictObject({
	choices: z.array(z.number().int().min(0).max(99)).max(100).describe('numbers of the choices taken, from 0, in the order of the page'),
});
export const quizResultSchema = z.strictObject({ correct: z.boolean() });

export const progressSchema = z.strictObject({ steps: z.array(stepReportSchema) });
