/** What trainers and helpers see of their room as it happens, and what trainers say to it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { renderSVG } from 'uqr';
import { pageAddress } from '../../../src/shared/page-names.ts';
import { Refusal } from '../../../src/shared/protocol/refusals.ts';
import { announcedSchema, announceRequestSchema, type FeedView, feedQuerySchema } from '../../../src/shared/protocol/room-feed.ts';
import { roomParamsSchema } from '../../../src/shared/protocol/rooms.ts';
import { type Action, authorise, person } from '../../auth/authorise.ts';
import type { Sessions } from '../../auth/sessions.ts';
import type { RoomService } from '../../rooms/room-service.ts';
import type { AppDeps } from '../app-deps.ts';
import { FeedStream } from '../feed-stream.ts';
import { acceptedLanguage, requestLanguage } from '../language.ts';
import { originOf } from '../origin.ts';
import { answers, refusals, typed } from './route.ts';

interface FeedRouteDeps extends Pick<AppDeps, 'feeds' | 'announcements' | 'addresses'> {
	rooms: RoomService;
	sessions: Sessions;
}

const feedRoutes: { path: string; view: FeedView; action: Action; description: string }[] = [
	{ path: 'feed', view: 'lead', action: 'room.lead', description: 'The class as it works, as server-sent events.' },
	{ path: 'front', view: 'front', action: 'room.lead', description: 'The same without names, for the projector.' },
	{ path: 'queue', view: 'help', action: 'room.help', description: 'Who asks for help, as server-sent events.' },
];

/** Routes that show a room as it goes on (server-sent events), and what its trainer says to it. */
export function installRoomFeedRoutes(plain: FastifyInstance, deps: FeedRouteDeps): void {
	const app = typed(plain);
	const { rooms, announcements } = deps;
	for (const { path, view, action, description } of feedRoutes) {
		const schema = { params: roomParamsSchema, querystring: feedQuerySchema, response: refusals, description };
		// A HEAD would open a feed whose answer nobody reads, and that nobody ends.
		app.get(`/api/rooms/:room/${path}`, { schema, config: { action }, exposeHeadRoute: false }, async (request, reply) => {
			const cardChanges = request.query.cards === 'changes';
			const stream = follow(deps, { request, room: request.params.room, view, cardChanges, action });
			// A proxy that gathered the answer before it passes it on would show nothing at all.
			reply.header('content-type', 'text/event-stream; charset=utf-8').header('x-accel-buffering', 'no');
			// The types know only the answers that have a schema.
			return reply.send(stream as never);
		});
	}

	const announce = {
		params: roomParamsSchema,
		body: announceRequestSchema,
		response: answers(announcedSchema),
		description: 'Say something to all, to one, or to those who are at a step.',
	};
	app.post('/api/rooms/:room/messages', { schema: announce, config: { action: 'room.lead' } }, (request) => {
		const { learner } = person(request.principal);
		const room = rooms.room(request.params.room);
		return announcements.say(room, request.body, rooms.nameIn(room.id, learner));
	});

	const qr = { params: roomParamsSchema, response: refusals, description: 'The short address of an open room as a QR code, in SVG.' };
	app.get('/api/rooms/:room/qr', { schema: qr, config: { action: 'room.lead' } }, async (request, reply) => {
		const { code } = rooms.room(request.params.room);
		if (code === undefined) throw new Refusal('not-found', 'a closed room has no code');
		reply.header('content-type', 'image/svg+xml; charset=utf-8');
		// Behind "#" the code stays in the browser: no proxy keeps it in its log. A redirect keeps what stands there.
		return reply.send(renderSVG(`${originOf(deps, request)}/j#${code}`, { ecc: 'M', border: 2 }) as never);
	});
}

/** "/j" and "/j/C7KR4W" lead to the page where people come in: short enough for a wall. */
export function installShortAddress(plain: FastifyInstance): void {
	const lead = (request: FastifyRequest, reply: FastifyReply) => {
		const { code = '' } = request.params as { code?: string };
		const page = pageAddress('join', acceptedLanguage(request.headers['accept-language']));
		return reply
			.header('vary', 'Accept-Language')
			.header('cache-control', 'no-cache')
			.redirect(`${page}${code === '' ? '' : `#${encodeURIComponent(code)}`}`, 302);
	};
	for (const url of ['/join', '/join/', '/join/:code', '/j', '/j/', '/j/:code']) plain.get(url, { schema: { hide: true } }, lead);
}

interface Following {
	request: FastifyRequest;
	room: string;
	view: FeedView;
	cardChanges: boolean;
	action: Action;
}

/** @throws Refusal not-found, too-many */
function follow({ feeds, rooms, sessions }: FeedRouteDeps, { request, room: id, view, cardChanges, action }: Following): FeedStream {
	const { cookie } = request.headers;
	const stream = new FeedStream();
	const mayStill = () => {
		const principal = sessions.principalOf(cookie);
		const role = principal.kind === 'nobody' ? undefined : rooms.roleIn(id, principal.id);
		authorise(principal, action, { kind: 'room', role });
	};
	const who = person(request.principal).id;
	const leave = feeds.open(rooms.room(id), { who, view, language: requestLanguage(request), cardChanges, sink: stream, mayStill });
	stream.once('close', leave);
	return stream;
}
