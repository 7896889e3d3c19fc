/** Lessons are read from courses/<course>/<nn-lesson>/<lang>.mdx and stand at /<lang>/<course>/<lesson>/. */

import { defineCollection } from 'astro:content';
import { coursesFolder } from 'virtual:etabli/courses';
import { i18nLoader } from '@astrojs/starlight/loaders';
import { docsSchema, i18nSchema } from '@astrojs/starlight/schema';
import { glob } from 'astro/loaders';
import { lessonAddress } from './site/address.ts';

export const collections = {
	docs: defineCollection({
		loader: glob({
			base: coursesFolder,
			pattern: '*/[0-9]*/{fr,en}.mdx',
			generateId: ({ entry }) => lessonAddress(entry),
		}),
		schema: docsSchema(),
	}),
	/** Words of the search that Starlight has no French for. */
	i18n: defineCollection({ loader: i18nLoader(), schema: i18nSchema() }),
};
