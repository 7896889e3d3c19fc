/** Asking for help in a room, and answering; and "follow me". */
import type { FastifyInstance } from 'fastify';
import { languageQuerySchema } from '../../../src/shared/protocol/api.ts';
import { Refusal } from '../../../src/shared/protocol/refusals.ts';
import * as schemas from '../../../src/shared/protocol/room-member.ts';
import { goneSchema, roomParamsSchema } from '../../../src/shared/protocol/rooms.ts';
import { person } from '../../auth/authorise.ts';
import type { RoomService } from '../../rooms/room-service.ts';
import type { AppDeps } from '../app-deps.ts';
import { answers, typed } from './route.ts';

interface HelpRouteDeps extends Pick<AppDeps, 'hands' | 'attendance' | 'store'> {
	rooms: RoomService;
}

/** Routes of hands that go up, of helpers who take them, and of pages that follow the trainer. */
export function installRoomHelpRoutes(plain: FastifyInstance, deps: HelpRouteDeps): void {
	installHandRoutes(plain, deps);
	installHelperRoutes(plain, deps);
	installFollowRoutes(plain, deps);
}

function installHandRoutes(plain: FastifyInstance, { rooms, hands }: HelpRouteDeps): void {
	const app = typed(plain);
	const raise = {
		params: roomParamsSchema,
		querystring: languageQuerySchema,
		body: schemas.raiseRequestSchema,
		response: answers(schemas.raisedSchema),
		description: 'Raise my hand at a step; again: say anew why it is up.',
	};
	app.post('/api/rooms/:room/hand', { schema: raise, config: { action: 'room.member' } }, (request) => {
		const { learner } = person(request.principal);
		const room = rooms.room(request.params.room);
		hands.raise(room, learner, { ...request.body, language: request.query.language });
		const hand = hands.mine(room.id, learner.id);
		if (!hand) throw new Refusal('not-found', 'left the room meanwhile');
		return { hand };
	});

	const lower = { params: roomParamsSchema, response: answers(goneSchema), description: 'Lower my hand.' };
	app.delete('/api/rooms/:room/hand', { schema: lower, config: { action: 'room.member' } }, (request) => {
		hands.lower(request.params.room, person(request.principal).id);
		return { gone: true as const };
	});
}

function installHelperRoutes(plain: FastifyInstance, { rooms, hands }: HelpRouteDeps): void {
	const app = typed(plain);
	const all = { params: roomParamsSchema, response: answers(schemas.handsSchema), description: 'Who asks for help, the longest first.' };
	app.get('/api/rooms/:room/hands', { schema: all, config: { action: 'room.help' } }, (request) => ({
		hands: hands.of(rooms.room(request.params.room).id),
	}));
	const url = '/api/rooms/:room/hands/:hand';
	const take = {
		params: schemas.handParamsSchema,
		body: schemas.takeRequestSchema,
		response: answers(schemas.doneSchema),
		description: 'I am on my way.',
	};
	app.post(`${url}/take`, { schema: take, config: { action: 'room.help' } }, (request) => {
		const { room, hand } = request.params;
		hands.take(room, hand, rooms.nameIn(room, person(request.principal).learner), request.body?.takenBy);
		return { done: true as const };
	});
	const close = { params: schemas.handParamsSchema, response: answers(goneSchema), description: 'They have been helped.' };
	app.delete(url, { schema: close, config: { action: 'room.help' } }, (request) => {
		hands.close(request.params.room, request.params.hand);
		return { gone: true as const };
	});
}

function installFollowRoutes(plain: FastifyInstance, { rooms, attendance, store }: HelpRouteDeps): void {
	const app = typed(plain);
	const url = '/api/rooms/:room/follow';
	const follow = {
		params: roomParamsSchema,
		body: schemas.followRequestSchema,
		response: answers(schemas.doneSchema),
		description: 'Ask everybody to come along to this step, and to those that I go on to.',
	};
	app.post(url, { schema: follow, config: { action: 'room.lead' } }, (request) => {
		const room = rooms.room(request.params.room);
		const { learner } = person(request.principal);
		const leader = store.rooms.person(room.id, learner.id);
		if (!leader) throw new Refusal('forbidden', 'an operator who is not in the room');
		attendance.lead(room, leader, request.body);
		return { done: true as const };
	});
	const stop = { params: roomParamsSchema, response: answers(goneSchema), description: 'No longer.' };
	app.delete(url, { schema: stop, config: { action: 'room.lead' } }, (request) => {
		const room = rooms.room(request.params.room);
		const leader = store.rooms.person(room.id, person(request.principal).id);
		if (leader) attendance.lead(room, leader, undefined);
		return { gone: true as const };
	});
}
