/** Lessons are read from <course>/<nn-lesson>/<lang>.mdx, wherever the course lies, and stand at /<lang>/<course>/<lesson>/. */

import { defineCollection } from 'astro:content';
import { courseFolders, courses } from 'virtual:etabli/courses';
import { i18nLoader } from '@astrojs/starlight/loaders';
import { docsSchema, i18nSchema } from '@astrojs/starlight/schema';
import { lessonLoader } from './site/lesson-loader.ts';

export const collections = {
	docs: defineCollection({
		loader: lessonLoader(courseFolders, courses),
		schema: docsSchema(),
	}),
	/** Words in place of Starlight's own. */
	i18n: defineCollection({ loader: i18nLoader(), schema: i18nSchema() }),
};
