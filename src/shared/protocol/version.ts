/** Which version of a course somebody works with. */
import { z } from 'zod';
import type { Language } from '../language.ts';

/** What course.yaml calls it: "1.2.0", "2.0.0-beta.1". */
export const versionSchema = z
	.string()
	.regex(/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/, 'three numbers such as "1.2.0"')
	.max(60);

export const courseVersionSchema = z.strictObject({
	number: versionSchema.optional(),
	commit: z
		.string()
		.regex(/^[0-9a-f]{7,40}$/)
		.optional()
		.describe('the last commit that changed the course'),
	modified: z.boolean().describe('its files are not those of the commit'),
});
export type CourseVersion = z.infer<typeof courseVersionSchema>;

const modified: Record<Language, string> = { fr: 'modifié', en: 'modified' };

/** "1.2.0 (3f2a9c1d, modified)"; undefined when nothing is known. */
export function versionText(version: CourseVersion | undefined, language: Language = 'en'): string | undefined {
	if (!version) return undefined;
	const commit = version.commit && [version.commit, version.modified ? modified[language] : ''].filter(Boolean).join(', ');
	if (version.number === undefined) return commit;
	return commit ? `${version.number} (${commit})` : version.number;
}
