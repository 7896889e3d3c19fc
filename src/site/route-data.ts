/** Starlight's data of each page, adjusted: a lesson has its list of steps in place of a table of contents, and titles are texts. */
import { defineRouteMiddleware } from '@astrojs/starlight/route-data';
import { lessonOf } from './page.ts';

/** Called by Starlight for each page that is built. */
export const onRequest = defineRouteMiddleware((context) => {
	const route = context.locals.starlightRoute;
	const page = lessonOf(route.id);
	if (page) route.toc = undefined;
	// The head has a title as it is written, with marks of Markdown, and on the home page the site's name twice.
	const title = page?.lesson.title[page.language];
	const description = page?.lesson.description[page.language];
	for (const element of route.head) {
		const name = element.attrs?.['property'] ?? element.attrs?.['name'];
		if (element.tag === 'title') element.content = title ? `${title} | ${route.siteTitle}` : element.content?.replace(/^(.+) \| \1$/, '$1');
		else if (title && name === 'og:title') element.attrs = { ...element.attrs, content: title };
		else if (description && (name === 'description' || name === 'og:description'))
			element.attrs = { ...element.attrs, content: description };
	}
});
