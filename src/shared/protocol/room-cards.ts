/** Minute cards: a question to the room, and answers that nobody can tell whose they are. */
import { z } from 'zod';
import { roomParamsSchema } from './rooms.ts';

const id = z.string().regex(/^[0-9a-f]{12}$/);
const count = z.number().int().min(0);

/** Bounds of a card: choices, letters of a question, of a choice and of an answer in words, its answers; cards of one room. */
export const cardBounds = { choices: 6, question: 200, choice: 80, text: 300, answers: 500, cards: 60 };
/** Of fewer answers nothing is shown but how many there are: in so small a number people would know whose they are. */
export const fewestAnswers = 3;

export const cardRequestSchema = z.strictObject({
	question: z.string().trim().min(1).max(cardBounds.question),
	// The server says in a sentence which of them will do.
	choices: z
		.array(z.string().max(1000))
		.max(100)
		.default([])
		.describe('two to six, all different, of 80 letters; none: people answer in their own words'),
});
export const cardParamsSchema = roomParamsSchema.extend({ card: id });
export const cardChangeSchema = z
	.strictObject({ open: z.boolean().optional(), shown: z.boolean().optional().describe('on the wall') })
	.describe('what is left out stays as it is');
export const cardAnswerSchema = z.union([
	z.strictObject({
		choice: z
			.number()
			.int()
			.min(0)
			.max(cardBounds.choices - 1),
	}),
	z.strictObject({ text: z.string().trim().min(1).max(cardBounds.text) }),
]);
export type CardAnswer = z.infer<typeof cardAnswerSchema>;

export const feedCardSchema = z
	.strictObject({
		id,
		question: z.string(),
		choices: z.array(z.string()),
		open: z.boolean(),
		shown: z.boolean().describe('on the wall'),
		people: count.describe('how many have answered'),
		counts: z.array(count).optional().describe('of each choice; none before enough have answered'),
		texts: z.array(z.string()).optional().describe('in no order that says anything; none before enough have answered'),
	})
	.describe('a minute card with its answers, without anybody');
export type FeedCard = z.infer<typeof feedCardSchema>;
export const cardSchema = z.strictObject({ card: feedCardSchema });
export const cardsSchema = z.strictObject({ cards: z.array(feedCardSchema).describe('newest first') });

export const ownCardSchema = z
	.strictObject({ id, question: z.string(), choices: z.array(z.string()), answered: z.boolean().describe('by me; what, nobody knows') })
	.describe('the open card');
