/** Bodies of the HTTP interface about rooms. Times are ms since 1970. */
import { z } from 'zod';
import { slugSchema } from '../course/slug.ts';
import { roles } from './roles.ts';

export const roomStates = ['planned', 'open', 'closed'] as const;

const id = z
	.string()
	.regex(/^[0-9a-f]{12}$/)
	.describe('names the room in addresses');
const role = z.enum(roles).exclude(['operator']).describe('of whoever asks, in this room');
const time = z.number().int().min(0);
/** The year 2200: the store's integers, and dates, go further than anybody plans, but not to all that JSON can say. */
const planned = time.max(Date.UTC(2200));

const inAYear = ({ starts, ends }: { starts: number; ends: number }) => ends > starts && ends - starts <= 366 * 24 * 3600_000;
const tooLong = { error: 'a room ends after it starts, within a year' };

export const roomParamsSchema = z.strictObject({ room: id });
export const enterRequestSchema = z.strictObject({ secret: z.string().min(1).max(100).describe('what stands in the link') });
const code = z.string().max(100).describe('the room’s code, as it was typed');
export const doorRequestSchema = z.strictObject({ code });
export const joinRequestSchema = z.strictObject({
	code,
	name: z.string().max(2000).describe('how the person wants to be called'),
	stranger: z.boolean().default(false).describe('it is somebody else than whoever is known in this browser: a machine that people share'),
});
export const backRequestSchema = z.strictObject({ word: z.string().max(200).describe('the personal word, as it was typed') });
export const linkRequestSchema = z.strictObject({ role: z.enum(['helper', 'trainer']), name: z.string().max(200) });

/** A course of a learning platform, by the operator's name for the platform and the course's id there. */
export const rosterSourceSchema = z.strictObject({ platform: z.string().min(1).max(60), context: z.string().min(1).max(255) });
export type RosterSource = z.infer<typeof rosterSourceSchema>;

export const roomDraftSchema = z
	.strictObject({
		title: z.string().trim().min(1).max(120),
		course: slugSchema,
		lessons: z.array(slugSchema).max(100).default([]).describe('of the course; none: all of them'),
		starts: planned,
		ends: planned,
		handLooks: z.boolean().default(false).describe('a raised hand is leave to look; everybody is told so who raises one'),
		expected: z.number().int().min(1).max(500).default(20).describe('people who are expected'),
		roster: z.string().max(60_000).default('').describe('list of names that people pick theirs from, one a line; empty: they type it'),
		rosterFrom: rosterSourceSchema.optional().describe('the course of a learning platform from which that list was taken'),
	})
	.refine(inAYear, tooLong);

export const roomSchema = z
	.strictObject({
		id,
		title: z.string(),
		course: z.string(),
		lessons: z.array(z.string()),
		state: z.enum(roomStates),
		starts: time,
		ends: time,
		erases: time.describe('when everything that is known of the room is erased'),
		handLooks: z.boolean().describe('a raised hand is leave to look'),
		role,
	})
	.describe('a room as everybody in it sees it');
export const roomsSchema = z.strictObject({
	rooms: z.array(roomSchema),
	trainer: z.boolean().describe('whoever asks may make rooms'),
});

export const roomViewSchema = roomSchema
	.omit({ role: true })
	.extend({
		code: z.string().optional().describe('what people type to join; none once it is closed'),
		expected: z.number(),
		names: z.array(z.string()),
		rosterFrom: rosterSourceSchema.optional().describe('the course of a learning platform from which the names were taken'),
		people: z.array(z.strictObject({ name: z.string(), role, joined: time })).describe('in the order of their coming'),
		problems: z
			.array(z.strictObject({ line: z.number(), fault: z.enum(['no-name', 'twice', 'too-many']) }))
			.optional()
			.describe('lines of the list of names that were not understood'),
	})
	.describe('a room as its trainers see it');

export const doorSchema = z
	.strictObject({
		title: z.string(),
		course: z.string(),
		lessons: z.array(z.string()),
		handLooks: z.boolean().describe('a raised hand is leave to look'),
		names: z.array(z.string()).describe('of the list, those that nobody has yet'),
		known: z.string().optional().describe('what whoever asks is called in the room, if they are in it'),
	})
	.describe('a room as those see it who stand at its door with the code');

export const joinedSchema = z.strictObject({
	room: roomSchema,
	name: z.string().describe('as it is shown'),
	word: z.string().optional().describe('brings the person back from any machine; it is not shown again. Trainers and helpers have none'),
});
export const knownSchema = z.strictObject({ learner: z.string() });
export const linkSchema = z.strictObject({ secret: z.string(), name: z.string(), expires: time });
const stepName = { lesson: z.string(), step: z.string() };
/** What is written down of somebody who looks at a terminal. */
export const lookEventKinds = [
	'asked',
	'asked-for-all',
	'refused',
	'withdrawn',
	'looking',
	'looking-by-hand',
	'shown-to-all',
	'typing-asked',
	'typing-refused',
	'typing',
	'typing-ended',
	'ended',
] as const;
export type LookEventKind = (typeof lookEventKinds)[number];

