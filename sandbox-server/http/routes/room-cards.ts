/** Minute cards: asked and shown by trainers, answered by people of the room. */
import type { FastifyInstance } from 'fastify';
import { languageQuerySchema } from '../../../src/shared/protocol/api.ts';
import * as schemas from '../../../src/shared/protocol/room-cards.ts';
import { doneSchema } from '../../../src/shared/protocol/room-member.ts';
import { roomParamsSchema } from '../../../src/shared/protocol/rooms.ts';
import { person } from '../../auth/authorise.ts';
import { cardsCsv } from '../../rooms/cards.ts';
import type { RoomService } from '../../rooms/room-service.ts';
import type { AppDeps } from '../app-deps.ts';
import { answers, refusals, typed } from './route.ts';

interface CardRouteDeps extends Pick<AppDeps, 'cards'> {
	rooms: RoomService;
}

/** Routes by which trainers ask and close minute cards, and people of the room answer them. */
export function installRoomCardRoutes(plain: FastifyInstance, { rooms, cards }: CardRouteDeps): void {
	const app = typed(plain);
	const url = '/api/rooms/:room/cards';
	const one = `${url}/:card`;

	const make = {
		params: roomParamsSchema,
		body: schemas.cardRequestSchema,
		response: answers(schemas.cardSchema),
		description: 'Ask the room something; the question before it is closed.',
	};
	app.post(url, { schema: make, config: { action: 'room.lead' } }, (request) => ({
		card: cards.make(rooms.room(request.params.room), request.body),
	}));

	const all = { params: roomParamsSchema, response: answers(schemas.cardsSchema), description: 'All questions, with their answers.' };
	app.get(url, { schema: all, config: { action: 'room.lead' } }, (request) => ({ cards: cards.of(rooms.room(request.params.room)) }));
	const asCsv = {
		params: roomParamsSchema,
		querystring: languageQuerySchema,
		response: refusals,
		description: 'The same for a spreadsheet of that language, one line for each answer.',
	};
	app.get(`${url}.csv`, { schema: asCsv, config: { action: 'room.lead' } }, async (request, reply) => {
		const { room } = request.params;
		const text = cardsCsv(cards.of(rooms.room(room)), request.query.language);
		reply.header('content-type', 'text/csv; charset=utf-8');
		reply.header('content-disposition', `attachment; filename="room-${room}-cards.csv"`);
		return reply.send(text as never);
	});

	const change = {
		params: schemas.cardParamsSchema,
		body: schemas.cardChangeSchema,
		response: answers(doneSchema),
		description: 'Close it, open it again, put it on the wall or take it away.',
	};
	app.post(one, { schema: change, config: { action: 'room.lead' } }, (request) => {
		cards.change(rooms.room(request.params.room), request.params.card, request.body);
		return { done: true as const };
	});

	const answer = {
		params: schemas.cardParamsSchema,
		body: schemas.cardAnswerSchema,
		response: answers(doneSchema),
		description: 'Answer it, once. Whose an answer is, is not stored.',
	};
	app.post(`${one}/answer`, { schema: answer, config: { action: 'room.member' } }, (request) => {
		const { room, card } = request.params;
		cards.answer(rooms.room(room), person(request.principal).id, card, request.body);
		return { done: true as const };
	});
}
