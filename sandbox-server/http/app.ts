/** The HTTP app, whole but not listening: tests drive it with `inject`. */
import { randomBytes } from 'node:crypto';
import cookie from '@fastify/cookie';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { defaultLanguage } from '../../src/shared/language.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { Access } from '../auth/access.ts';
import { Cookies } from '../auth/cookies.ts';
import { Guesses } from '../auth/guesses.ts';
import { ownPages } from '../auth/policy.ts';
import { Sessions } from '../auth/sessions.ts';
import { Tickets } from '../auth/tickets.ts';
import type { Visitor } from '../labs/ports.ts';
import { Sparing } from '../observability/log/sparing.ts';
import { Drawer } from '../progress/draw.ts';
import type { Looker } from '../rooms/looks.ts';
import type { AppDeps } from './app-deps.ts';
import { connectionLimits, WaitingConnections } from './connections.ts';
import { installDoor, installGroup, type ListedRoute } from './groups.ts';
import { installHeaders } from './headers.ts';
import { asRefusal, installRefusals, refuseOnSocket, sendRefusal } from './refusals.ts';
import { installCertificateRoutes } from './routes/certificates.ts';
import { installFileRoutes } from './routes/files.ts';
import { installImageRoutes } from './routes/images.ts';
import { installLabRoutes } from './routes/labs.ts';
import { installLessonRoutes } from './routes/lessons.ts';
import { installLtiRoutes, ltiPolicy } from './routes/lti.ts';
import { installMeRoutes } from './routes/me.ts';
import { installPreviewRoutes } from './routes/previews.ts';
import { installProgressRoutes } from './routes/progress.ts';
import { installRoomCardRoutes } from './routes/room-cards.ts';
import { installRoomFeedRoutes, installShortAddress } from './routes/room-feed.ts';
import { installRoomHelpRoutes } from './routes/room-help.ts';
import { installRoomLookRoutes } from './routes/room-looks.ts';
import { installRoomPaceRoutes } from './routes/room-pace.ts';
import { installRoomResultRoutes } from './routes/room-results.ts';
import { installRoomShowRoutes } from './routes/room-shows.ts';
import { installRoomRoutes } from './routes/rooms.ts';
import { installRosterRoutes } from './routes/rosters.ts';
import { changeLimit, finder } from './routes/route.ts';
import { installSessionRoutes } from './routes/session.ts';
import { installSignInRoutes } from './routes/sign-in.ts';
import { serverFor } from './server.ts';
import { installSite } from './site.ts';
import { installUpgrade } from './upgrade.ts';

/** The largest body that any route needs is a few names. */
const bodyLimit = 16 * 1024;
/** Until a whole request has to be here: the largest, of a file, takes a slow line of 100 kbit/s that long, ms. */
const requestMs = 40_000;

declare module 'fastify' {
	interface FastifyInstance {
		/** Every route of the interface. */
		listed: readonly ListedRoute[];
	}
}

