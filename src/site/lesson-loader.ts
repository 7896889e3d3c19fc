/** Lessons of courses that lie in different places, as one collection. */
import { glob, type Loader } from 'astro/loaders';
import type { CoursePlace } from '../courses/places.ts';
import { lessonAddress } from './address.ts';

/** Ids are addresses: "<lang>/<course>/<lesson>". */
export function lessonLoader(places: readonly CoursePlace[]): Loader {
	return {
		name: 'etabli-lessons',
		load: async (context) => {
			const { store } = context;
			const ofCourse = (id: string): string | undefined => id.split('/')[1];
			for (const id of store.keys()) if (!places.some(({ slug }) => slug === ofCourse(id))) store.delete(id);
			for (const { slug, path } of places) {
				const loader = glob({
					base: path,
					pattern: '[0-9]*/{fr,en}.mdx',
					generateId: ({ entry }) => lessonAddress(`${slug}/${entry}`),
				});
				// It removes entries of the collection that it has not found itself: those of other courses are no business of its.
				const own = { ...store, keys: () => store.keys().filter((id) => ofCourse(id) === slug) };
				await loader.load({ ...context, store: own });
				// A course in one language has pages in the other too: they show the text that there is.
				for (const id of own.keys()) {
					const entry = store.get(id);
					const other = id.replace(/^(fr|en)(?=\/)/, (language) => (language === 'fr' ? 'en' : 'fr'));
					if (entry && !store.has(other)) store.set({ ...entry, id: other });
				}
			}
		},
	};
}
