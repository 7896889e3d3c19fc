/** What a trainer does with the whole class at once: its pace, and its workbenches. */
import type { FastifyInstance } from 'fastify';
import * as schemas from '../../../src/shared/protocol/room-pace.ts';
import { roomParamsSchema } from '../../../src/shared/protocol/rooms.ts';
import { person } from '../../auth/authorise.ts';
import { extendAll, prepareAll } from '../../rooms/benches.ts';
import type { RoomService } from '../../rooms/room-service.ts';
import type { AppDeps } from '../app-deps.ts';
import { answers, typed } from './route.ts';

interface PaceRouteDeps extends Pick<AppDeps, 'paces' | 'labs' | 'store' | 'courses'> {
	rooms: RoomService;
}

/** Routes by which a trainer leads a room: eyes up, gates, clocks, labs for all. */
export function installRoomPaceRoutes(plain: FastifyInstance, deps: PaceRouteDeps): void {
	const app = typed(plain);
	const { rooms, paces } = deps;
	const pace = {
		params: roomParamsSchema,
		body: schemas.paceRequestSchema,
		response: answers(schemas.paceSchema),
		description: 'Ask everybody to look up, say how far the class may go on, or how long an exercise takes.',
	};
	app.post('/api/rooms/:room/pace', { schema: pace, config: { action: 'room.lead' } }, (request) => {
		const room = rooms.room(request.params.room);
		return paces.set(room, request.body, rooms.nameIn(room.id, person(request.principal).learner));
	});

	const extend = {
		params: roomParamsSchema,
		response: answers(schemas.extendedSchema),
		description: 'Let everybody’s workbench last longer.',
	};
	app.post('/api/rooms/:room/labs/extend', { schema: extend, config: { action: 'room.lead' } }, (request) =>
		extendAll(rooms.room(request.params.room), deps),
	);
	const prepare = {
		params: roomParamsSchema,
		response: answers(schemas.preparedSchema),
		description: 'Start a workbench for everybody who has none.',
	};
	app.post('/api/rooms/:room/labs/start', { schema: prepare, config: { action: 'room.lead' } }, (request) =>
		prepareAll(rooms.room(request.params.room), deps),
	);
}
