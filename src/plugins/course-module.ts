/** Vite plugin: `virtual:etabli/courses` is the catalogue of courses, as data. */
import type { CoursePlace } from '../courses/places.ts';
import type { CatalogueCourse } from '../site/catalogue.ts';
import type { VitePlugin } from './vite-plugin.ts';

const name = 'virtual:etabli/courses';

/** @param places where the courses lie */
export function courseModule(catalogue: CatalogueCourse[], places: readonly CoursePlace[]): VitePlugin {
	return {
		name: 'etabli-courses',
		resolveId: (id) => (id === name ? `\0${name}` : undefined),
		load: (id) =>
			id === `\0${name}`
				? `export const courses = ${JSON.stringify(catalogue)};\nexport const coursePlaces = ${JSON.stringify(places)};`
				: undefined,
	};
}
