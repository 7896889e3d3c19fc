/** Looking at somebody's terminal, with their leave. */
import type { FastifyInstance } from 'fastify';
import { languageQuerySchema } from '../../../src/shared/protocol/api.ts';
import { Refusal } from '../../../src/shared/protocol/refusals.ts';
import * as schemas from '../../../src/shared/protocol/room-member.ts';
import { goneSchema, roomParamsSchema } from '../../../src/shared/protocol/rooms.ts';
import { person } from '../../auth/authorise.ts';
import type { Tickets } from '../../auth/tickets.ts';
import type { Visitor } from '../../labs/ports.ts';
import type { Looker } from '../../rooms/looks.ts';
import type { RoomService } from '../../rooms/room-service.ts';
import type { AppDeps } from '../app-deps.ts';
import { answers, typed } from './route.ts';

interface LookRouteDeps extends Pick<AppDeps, 'looks' | 'store' | 'courses'> {
	rooms: RoomService;
	tickets: Tickets<Visitor | Looker>;
}

/** Routes by which helpers ask to see a terminal, and its owner answers. */
export function installRoomLookRoutes(plain: FastifyInstance, { looks, store, courses, rooms, tickets }: LookRouteDeps): void {
	const app = typed(plain);
	const url = '/api/rooms/:room/looks/:look';

	const ask = {
		params: roomParamsSchema,
		querystring: languageQuerySchema,
		body: schemas.lookRequestSchema,
		response: answers(schemas.lookedSchema),
		description: 'Ask to see somebody’s terminal; the ticket is for a WebSocket that is told of their answer.',
	};
	app.post('/api/rooms/:room/looks', { schema: ask, config: { action: 'room.help' } }, (request) => {
		const principal = person(request.principal);
		const room = rooms.room(request.params.room);
		const by = store.rooms.person(room.id, principal.id);
		const course = courses.find(({ slug }) => slug === room.course);
		if (!by) throw new Refusal('forbidden', 'an operator who is not in the room');
		if (!course?.lessons.some(({ slug }) => slug === request.body.lesson)) throw new Refusal('not-found', request.body.lesson);
		const look = looks.ask(room, by, request.body);
		return { look: look.id, ticket: tickets.issue({ principal, look, course, language: request.query.language }) };
	});

	const typing = { params: schemas.lookParamsSchema, response: answers(schemas.doneSchema), description: 'Ask to type there as well.' };
	app.post(`${url}/typing`, { schema: typing, config: { action: 'room.help' } }, (request) => {
		looks.askTyping(request.params.room, request.params.look, person(request.principal).id);
		return { done: true as const };
	});

	const answer = {
		params: schemas.lookParamsSchema,
		body: schemas.lookAnswerSchema,
		response: answers(schemas.doneSchema),
		description: 'Say yes or no to somebody who asks to look at my terminal, or to type there; or take the yes back.',
	};
	app.post(`${url}/answer`, { schema: answer, config: { action: 'room.member' } }, (request) => {
		looks.answer(request.params.room, request.params.look, person(request.principal).id, request.body);
		return { done: true as const };
	});

	const stop = { params: schemas.lookParamsSchema, response: answers(goneSchema), description: 'End it at once: mine, or at my terminal.' };
	app.delete(url, { schema: stop, config: { action: 'room.member' } }, (request) => {
		looks.stop(request.params.room, request.params.look, person(request.principal).id);
		return { gone: true as const };
	});
}
