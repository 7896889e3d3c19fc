/** What pages about certificates say, in the language of an element's `data-language`. */
import { certificateEn } from '../i18n/certificate-en.ts';
import { type CertificateStrings, certificateFr } from '../i18n/certificate-fr.ts';
import { dayText } from '../shared/day.ts';
import type { Language } from '../shared/language.ts';

export interface CertificateTexts {
	language: Language;
	t: CertificateStrings;
	/** @param ms since 1970 */
	day(ms: number): string;
}

export function certificateTextsOf(element: HTMLElement): CertificateTexts {
	const language: Language = element.dataset['language'] === 'en' ? 'en' : 'fr';
	return {
		language,
		t: language === 'en' ? certificateEn : certificateFr,
		day: (ms) => dayText(ms, language),
	};
}
