/** Lessons of courses that lie in different places, as one collection. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { glob, type Loader } from 'astro/loaders';
import type { CourseFolder } from '../courses/folders.ts';
import { lessonAddress } from './address.ts';
import type { CatalogueCourse } from './catalogue.ts';

/** Ids are addresses: "<lang>/<course>/<lesson>". */
export function lessonLoader(places: readonly CourseFolder[], courses: readonly CatalogueCourse[]): Loader {
	return {
		name: 'etabli-lessons',
		load: async (context) => {
			const { store } = context;
			const ofCourse = (id: string): string | undefined => id.split('/')[1];
			const root = fileURLToPath(context.config.root);
			for (const id of store.keys()) {
				// What is known from a build before counts only where the course lies now: pages are made from the file.
				const place = places.find(({ slug }) => slug === ofCourse(id));
				const file = resolve(root, store.get(id)?.filePath ?? '');
				if (!place || !file.startsWith(`${place.path}/`)) store.delete(id);
			}
			for (const { slug, path } of places) {
				const lessons = courses.find((course) => course.slug === slug)?.lessons ?? [];
				const loader = glob({
					base: path,
					// Of those alone that are whole.
					pattern: lessons.map(({ folder }) => `${folder}/{fr,en}.mdx`),
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
