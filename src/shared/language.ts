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
