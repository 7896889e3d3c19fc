/** Rooms: joined by everybody who has the code, led by trainers. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Refusal } from '../../../src/shared/protocol/refusals.ts';
import type { Role } from '../../../src/shared/protocol/roles.ts';
import type { FeedHand } from '../../../src/shared/protocol/room-feed.ts';
import * as schemas from '../../../src/shared/protocol/rooms.ts';
import type { Access } from '../../auth/access.ts';
import { person } from '../../auth/authorise.ts';
import type { Guesses } from '../../auth/guesses.ts';
import type { Sessions } from '../../auth/sessions.ts';
import type { RoomDraft, RoomService } from '../../rooms/room-service.ts';
import { type Roster, readRoster } from '../../rooms/roster.ts';
import type { RoomRow } from '../../store/rooms.ts';
import type { AppDeps } from '../app-deps.ts';
import { answers, typed } from './route.ts';

/** A list of 500 names fits. */
const bodyLimit = 128 * 1024;

interface RoomRouteDeps extends Pick<AppDeps, 'courses' | 'store' | 'hands' | 'looks' | 'cards' | 'attendance'> {
	rooms: RoomService;
	access: Access;
	guesses: Guesses;
	sessions: Sessions;
}

/** Routes of a room's door, of its members, and of its trainer. */
export function installRoomRoutes(plain: FastifyInstance, deps: RoomRouteDeps): void {
	installDoorRoutes(plain, deps);
	installMemberRoutes(plain, deps);
	installTrainerRoutes(plain, deps);
}

const shown = ({ id, title, course, lessons, state, starts, ends, erases, handLooks }: RoomRow) => ({
	id,
	title,
	course,
	lessons,
	state,
	starts,
	ends,
	erases,
	handLooks,
});
const asMember = (room: RoomRow, role: Role | undefined) => ({ ...shown(room), role: role as 'learner' | 'helper' | 'trainer' });
const known = ({ principal }: FastifyRequest) => (principal.kind === 'nobody' ? undefined : principal.learner);

/** Ways in: a room's code, a personal word, a link. Each opens the server too, where it asks for an access code. */
function installDoorRoutes(plain: FastifyInstance, { rooms, access, guesses, sessions }: RoomRouteDeps): void {
	const app = typed(plain);

	const door = { body: schemas.doorRequestSchema, response: answers(schemas.doorSchema), description: 'Which open room has this code.' };
	app.post('/api/rooms/door', { schema: door, config: { action: 'room.enter' } }, (request) => {
		const { room, names, known: name } = guesses.try(request, () => rooms.door(request.body.code, known(request)));
		const { title, course, lessons, handLooks } = room;
		return { title, course, lessons, handLooks, names, ...(name !== undefined && { known: name }) };
	});

	const join = { body: schemas.joinRequestSchema, response: answers(schemas.joinedSchema), description: 'Join an open room by its code.' };
	app.post('/api/rooms/join', { schema: join, config: { action: 'room.enter' } }, (request, reply) => {
		const { learner, room, name, word } = guesses.try(request, () => {
			// Before there is a learner for it: a program that guesses makes none.
			rooms.openRoom(request.body.code);
			const learner = (request.body.stranger ? undefined : known(request)) ?? sessions.newcomer(request, reply);
			return { learner, ...rooms.join(learner, request.body) };
		});
		access.give(reply);
		return { room: asMember(room, rooms.roleIn(room.id, learner.id)), name, word };
	});

	const back = { body: schemas.backRequestSchema, response: answers(schemas.knownSchema), description: 'Come back by the personal word.' };
	app.post('/api/rooms/back', { schema: back, config: { action: 'room.enter' } }, (request, reply) => {
		const learner = guesses.tryWord(request, () => rooms.back(request.body.word));
		sessions.open(reply, learner);
		access.give(reply);
		return { learner: learner.name };
	});

	const enter = {
		body: schemas.enterRequestSchema,
		response: answers(schemas.knownSchema),
		description: 'Open a link of a trainer or helper.',
	};
	app.post('/api/rooms/enter', { schema: enter, config: { action: 'room.enter' } }, (request, reply) => {
		const before = known(request);
		const learner = guesses.try(request, () => rooms.enter(request.body.secret, before));
		// A session that somebody else vouches for ends when it would have ended: a link of a room makes no longer one of it.
		if (learner.id === before?.id) sessions.renew(request, reply);
		else sessions.open(reply, learner);
		access.give(reply);
		return { learner: learner.name };
	});
}

/** A hand as its own person sees it: all of it but who they are. */
const raised = ({ id: _, learner: __, name: ___, ...hand }: FeedHand) => hand;