/** Everything but `listen`. The caller closes it; closing ends the WebSockets too. */
export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
	const { addresses } = deps;
	const limits = deps.connectionLimits ?? connectionLimits();
	const requestTimeout = Math.max(requestMs, limits.headersMs);
	const app: FastifyInstance = Fastify({
		bodyLimit,
		...(deps.logger ? { loggerInstance: deps.logger } : { logger: false }),
		logController: new LogController({ disableRequestLogging: true }),
		frameworkErrors: (error, request, reply) => {
			const refused = asRefusal(error);
			deps.onRefusal?.(refused.code);
			return sendRefusal(refused, request, reply);
		},
		clientErrorHandler: (error, socket) => {
			// The browser has left: nobody is there to be told.
			if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
			else {
				const refused = new Refusal(error.code === 'HPE_HEADER_OVERFLOW' ? 'too-large' : 'bad-request');
				deps.onRefusal?.(refused.code);
				refuseOnSocket(socket, refused, defaultLanguage);
				waiting.farewell(socket);
			}
		},
		genReqId: () => randomBytes(6).toString('hex'),
		// Behind a proxy the visitor's address is in a header; without one, whoever sent that header made it up.
		trustProxy: addresses.proxies && addresses.proxies.length > 0 ? [...addresses.proxies] : false,
		routerOptions: { maxParamLength: 100 },
		requestTimeout,
		serverFactory: (handler) =>
			serverFor(deps.previewDoor, handler, {
				requestTimeout,
				headersTimeout: limits.headersMs,
				connectionsCheckingInterval: Math.min(1000, limits.headersMs),
			}),
		// Open keep-alive connections must not delay the end.
		forceCloseConnections: true,
	});
	const proxied = (addresses.proxies?.length ?? 0) > 0;
	const waiting = new WaitingConnections(app.server, { limits, proxied });
	app.setValidatorCompiler(validatorCompiler);
	app.setSerializerCompiler(serializerCompiler);
	app.removeContentTypeParser('text/plain');
	const sparing = new Sparing(deps.now);
	installRefusals(app, sparing, deps.onRefusal);
	await installHeaders(app, addresses);
	await app.register(cookie, { secret: deps.secret });
	const cookies = new Cookies(app, { secure: addresses.publicOrigin?.startsWith('https:') ?? false });
	const guesses = new Guesses({ cookies, now: deps.now });
	const access = new Access({ cookies, guesses, code: deps.accessCode, signIn: deps.sso?.learners === 'must', secret: deps.secret });
	const sessions = new Sessions({ people: deps.store.people, cookies, access, now: deps.now });
	const tickets = new Tickets<Visitor | Looker>(deps.now);
	app.decorate('listed', installDoor(app, { addresses, sessions, rooms: deps.rooms }));
	installRequestLog(app, sparing);

	await app.register(swagger, {
		openapi: { info: { title: 'Établi', description: 'Sandboxes, steps and progress of one learner.', version: deps.version } },
		transform: jsonSchemaTransform,
	});
	app.get('/healthz', { schema: { hide: true } }, (_, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }));
	const policy = { ...ownPages, requestsPerMinute: deps.requestsPerMinute ?? ownPages.requestsPerMinute };
	const find = finder(deps);
	const drawer = deps.drawer ?? new Drawer();
	const install = (scope: FastifyInstance): void => {
		const routes = { ...deps, access, cookies, guesses, sessions, sparing, tickets, find, drawer, mayChange: changeLimit(scope) };
		installSessionRoutes(scope, routes);
		installSignInRoutes(scope, routes);
		installLabRoutes(scope, routes);
		installLessonRoutes(scope, routes);
		installFileRoutes(scope, routes);
		installProgressRoutes(scope, routes);
		installCertificateRoutes(scope, routes);
		installImageRoutes(scope, routes);
		installPreviewRoutes(scope, routes);
		installRoomRoutes(scope, routes);
		installRoomHelpRoutes(scope, routes);
		installRoomShowRoutes(scope, routes);
		installRoomLookRoutes(scope, routes);
		installRoomPaceRoutes(scope, routes);
		installRoomCardRoutes(scope, routes);
		installRoomResultRoutes(scope, routes);
		installRoomFeedRoutes(scope, routes);
		installRosterRoutes(scope, routes);
		installMeRoutes(scope, routes);
		scope.get('/api/openapi.json', { schema: { hide: true }, config: { action: 'interface.read' } }, () => app.swagger());
	};
	const platforms = {
		policy: ltiPolicy,
		install: (scope: FastifyInstance) => installLtiRoutes(scope, { ...deps, access, cookies, sessions, sparing }),
	};
	for (const group of [{ policy, install }, platforms, ...(deps.groups ?? [])]) await installGroup(app, group);
	installShortAddress(app);
	await installSite(app, deps);
	app.addHook('preClose', async () => deps.feeds.close());
	const { connections, onRefusal, previewDoor } = deps;
	installUpgrade(app, { addresses, connections, previewDoor, sessions, tickets, sparing, onRefusal, waiting, limits });
	return app;
}

/** One line per call of the interface, with the learner's public name; pages and assets are not worth one. */
function installRequestLog(app: FastifyInstance, sparing: Sparing): void {
	app.addHook('onResponse', async (request, reply) => {
		if (!request.url.startsWith('/api/') && reply.statusCode < 500) return;
		const log: FastifyBaseLogger = request.log;
		const write = (leftOut?: number): void =>
			log.info(
				{
					method: request.method,
					path: request.url.split('?')[0],
					status: reply.statusCode,
					ms: Math.round(reply.elapsedTime),
					// A request that is no HTTP has none.
					learner: request.principal && 'name' in request.principal ? request.principal.name : undefined,
					...(leftOut !== undefined && { leftOut }),
				},
				'request',
			);
		// What went well has passed the limits on requests.
		if (reply.statusCode < 400) write();
		else sparing.line(`request ${reply.statusCode}`, write);
	});
}
