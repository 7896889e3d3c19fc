/** Certificates of finished courses: bodies of the HTTP interface. */
import { z } from 'zod';
import { slugSchema } from '../course/slug.ts';
import { languageSchema, textSchema } from '../language.ts';

/** What a certificate says, to whoever has its code. */
export const certificateSchema = z.strictObject({
	code: z.string().describe('five groups of four'),
	course: z.string(),
	title: textSchema.describe('of the course, when it was issued'),
	name: z.string().describe('as its learner wrote it: nobody has checked it'),
	lessons: z.number().int(),
	steps: z.number().int().describe('all were passed'),
	ms: z.number().int().describe('time worked, as in the progress'),
	issued: z.number().int().describe('ms since 1970'),
});
export type Certificate = z.infer<typeof certificateSchema>;

export const certificatesSchema = z.strictObject({
	certificates: z.array(certificateSchema),
	name: z.string().optional().describe('of my account elsewhere: certificates are issued in it, whatever is typed'),
});
export const certificateRequestSchema = z.strictObject({
	course: slugSchema,
	name: z.string().min(1).max(1000).describe('as it is to stand there'),
});
export const certificateCodeSchema = z.strictObject({ code: z.string().max(200).describe('as it was typed') });
export const certificateParamsSchema = z.strictObject({ course: slugSchema });
export const certificateQuerySchema = z.strictObject({ language: languageSchema.default('fr') });
