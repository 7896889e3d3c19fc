/** Vite plugin: `virtual:etabli/courses` is the catalogue of courses, as data. */
import type { CourseFolder } from '../courses/folders.ts';
import type { CatalogueCourse } from '../site/catalogue.ts';
import type { VitePlugin } from './vite-plugin.ts';

const name = 'virtual:etabli/courses';

/** @param folders where the courses lie */
export function courseModule(catalogue: CatalogueCourse[], folders: readonly CourseFolder[]): VitePlugin {
	return {
		name: 'etabli-courses',
		resolveId: (id) => (id === name ? `\0${name}` : undefined),
		load: (id) =>
			id === `\0${name}`
				? `export const courses = ${JSON.stringify(catalogue)};\nexport const courseFolders = ${JSON.stringify(folders)};`
				: undefined,
	};
}
