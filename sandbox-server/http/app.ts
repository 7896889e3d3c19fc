/** The HTTP app, whole but not listening: tests drive it with `inject`. */
import { randomBytes } from 'node:crypto';
import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { PublicError } from '../../src/shared/errors.ts';
import { defaultLanguage } from '../../src/shared/language.ts';
import { Access } from './access.ts';
import type { AppDeps } from './deps.ts';
import { installHeaders } from './headers.ts';
import { Identity } from './identity.ts';
import { isKnownHost, isOwnOrigin } from './origin.ts';
import { asPublic, installRefusals, refuseOnSocket, sendRefusal } from './refusals.ts';
import { installRoutes } from './routes.ts';
import { installSite } from './site.ts';
import { Sparing } from './sparing.ts';
import { Tickets } from './tickets.ts';
import { installUpgrade } from './upgrade.ts';

/** The largest body that any route needs is a few names. */
const bodyLimit = 16 * 1024;
const defaultRequestsPerMinute = 600;
const safeMethods = ['GET', 'HEAD', 'OPTIONS'];

/** Everything but `listen`. The caller closes it; closing ends the WebSockets too. */
export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
	const { addresses } = deps;
	const app: FastifyInstance = Fastify({
		bodyLimit,
		...(deps.logger ? { loggerInstance: deps.logger } : { logger: false }),
		logController: new LogController({ disableRequestLogging: true }),
		frameworkErrors: (error, request, reply) => {
			const refused = asPublic(error);
			deps.onRefusal?.(refused.code);
			return sendRefusal(refused, request, reply);
		},
		clientErrorHandler: (error, socket) => {
			// The browser has left: nobody is there to be told.
			if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
			else {
				const refused = new PublicError(error.code === 'HPE_HEADER_OVERFLOW' ? 'too-large' : 'bad-request');
				deps.onRefusal?.(refused.code);
				refuseOnSocket(socket, refused, defaultLanguage);
			}
		},
		genReqId: () => randomBytes(6).toString('hex'),
		// Behind a proxy the visitor's address is in a header; without one, whoever sent that header made it up.
		trustProxy: addresses.proxies && addresses.proxies.length > 0 ? [...addresses.proxies] : false,
		routerOptions: { maxParamLength: 100 },
		requestTimeout: 60_000,
		// Open keep-alive connections must not delay the end.
		forceCloseConnections: true,
	});
	app.setValidatorCompiler(validatorCompiler);
	app.setSerializerCompiler(serializerCompiler);
	app.removeContentTypeParser('text/plain');
	const sparing = new Sparing(deps.now);
	installRefusals(app, sparing, deps.onRefusal);
	await installHeaders(app, addresses);
	app.addHook('onRequest', async ({ method, url, headers }) => {
		const api = url.startsWith('/api/');
		if (api && !isKnownHost(headers, addresses)) throw new PublicError('wrong-origin', `addressed as ${headers.host}; see --public-url`);
		if (!safeMethods.includes(method) && !isOwnOrigin(headers, addresses)) {
			throw new PublicError('wrong-origin', `from ${headers.origin ?? 'no Origin'} to ${headers.host}; see --public-url`);
		}
	});
	await app.register(cookie, { secret: deps.secret });
	const secure = addresses.publicOrigin?.startsWith('https:') ?? false;
	const access = new Access(app, { code: deps.accessCode, secret: deps.secret, secure, now: deps.now });
	const identity = new Identity(app, deps.store, { secure, access });
	const tickets = new Tickets(deps.now);
	installRequestLog(app, identity, sparing);

	await app.register(swagger, {
		openapi: { info: { title: 'Établi', description: 'Sandboxes, steps and progress of one learner.', version: deps.version } },
		transform: jsonSchemaTransform,
	});
	app.get('/healthz', { schema: { hide: true } }, (_, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }));
	await app.register(async (api) => {
		await api.register(rateLimit, {
			max: deps.requestsPerMinute ?? defaultRequestsPerMinute,
			timeWindow: 60_000,
			keyGenerator: (request) => identity.rateKey(request),
			errorResponseBuilder: () => new PublicError('too-many'),
		});
		api.addHook('onSend', async (_, reply) => {
			reply.header('cache-control', 'no-store');
		});
		installRoutes(api, { ...deps, access, identity, tickets });
		api.get('/api/openapi.json', { schema: { hide: true } }, () => app.swagger());
	});
	await installSite(app, deps);
	installUpgrade(app, { addresses, connections: deps.connections, identity, tickets, sparing, onRefusal: deps.onRefusal });
	return app;
}

/** One line per call of the interface, with the learner's public name; pages and assets are not worth one. */
function installRequestLog(app: FastifyInstance, identity: Identity, sparing: Sparing): void {
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
					learner: identity.ofHeader(request.headers.cookie)?.name,
					...(leftOut !== undefined && { leftOut }),
				},
				'request',
			);
		// What went well has passed the limits on requests.
		if (reply.statusCode < 400) write();
		else sparing.line(`request ${reply.statusCode}`, write);
	});
}
