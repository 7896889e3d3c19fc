/** What a class did, in the forms that people take away; and the hints and solutions that they open. */
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { languageQuerySchema } from '../../../src/shared/protocol/api.ts';
import { doneSchema } from '../../../src/shared/protocol/room-member.ts';
import { openedRequestSchema, resultsSchema, roomParamsSchema, stepFiguresSchema } from '../../../src/shared/protocol/rooms.ts';
import { person } from '../../auth/authorise.ts';
import { noteOpened } from '../../rooms/recorder.ts';
import { resultsCsv, resultsOf } from '../../rooms/results.ts';
import type { RoomService } from '../../rooms/room-service.ts';
import { stepFiguresCsv, stepFiguresOf } from '../../rooms/step-figures.ts';
import { statementsText } from '../../rooms/xapi.ts';
import type { AppDeps } from '../app-deps.ts';
import { originOf } from '../origin.ts';
import { answers, refusals, typed } from './route.ts';

/** Between two pieces everybody else is served. */
async function* inTurns(pieces: Iterable<string>): AsyncGenerator<string> {
	for (const piece of pieces) {
		yield piece;
		await setImmediate();
	}
}

interface ResultRouteDeps extends Pick<AppDeps, 'feeds' | 'addresses' | 'store' | 'courses' | 'now'> {
	rooms: RoomService;
}

/** Routes that give what a class did, by person and by step, and those that note what learners open. */
export function installRoomResultRoutes(plain: FastifyInstance, deps: ResultRouteDeps): void {
	const app = typed(plain);
	const { rooms, store, feeds } = deps;
	const url = '/api/rooms/:room';
	const config = { action: 'room.lead' } as const;
	const results = (id: string): z.infer<typeof resultsSchema> => {
		const room = rooms.room(id);
		return resultsOf(room, { store, board: feeds.board(room) });
	};
	const figures = (id: string) => stepFiguresOf(results(id), store.roomWork.sentences(id));
	const file = (reply: FastifyReply, { name, type, text }: { name: string; type: string; text: string | Readable }) => {
		reply.header('content-type', `${type}; charset=utf-8`);
		reply.header('content-disposition', `attachment; filename="${name}"`);
		// The types know only the answers that have a schema.
		return reply.send(text as never);
	};
	const asCsv = (description: string) => ({ params: roomParamsSchema, querystring: languageQuerySchema, response: refusals, description });

	const asJson = { params: roomParamsSchema, response: answers(resultsSchema), description: 'What the class did, by person and step.' };
	app.get(`${url}/results`, { schema: asJson, config }, (request) => results(request.params.room));
	const table = asCsv('The same for a spreadsheet of that language, one line for each person and step.');
	app.get(`${url}/results.csv`, { schema: table, config }, async ({ params: { room }, query }, reply) =>
		file(reply, { name: `room-${room}.csv`, type: 'text/csv', text: resultsCsv(results(room), query.language) }),
	);
	const xapi = { params: roomParamsSchema, response: refusals, description: 'The same as xAPI statements, in a file.' };
	app.get(`${url}/results.xapi.json`, { schema: xapi, config }, async (request, reply) => {
		const { room } = request.params;
		const course = deps.courses.find(({ slug }) => slug === rooms.room(room).course);
		const pieces = statementsText(results(room), { origin: originOf(deps, request as FastifyRequest), course });
		return file(reply, { name: `room-${room}.xapi.json`, type: 'application/json', text: Readable.from(inTurns(pieces)) });
	});

	const perStep = {
		params: roomParamsSchema,
		response: answers(stepFiguresSchema),
		description: 'How each step went, without names, for the author.',
	};
	app.get(`${url}/steps`, { schema: perStep, config }, (request) => figures(request.params.room));
	const stepTable = asCsv('The same for a spreadsheet of that language, one line for each step.');
	app.get(`${url}/steps.csv`, { schema: stepTable, config }, async ({ params: { room }, query }, reply) =>
		file(reply, { name: `room-${room}-steps.csv`, type: 'text/csv', text: stepFiguresCsv(figures(room), query.language) }),
	);

	const opened = {
		params: roomParamsSchema,
		body: openedRequestSchema,
		response: answers(doneSchema),
		description: 'I have opened a hint, or the solution, of a step.',
	};
	app.post(`${url}/opened`, { schema: opened, config: { action: 'room.member' } }, (request) => {
		noteOpened(rooms.room(request.params.room), person(request.principal).id, request.body, deps);
		return { done: true as const };
	});
}
