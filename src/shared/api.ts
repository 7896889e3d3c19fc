/** Bodies of the HTTP interface, checked by the server and described by it at /api/openapi.json. */
import { z } from 'zod';
import { languageSchema } from './language.ts';
import { slugSchema } from './slug.ts';

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
});
export type Session = z.infer<typeof sessionSchema>;

export const accessRequestSchema = z.strictObject({ code: z.string().min(1).max(100).describe('the access code, as it was typed') });
export const accessSchema = z.strictObject({ granted: z.literal(true) });

export const lessonParamsSchema = z.strictObject({ course: slugSchema, lesson: slugSchema });
export const courseParamsSchema = z.strictObject({ course: slugSchema });
export const stepParamsSchema = z.strictObject({ course: slugSchema, lesson: slugSchema, step: slugSchema });

export const ticketRequestSchema = z.strictObject({ course: slugSchema, lesson: slugSchema, language: languageSchema });
export const ticketSchema = z.strictObject({ ticket: z.string(), seconds: z.number() });

export const resetRequestSchema = z.strictObject({ progress: z.boolean().default(false).describe('also forget which steps were passed') });
export const languageQuerySchema = z.strictObject({ language: languageSchema.default('fr') });
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
	text: z.string().nullable().describe('what the file is to hold, at most 64 KiB; null: it is taken away'),
	mark: markSchema.describe('`mark` of the file as it was last looked at: another content is not written over'),
});
export const fileReportSchema = z.strictObject({
	path: z.string(),
	text: z.string().nullable().describe('what the file holds; null: there is none'),
	mark: markSchema,
});
export type FileReport = z.infer<typeof fileReportSchema>;

export const quizParamsSchema = z.strictObject({ course: slugSchema, lesson: slugSchema, quiz: slugSchema });
export const quizAnswerSchema = z.strictObject({
	choices: z.array(z.number().int().min(0).max(99)).max(100).describe('numbers of the choices taken, from 0, in the order of the page'),
});
export const quizResultSchema = z.strictObject({ correct: z.boolean() });

export const progressSchema = z.strictObject({ steps: z.array(stepReportSchema) });
export const refusalSchema = z.strictObject({ code: z.string(), message: z.string() });
