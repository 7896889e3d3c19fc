/** Lessons are read from <course>/<nn-lesson>/<lang>.mdx, wherever the course lies, and stand at /<lang>/<course>/<lesson>/. */

import { defineCollection } from 'astro:content';
import { coursePlaces } from 'virtual:etabli/courses';
import { i18nLoader } from '@astrojs/starlight/loaders';
import { docsSchema, i18nSchema } from '@astrojs/starlight/schema';
import { lessonLoader } from './site/lesson-loader.ts';

export const collections = {
	docs: defineCollection({
		loader: lessonLoader(coursePlaces),
		schema: docsSchema(),
	}),
	/** Words of the search that Starlight has no French for. */
	i18n: defineCollection({ loader: i18nLoader(), schema: i18nSchema() }),
};
