/** Who I am, the access code, and tickets for the WebSocket. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { accessRequestSchema, accessSchema, sessionSchema, ticketRequestSchema, ticketSchema } from '../../../src/shared/protocol/api.ts';
import type { Access } from '../../auth/access.ts';
import { addressKey } from '../../auth/address-key.ts';
import { person } from '../../auth/authorise.ts';
import type { Sessions } from '../../auth/sessions.ts';
import { type Tickets, ticketSeconds } from '../../auth/tickets.ts';
import type { Visitor } from '../../labs/ports.ts';
import type { Looker } from '../../rooms/looks.ts';
import type { AppDeps } from '../app-deps.ts';
import { answers, type Finder, typed } from './route.ts';

interface SessionRouteDeps extends Pick<AppDeps, 'live' | 'version' | 'rooms'> {
	access: Access;
	sessions: Sessions;
	tickets: Tickets<Visitor | Looker>;
	find: Finder;
}

/** Routes that say who asks: session, access code, tickets for WebSockets. */
export function installSessionRoutes(plain: FastifyInstance, deps: SessionRouteDeps): void {
	const app = typed(plain);
	const { access, sessions, tickets, find } = deps;

	const session = {
		description: 'Who I am; the first call sets the cookie that every other call needs.',
		response: answers(sessionSchema),
	};
	const onRequest = async (request: FastifyRequest, reply: FastifyReply) => access.meet(request, reply);
	app.get('/api/session', { schema: session, config: { action: 'session.open' }, onRequest }, async (request, reply) => {
		const { principal } = request;
		access.renew(request, reply);
		if (principal.kind !== 'nobody') {
			sessions.renew(request, reply);
			const rooms = deps.rooms.rooms(principal.learner).map(({ id, title, course }) => ({ id, title, course }));
			return { learner: principal.name, live: deps.live, version: deps.version, ...(rooms.length > 0 && { rooms }) };
		}
		return { learner: sessions.newcomer(request, reply).name, live: deps.live, version: deps.version };
	});

	const enter = {
		description: 'Lets this browser in, where the server asks for an access code.',
		body: accessRequestSchema,
		response: answers(accessSchema),
	};
	app.post('/api/access', { schema: enter, config: { action: 'access.enter' } }, (request, reply) => {
		access.enter(request, reply, request.body.code);
		return { granted: true as const };
	});

	const ticket = {
		description: 'A ticket for the WebSocket of a lesson page: for one use, soon.',
		body: ticketRequestSchema,
		response: answers(ticketSchema),
	};
	app.post('/api/tickets', { schema: ticket, config: { action: 'connection.open' } }, (request) => {
		const { lab, lesson } = find.lesson(request, request.body);
		const text = tickets.issue({
			principal: person(request.principal),
			lab,
			lesson: lesson.slug,
			language: request.body.language,
			from: addressKey(request.ip),
		});
		return { ticket: text, seconds: ticketSeconds };
	});
}
