import type { Language } from './language.ts';

const locales = { fr: 'fr-FR', en: 'en-GB' } as const;

/**
 * The day of a document, as people write it: "29 novembre 2026", "29 November 2026". In UTC, so that it is the same one wherever the document
 * is drawn and wherever it is looked at.
 * @param ms since 1970
 */
export function dayText(ms: number, language: Language): string {
	return new Date(ms).toLocaleDateString(locales[language], { dateStyle: 'long', timeZone: 'UTC' });
}
