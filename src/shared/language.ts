/** The languages of the interface, of lessons, hints, check messages and errors; the first is the default. */
import { z } from 'zod';

export const languages = ['fr', 'en'] as const;
export type Language = (typeof languages)[number];
export const languageSchema = z.enum(languages);
export const defaultLanguage: Language = 'fr';

/** A short text in every language. */
export const textSchema = z
	.strictObject({ fr: z.string().min(1), en: z.string().min(1) })
	.describe('the text in each language: { fr, en }');
export type Text = z.infer<typeof textSchema>;

/** A short text of a course: in its languages, which may be one alone. */
export const courseTextSchema = z
	.strictObject(
		{ fr: z.string().min(1).optional(), en: z.string().min(1).optional() },
		{
			error: (issue) =>
				issue.code === 'invalid_type' ? 'this is one text, and a text in each language is expected: { fr: …, en: … }' : undefined,
		},
	)
	.refine((text) => text.fr !== undefined || text.en !== undefined, 'the text is missing: { fr, en }')
	.describe('the text in each language of the course: { fr, en }');
export type CourseText = z.infer<typeof courseTextSchema>;

/** In every language of the interface: who asks for one that the text is not in gets the other. */
export function inEvery({ fr, en }: CourseText): Text {
	return { fr: fr ?? en ?? '', en: en ?? fr ?? '' };
}
