/** Addresses of pages. */
import type { Language } from '../shared/language.ts';

/** "tp-apptainer/01-first-container/fr.mdx" → "fr/tp-apptainer/first-container". */
export function lessonAddress(file: string): string {
	const [course = '', folder = '', name = ''] = file.split('/');
	return [name.replace(/\.mdx$/, ''), course, folder.replace(/^\d+-/, '')].join('/');
}

const helpNames: Record<Language, string> = { fr: 'aide', en: 'help' };

/** The help page's address in a language. */
export function helpAddress(language: Language): string {
	return `/${language}/${helpNames[language]}/`;
}

/** The same page in the other language: "/fr/aide/" → "/en/help/". */
export function translatedAddress(path: string, to: Language): string {
	const parts = path.split('/').filter(Boolean);
	const from = parts[0] === 'en' ? 'en' : 'fr';
	if (parts[1] === helpNames[from]) return helpAddress(to);
	const rest = parts[0] === 'fr' || parts[0] === 'en' ? parts.slice(1) : [];
	return `/${[to, ...rest].join('/')}/`;
}
