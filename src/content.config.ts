/** Lessons are read from courses/<course>/<nn-lesson>/<lang>.mdx and stand at /<lang>/<course>/<lesson>/. */

import { defineCollection } from 'astro:content';
import { coursesFolder } from 'virtual:etabli/courses';
import { docsSchema } from '@astrojs/starlight/schema';
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
};
