/** Vite plugin: `virtual:etabli/courses` is the catalogue of courses, as data. */
import type { CatalogueCourse } from '../site/catalogue.ts';
import type { VitePlugin } from './vite-plugin.ts';

const name = 'virtual:etabli/courses';

/** @param folder absolute path of the courses */
export function courseModule(catalogue: CatalogueCourse[], folder: string): VitePlugin {
	return {
		name: 'etabli-courses',
		resolveId: (id) => (id === name ? `\0${name}` : undefined),
		load: (id) =>
			id === `\0${name}`
				? `export const courses = ${JSON.stringify(catalogue)};\nexport const coursesFolder = ${JSON.stringify(folder)};`
				: undefined,
	};
}
