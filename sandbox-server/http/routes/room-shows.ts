/** A trainer's own terminal, shown to their room. */
import type { FastifyInstance } from 'fastify';
import * as schemas from '../../../src/shared/protocol/room-member.ts';
import { goneSchema, roomParamsSchema } from '../../../src/shared/protocol/rooms.ts';
import { person } from '../../auth/authorise.ts';
import type { RoomService } from '../../rooms/room-service.ts';
import type { AppDeps } from '../app-deps.ts';
import { answers, typed } from './route.ts';

/** Routes by which a trainer begins and ends to show their terminal. */
export function installRoomShowRoutes(plain: FastifyInstance, { rooms, shows }: Pick<AppDeps, 'shows'> & { rooms: RoomService }): void {
	const app = typed(plain);
	const url = '/api/rooms/:room/show';
	const start = {
		params: roomParamsSchema,
		body: schemas.showRequestSchema,
		response: answers(schemas.doneSchema),
		description: 'Show my terminal to everybody in the room, from the prompt on at which it stands.',
	};
	app.post(url, { schema: start, config: { action: 'room.lead' } }, (request) => {
		shows.start(rooms.room(request.params.room), person(request.principal).learner, request.body);
		return { done: true as const };
	});
	const stop = { params: roomParamsSchema, response: answers(goneSchema), description: 'Show no terminal any more.' };
	app.delete(url, { schema: stop, config: { action: 'room.lead' } }, (request) => {
		shows.stop(request.params.room);
		return { gone: true as const };
	});
}
