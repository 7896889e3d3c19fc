/**
 * What an open lesson page is told of the room that its learner is in (message `room` of the WebSocket): all of it, each time something has
 * changed, so that a page that was away needs nothing else. And what learners and those who help them ask for. Times are ms since 1970.
 */
import { z } from 'zod';
import { slugSchema } from '../course/slug.ts';
import { terminalPattern } from '../course/terminal-names.ts';
import { ownCardSchema } from './room-cards.ts';
import { feedHandSchema } from './room-feed.ts';
import { paceSchema } from './room-pace.ts';
import { roomParamsSchema, roomStates } from './rooms.ts';

const time = z.number().int().min(0);
const id = z.string().regex(/^[0-9a-f]{12}$/);
const person = z.string().describe('name in the room');

export const handSchema = z
	.strictObject({
		lesson: z.string(),
		step: z.string(),
		line: z.string().optional().describe('what the learner wrote'),
		since: time,
		place: z.number().int().min(1).describe('in the queue, among those to whom nobody is on the way'),
		takenBy: person.optional().describe('who is on the way'),
		looks: z.boolean().describe('as long as it is up, it is leave to look'),
	})
	.describe('I have raised my hand');

export const noteSchema = z
	.strictObject({ id: z.string(), from: person, text: z.string(), at: time })
	.describe('what a trainer said to me, or to those among whom I am');

export const followSchema = z
	.strictObject({ by: person, lesson: z.string(), step: z.string() })
	.describe('the trainer asks everybody to come along to this step');

/** asked: nothing is shown yet. typing-asked: it is looked at, and more is asked for. */
export const lookPhases = ['asked', 'looking', 'typing-asked', 'typing', 'ended'] as const;
export type LookPhase = (typeof lookPhases)[number];
export const lookSchema = z
	.strictObject({
		id,
		room: id,
		by: person,
		lesson: z.string(),
		terminal: z.string(),
		phase: z.enum(lookPhases),
		hands: z.enum(['own', 'guest']).describe('who typed last'),
		all: z.literal(true).optional().describe('the whole room is to see it'),
	})
	.describe('somebody asks to look at my terminal, or looks');

export const shownSchema = z
	.strictObject({
		by: person,
		lesson: z.string(),
		terminal: z.string(),
		mine: z.boolean().describe('the terminal is my own'),
		lent: z.literal(true).optional().describe('it is a learner’s, with their leave'),
	})
	.describe('a terminal is shown to the room: a trainer’s, or with their leave a learner’s');

export const memberStateSchema = z.strictObject({
	id,
	title: z.string(),
	state: z.enum(roomStates),
	role: z.enum(['learner', 'helper', 'trainer']),
	handLooks: z.boolean().describe('a raised hand is leave to look'),
	hand: handSchema.optional(),
	notes: z.array(noteSchema).describe('the newest, oldest first'),
	follow: followSchema.optional(),
	pace: paceSchema,
	card: ownCardSchema.optional(),
	shown: shownSchema.optional(),
	looks: z.array(lookSchema),
});
export type MemberState = z.infer<typeof memberStateSchema>;

/** Letters of the line that goes with a raised hand. */
export const longestLine = 200;
const step = { lesson: slugSchema, step: slugSchema };
export const raiseRequestSchema = z.strictObject({
	...step,
	line: z.string().trim().max(longestLine).optional(),
	looks: z.boolean().default(false).describe('the page has said that it is leave to look'),
});
export const raisedSchema = z.strictObject({ hand: handSchema });
export const handParamsSchema = roomParamsSchema.extend({ hand: id });
export const handsSchema = z.strictObject({ hands: z.array(feedHandSchema) });
export const takeRequestSchema = z
	.strictObject({ takenBy: z.string().max(200).nullish().describe('who is on the way as the page shows it; null: nobody') })
	.nullish()
	.describe('without it, as pages from before: the hand is taken whoever is on the way');
const terminal = z.string().regex(terminalPattern);
export const lookRequestSchema = z.strictObject({
	learner: z.string().max(60).describe('public name'),
	lesson: slugSchema,
	terminal,
	all: z.boolean().default(false).describe('for the whole room to see, by trainers'),
});
export const showRequestSchema = z.strictObject({ lesson: slugSchema, terminal });
export const lookedSchema = z.strictObject({ look: id, ticket: z.string() });
export const lookParamsSchema = roomParamsSchema.extend({ look: id });
export const lookAnswerSchema = z.strictObject({
	yes: z.boolean(),
	to: z.enum(['asked', 'typing-asked', 'typing']).describe('the phase that the page showed: a yes to one question is none to the next'),
});
export type LookAnswer = z.infer<typeof lookAnswerSchema>;
export const doneSchema = z.strictObject({ done: z.literal(true) });
export const followRequestSchema = z.strictObject(step);
