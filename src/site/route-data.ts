/** Starlight's data of each page, adjusted: a lesson has its list of steps in place of a table of contents. */
import { defineRouteMiddleware } from '@astrojs/starlight/route-data';
import { lessonOf } from './page.ts';

export const onRequest = defineRouteMiddleware((context) => {
	const route = context.locals.starlightRoute;
	if (lessonOf(route.id)) route.toc = undefined;
});
