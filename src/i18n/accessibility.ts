/** Words of the mention of accessibility, which stands at the foot of every page. The statement itself is prose: components/accessibility/. */

import type { Conformity } from '../courses/accessibility.ts';
import type { Language } from '../shared/language.ts';

export const accessibilityMention: Record<Language, Record<Conformity, string>> = {
	fr: {
		full: 'Accessibilité : totalement conforme',
		partial: 'Accessibilité : partiellement conforme',
		none: 'Accessibilité : non conforme',
	},
	en: {
		full: 'Accessibility: fully conforming',
		partial: 'Accessibility: partially conforming',
		none: 'Accessibility: not conforming',
	},
};