export const meSchema = z
	.strictObject({
		room: roomSchema,
		name: z.string(),
		joined: time,
		steps: z
			.array(
				z.strictObject({
					...stepName,
					state: z.enum(['todo', 'passed', 'failed', 'error']),
					tries: z.number().describe('verdicts "not yet" before it was passed'),
					begun: time.describe('first verdict'),
					passed: time.optional(),
				}),
			)
			.describe('on which there was a verdict in the room’s time'),
		sentences: z
			.array(z.strictObject({ ...stepName, fr: z.string(), en: z.string(), times: z.number() }))
			.describe('what checks said "not yet" with'),
		opened: z
			.array(z.strictObject({ ...stepName, what: z.string().describe('"hint 1", "solution"'), at: time }))
			.describe('hints and solutions that I opened, when for the first time'),
		looks: z
			.array(z.strictObject({ at: time, by: z.string(), what: z.enum(lookEventKinds) }))
			.describe('who looked at my terminal, oldest first'),
		cards: z.array(z.string()).describe('questions of minute cards that I have answered; what, is not known'),
		hand: z
			.strictObject({
				...stepName,
				line: z.string().optional(),
				verdict: z.string().optional(),
				command: z.string().optional(),
				since: time,
				takenBy: z.string().optional(),
				looks: z.boolean().describe('as long as it is up, it is leave to look'),
			})
			.optional()
			.describe('my raised hand, with all that goes with it'),
	})
	.describe('what the room knows of whoever asks');
export const resultsSchema = z
	.strictObject({
		room: z.strictObject({ id, title: z.string(), course: z.string(), starts: time, ends: time }),
		people: z.array(
			z.strictObject({
				name: z.string(),
				learner: z.string().describe('public name'),
				joined: time,
				seen: time.describe('last command, verdict or joining'),
				steps: z.array(
					z.strictObject({
						lesson: z.string(),
						step: z.string(),
						state: z.enum(['todo', 'passed', 'failed', 'error']),
						tries: z.number().describe('verdicts "not yet" before it was passed'),
						begun: time.optional().describe('first verdict in the room’s time'),
						passed: time.optional().describe('first passed in the room’s time'),
						ms: z.number().optional().describe('from the step passed before it, or from joining'),
						hints: z.number().describe('how many were opened, before it was passed'),
						solution: z.boolean().describe('was opened, before it was passed'),
					}),
				),
			}),
		),
	})
	.describe('what a class did, by person and step');

const figure = z.number().int().min(0);
export const stepFiguresSchema = z
	.strictObject({
		room: z.strictObject({ id, title: z.string(), course: z.string() }),
		people: figure,
		steps: z.array(
			z.strictObject({
				...stepName,
				tried: figure.describe('people who had a verdict'),
				passed: figure.describe('of them, people who passed it'),
				failed: figure.describe('of them, people who read "not yet" before they passed it'),
				tries: figure.describe('verdicts "not yet": the middle of those who tried'),
				ms: z.number().optional().describe('how long it took: the middle of those who passed'),
				hints: figure.describe('people who opened a hint'),
				solutions: figure.describe('people who opened the solution'),
				sentence: z
					.strictObject({ text: z.strictObject({ fr: z.string(), en: z.string() }), people: figure, times: figure })
					.optional()
					.describe('what most people read'),
			}),
		),
	})
	.describe('how each step went for the class, without names');

/** Hints of a step. */
const mostHints = 20;
export const openedRequestSchema = z.strictObject({
	lesson: slugSchema,
	step: slugSchema,
	what: z.union([z.strictObject({ hint: z.number().int().min(1).max(mostHints) }), z.literal('solution')]),
});
export type OpenedRequest = z.infer<typeof openedRequestSchema>;

export const rosterParamsSchema = z.strictObject({ course: slugSchema });
export const rosterSourcesSchema = z
	.strictObject({ sources: z.array(rosterSourceSchema.extend({ title: z.string().describe('what the course is called there') })) })
	.describe('courses of learning platforms from which lessons of the course were opened, and whose list can be asked for');
const people = z.number().int().min(0);
export const rosterSchema = z
	.strictObject({
		names: z.array(z.string()).describe('learners of the course, by name; no two are the same'),
		others: people.describe('in the course, and no learners'),
		nameless: people.describe('learners whose names the platform does not say'),
		numbered: people.describe('who got a number: somebody before them has the name too'),
		left: people.describe('learners for whom there was no room on the list'),
	})
	.describe('who is in a course of a learning platform; nothing of it is kept');
export type Roster = z.infer<typeof rosterSchema>;

/** Another time for the same. */
export const copyRequestSchema = z.strictObject({ starts: planned, ends: planned }).refine(inAYear, tooLong);
export const goneSchema = z.strictObject({ gone: z.literal(true) });
