/**
 * The room feed: what an open cockpit, a projector page and a helper's queue are told, as server-sent events (docs/protocol.md §3). The first
 * is a snapshot; then come changes, a few a second at most. Times are ms since 1970.
 */
import { z } from 'zod';
import { feedCardSchema } from './room-cards.ts';
import { paceSchema } from './room-pace.ts';
import { roomStates } from './rooms.ts';

const time = z.number().int().min(0);
const count = z.number().int().min(0);
const learner = z.string().describe('public name, "learner-7f3a9c"');
/** Courses may be in one language alone. */
const sentence = z.strictObject({ fr: z.string(), en: z.string() });

/** What a step of one person shows: a letter for each, in the order of the room's steps. */
export const stepMarks = { todo: '.', passed: 'p', failed: 'f', error: 'e' } as const;
export type StepMark = (typeof stepMarks)[keyof typeof stepMarks];

export const feedRoomSchema = z
	.strictObject({
		id: z.string(),
		title: z.string(),
		course: z.string(),
		state: z.enum(roomStates),
		code: z.string().optional(),
		starts: time,
		ends: time,
		expected: count,
		steps: z.array(z.strictObject({ lesson: z.string(), step: z.string() })).describe('of the room’s lessons, in order'),
	})
	.describe('changes when a trainer edits, opens or closes the room');

export const feedPersonSchema = z.strictObject({
	id: learner,
	name: z.string().describe('as chosen in the room'),
	pages: count.describe('open pages of the room’s course; 0: away'),
	lab: z.enum(['none', 'queued', 'starting', 'live', 'stopping', 'lost']).describe('how their workbench stands'),
	marks: z.string().regex(/^[.pfe]*$/),
	at: count.describe('number of the step that they are at, from 0; as many as there are steps: done with all'),
	since: time.describe('when they came to that step'),
	tries: count.describe('verdicts "not yet" at that step'),
	seen: time.describe('last command, verdict or joining'),
});

export const feedHandSchema = z
	.strictObject({
		id: z.string(),
		learner,
		name: z.string(),
		lesson: z.string(),
		step: z.string(),
		line: z.string().optional().describe('what they wrote'),
		verdict: z.string().optional().describe('the last one of that step'),
		command: z.string().optional().describe('their last one'),
		since: time,
		takenBy: z.string().optional().describe('name of the trainer or helper who is on the way'),
		looks: z.boolean().describe('the hand is leave to look: they are not asked'),
	})
	.describe('somebody who asks for help; who has waited longest comes first');

export const feedCountsSchema = z
	.strictObject({
		people: count,
		here: count.describe('with a page open'),
		at: z.array(count).describe('how many are at each step; the last: done with all'),
		median: count.optional().describe('step that half of those who are here have reached; none while nobody is'),
		hands: count,
	})
	.describe('the class without names');

export const feedSentenceSchema = z
	.strictObject({ lesson: z.string(), step: z.string(), text: sentence, people: count, times: count })
	.describe('what checks said to how many, those of most people first');
export const feedCommandSchema = z
	.strictObject({ command: z.string().describe('its first words'), people: count, times: count })
	.describe('commands that ended with an error, for two people or more');

const sections = {
	room: feedRoomSchema.optional(),
	people: z.array(feedPersonSchema).optional().describe('in a change, those who stand differently'),
	gone: z.array(learner).optional().describe('who left'),
	counts: feedCountsSchema.optional(),
	hands: z.array(feedHandSchema).optional(),
	sentences: z.array(feedSentenceSchema).optional(),
	commands: z.array(feedCommandSchema).optional(),
	pace: paceSchema.optional(),
	cards: z
		.array(feedCardSchema)
		.optional()
		.describe('newest first; in a change, those that stand differently, for a page that says that it puts them together'),
	wall: z
		.array(feedCardSchema)
		.optional()
		.describe('cards that are on the wall: one, or none; while one in words is open, without what people wrote'),
};

export const feedEventSchema = z.discriminatedUnion('type', [
	z.strictObject({ type: z.literal('snapshot'), now: time.describe('the server’s clock'), ...sections }),
	z.strictObject({ type: z.literal('change'), now: time, ...sections }),
	z.strictObject({ type: z.literal('over'), code: z.string(), message: z.string() }).describe('nothing follows: not to be opened again'),
]);

/** What a page says of itself when it opens the feed; other values are those of newer pages. */
export const feedQuerySchema = z.object({
	cards: z
		.string()
		.optional()
		.describe('"changes": it puts changes of minute cards together; else it is told all of them, as pages from before expect'),
});

export type FeedRoom = z.infer<typeof feedRoomSchema>;
export type FeedPerson = z.infer<typeof feedPersonSchema>;
export type FeedHand = z.infer<typeof feedHandSchema>;
export type FeedCounts = z.infer<typeof feedCountsSchema>;
export type FeedSentence = z.infer<typeof feedSentenceSchema>;
export type FeedCommand = z.infer<typeof feedCommandSchema>;
export type FeedEvent = z.infer<typeof feedEventSchema>;

/**
 * Who looks: lead: its trainers, everything. front: the same people, for the wall, without names. help: helpers, the queue alone.
 * What a view does not have in a snapshot, it is never told.
 */
export const feedViews = {
	lead: ['room', 'people', 'counts', 'hands', 'sentences', 'commands', 'pace', 'cards'],
	front: ['room', 'counts', 'pace', 'wall'],
	help: ['room', 'hands'],
} as const;
export type FeedView = keyof typeof feedViews;

/** A message to people of the room. */
export const announceRequestSchema = z.strictObject({
	text: z.string().trim().min(1).max(500),
	to: z.union([
		z.literal('all'),
		z.strictObject({ learner }),
		z.strictObject({ lesson: z.string(), step: z.string() }).describe('those who are at this step'),
	]),
});
export type AnnounceRequest = z.infer<typeof announceRequestSchema>;
export const announcedSchema = z.strictObject({
	people: count.describe('to how many it goes'),
	here: count.describe('of them, with a page open'),
});