/** What everybody in a room may: see it, see what it knows of them, leave. */
function installMemberRoutes(plain: FastifyInstance, { rooms, store, hands, looks, cards, attendance }: RoomRouteDeps): void {
	const app = typed(plain);
	const me = (request: FastifyRequest) => person(request.principal).learner;

	const mine = { response: answers(schemas.roomsSchema), description: 'The rooms that I am in.' };
	app.get('/api/rooms', { schema: mine, config: { action: 'rooms.mine' } }, (request) => {
		const { learner, roles } = person(request.principal);
		const trainer = roles.has('trainer') || roles.has('operator');
		return { rooms: rooms.rooms(learner).map((room) => asMember(room, rooms.roleIn(room.id, learner.id))), trainer };
	});

	const knows = { params: schemas.roomParamsSchema, response: answers(schemas.meSchema), description: 'What the room knows of me.' };
	app.get('/api/rooms/:room/me', { schema: knows, config: { action: 'room.member' } }, (request) => {
		const { id } = me(request);
		const room = rooms.room(request.params.room);
		const own = rooms.people(room.id).find(({ learner }) => learner === id);
		if (!own) throw new Refusal('not-found');
		const { roomWork } = store;
		const steps = roomWork.steps(room.id, id).map(({ lesson, step, state, tries, begun, passed }) => ({
			lesson,
			step,
			state,
			tries,
			begun,
			...(passed !== undefined && { passed }),
		}));
		const sentences = roomWork.sentences(room.id, id).map(({ lesson, step, fr, en, times }) => ({ lesson, step, fr, en, times }));
		const opened = roomWork.opened(room.id, id).map(({ lesson, step, what, at }) => ({ lesson, step, what, at }));
		const hand = hands.of(room.id).find(({ learner }) => learner === me(request).name);
		return {
			room: asMember(room, own.role),
			name: own.name,
			joined: own.joined,
			steps,
			sentences,
			opened,
			looks: looks.log(room.id, id),
			cards: cards.answeredBy(room.id, id),
			...(hand && { hand: raised(hand) }),
		};
	});

	const leave = {
		params: schemas.roomParamsSchema,
		response: answers(schemas.goneSchema),
		description: 'Leave the room, and be forgotten there.',
	};
	app.delete('/api/rooms/:room/me', { schema: leave, config: { action: 'room.member' } }, (request) => {
		rooms.leave(request.params.room, me(request));
		attendance.touch({ learners: [me(request).id] });
		return { gone: true as const };
	});
}

/** What trainers do with a room. */
function installTrainerRoutes(plain: FastifyInstance, { rooms, courses, attendance }: RoomRouteDeps): void {
	const app = typed(plain);
	const url = '/api/rooms/:room';
	const whole = (room: RoomRow, problems?: Roster['problems']) => ({
		...shown(room),
		code: room.code,
		expected: room.expected,
		names: room.names,
		...(room.rosterFrom && { rosterFrom: room.rosterFrom }),
		people: rooms.people(room.id).map(({ name, role, joined }) => ({ name, role, joined })),
		...(problems && { problems }),
	});
	const read = ({ roster, ...draft }: z.infer<typeof schemas.roomDraftSchema>): { draft: RoomDraft; problems: Roster['problems'] } => {
		const course = courses.find(({ slug }) => slug === draft.course);
		const unknown = course ? draft.lessons.find((slug) => !course.lessons.some((lesson) => lesson.slug === slug)) : draft.course;
		if (unknown !== undefined) throw new Refusal('not-found', unknown);
		const { names, problems } = readRoster(roster);
		return { draft: { ...draft, rosterFrom: draft.rosterFrom, names }, problems };
	};
	const view = { params: schemas.roomParamsSchema, response: answers(schemas.roomViewSchema) };
	const drafted = { body: schemas.roomDraftSchema, response: answers(schemas.roomViewSchema) };

	const create = { ...drafted, description: 'A new room, planned, with me as its trainer.' };
	app.post('/api/rooms', { schema: create, config: { action: 'room.create' }, bodyLimit }, (request) => {
		const { learner } = person(request.principal);
		const { draft, problems } = read(request.body);
		return whole(rooms.create(draft, { learner, name: rooms.nameOf(learner) }), problems);
	});
	app.get(url, { schema: { ...view, description: 'The room, and who is in it.' }, config: { action: 'room.lead' } }, (request) =>
		whole(rooms.room(request.params.room)),
	);
	const edit = { ...drafted, params: schemas.roomParamsSchema, description: 'Say it anew; the last who does so wins.' };
	app.post(url, { schema: edit, config: { action: 'room.lead' }, bodyLimit }, (request) => {
		const { draft, problems } = read(request.body);
		const edited = rooms.edit(request.params.room, draft);
		attendance.touch({ room: edited.id });
		return whole(edited, problems);
	});
	const open = { ...view, description: 'Let people join by its code.' };
	app.post(`${url}/open`, { schema: open, config: { action: 'room.lead' } }, (request) => whole(rooms.open(request.params.room)));
	const close = { ...view, description: 'Let nobody join any more; who is in stays.' };
	app.post(`${url}/close`, { schema: close, config: { action: 'room.lead' } }, (request) => {
		const closed = rooms.close(request.params.room);
		attendance.touch({ room: closed.id });
		return whole(closed);
	});
	const copy = {
		...view,
		body: schemas.copyRequestSchema,
		description: 'The same for another time, planned, with nobody in it but me.',
	};
	app.post(`${url}/copy`, { schema: copy, config: { action: 'room.lead' } }, (request) => {
		const { learner } = person(request.principal);
		return whole(rooms.copy(request.params.room, request.body, { learner, name: rooms.nameOf(learner) }));
	});
	const erase = { params: schemas.roomParamsSchema, response: answers(schemas.goneSchema), description: 'Erase all that is known of it.' };
	app.delete(url, { schema: erase, config: { action: 'room.lead' } }, (request) => {
		const { id } = rooms.room(request.params.room);
		// Afterwards nobody knows any more who was in it.
		const learners = rooms.people(id).map(({ learner }) => learner);
		rooms.erase(id);
		attendance.touch({ learners });
		return { gone: true as const };
	});
	const invite = {
		params: schemas.roomParamsSchema,
		body: schemas.linkRequestSchema,
		response: answers(schemas.linkSchema),
		description: 'A link that makes one person a helper or trainer of the room, once.',
	};
	app.post(`${url}/links`, { schema: invite, config: { action: 'room.lead' } }, (request) =>
		rooms.invite({ ...request.body, room: rooms.room(request.params.room).id }),
	);
}
