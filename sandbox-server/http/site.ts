/** The built site: pages, assets, the 404 page, and the choice of language at "/". */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { placeOf, sourceOf } from '../previews/names.ts';
import type { AppDeps } from './app-deps.ts';
import { PageHashes, policyForPage } from './content-policy.ts';
import { acceptedLanguage } from './language.ts';

const year = 365 * 24 * 3600;

/** Serves the folder `deps.site`; without one, every address that is no route is refused with not-found. */
export async function installSite(app: FastifyInstance, deps: Pick<AppDeps, 'site' | 'addresses'>): Promise<void> {
	const { site } = deps;
	if (site === undefined) {
		app.setNotFoundHandler(notFound);
		return;
	}
	const hashes = new PageHashes();
	const secure = deps.addresses.publicOrigin?.startsWith('https:') ?? false;
	const publicHost = deps.addresses.publicOrigin && new URL(deps.addresses.publicOrigin).host;

	await app.register(fastifyStatic, {
		root: site,
		preCompressed: true,
		redirect: true,
		dotfiles: 'ignore',
		cacheControl: false,
		setHeaders: (reply, sent, stat) => {
			// A compressed twin is sent under the headers of its page.
			const path = sent.replace(/\.(br|gz)$/, '');
			// Astro and Pagefind put a hash of the content into the names of these files.
			const hashed = /[\\/](_astro|pagefind[\\/](fragment|index))[\\/]/.test(path);
			reply.header('cache-control', hashed ? `public, max-age=${year}, immutable` : 'no-cache');
			const isPage = path.endsWith('.html');
			// A worker lives under the policy of its own script, not of the page: Pagefind searches in one.
			if (!isPage && !/\.m?js$/.test(path)) return;
			const host = publicHost ?? reply.request.headers.host;
			const frames = sourceOf(placeOf(deps.addresses, reply.request.headers.host));
			reply.header('content-security-policy', policyForPage(isPage ? hashes.of(path, stat) : [], { host, secure, frames }));
		},
	});

	app.get('/', { schema: { hide: true } }, (request, reply) =>
		reply
			.header('vary', 'Accept-Language')
			.header('cache-control', 'no-cache')
			.redirect(`/${acceptedLanguage(request.headers['accept-language'])}/`, 302),
	);

	app.setNotFoundHandler((request, reply) => {
		if (request.url.startsWith('/api/') || (request.method !== 'GET' && request.method !== 'HEAD')) return notFound();
		const page = notFoundPage(site, request);
		if (page === undefined) return notFound();
		return sendNotFoundPage(reply, page);
	});
}

function notFound(): never {
	throw new Refusal('not-found');
}

/** Path below the site of the 404 page: in the language of the address when there is one. */
function notFoundPage(site: string, request: FastifyRequest): string | undefined {
	const [, first = ''] = request.url.split(/[/?]/);
	const language = first === 'fr' || first === 'en' ? first : acceptedLanguage(request.headers['accept-language']);
	return [`${language}/404.html`, `${language}/404/index.html`, '404.html'].find((path) => existsSync(join(site, path)));
}

function sendNotFoundPage(reply: FastifyReply, page: string): FastifyReply {
	return reply.code(404).sendFile(page);
}
