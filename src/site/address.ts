/** Addresses of pages. */
import type { Language } from '../shared/language.ts';
import { type PageName, pageAddress, pageNames } from '../shared/page-names.ts';

/** "tp-apptainer/01-first-container/fr.mdx" → "fr/tp-apptainer/first-container". */
export function lessonAddress(file: string): string {
	const [course = '', folder = '', name = ''] = file.split('/');
	return [name.replace(/\.mdx$/, ''), course, folder.replace(/^\d+-/, '')].join('/');
}

/** The same page in the other language: "/fr/aide/" → "/en/help/". */
export function translatedAddress(path: string, to: Language): string {
	const parts = path.split('/').filter(Boolean);
	const from = parts[0] === 'en' ? 'en' : 'fr';
	const page = (Object.keys(pageNames) as PageName[]).find((name) => pageNames[name][from] === parts[1]);
	if (page) return pageAddress(page, to);
	const rest = parts[0] === 'fr' || parts[0] === 'en' ? parts.slice(1) : [];
	return `/${[to, ...rest].join('/')}/`;
}
