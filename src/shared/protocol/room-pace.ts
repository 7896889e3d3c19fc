/** How a trainer leads the class through its time: eyes up, how far it may go on, how long an exercise takes. Times are ms since 1970. */
import { z } from 'zod';
import { slugSchema } from '../course/slug.ts';

const time = z.number().int().min(0);
const stepName = { lesson: z.string(), step: z.string() };

export const paceSchema = z
	.strictObject({
		attention: z
			.strictObject({ by: z.string().describe('name of the trainer'), until: time })
			.optional()
			.describe('everybody is asked to look up'),
		gate: z.strictObject(stepName).optional().describe('the class stops after this step, for now; nothing is locked'),
		clock: z
			.strictObject({ ...stepName, ends: time })
			.optional()
			.describe('so long there is for this step; it stays for a while after its end'),
	})
	.describe('by the server’s clock');
export type Pace = z.infer<typeof paceSchema>;

/** Bounds of what may be asked for. */
export const paceBounds = { seconds: { least: 5, most: 600 }, minutes: { least: 1, most: 240 } };

const step = { lesson: slugSchema, step: slugSchema };
const minutes = z.number().int().min(paceBounds.minutes.least).max(paceBounds.minutes.most);
export const paceRequestSchema = z
	.strictObject({
		attention: z
			.strictObject({ seconds: z.number().int().min(paceBounds.seconds.least).max(paceBounds.seconds.most) })
			.nullable()
			.optional(),
		gate: z.strictObject(step).nullable().optional(),
		clock: z
			.union([z.strictObject({ ...step, minutes }), z.strictObject({ more: minutes.describe('minutes besides') })])
			.nullable()
			.optional(),
	})
	.describe('what is left out stays as it is; null: it is over');
export type PaceRequest = z.infer<typeof paceRequestSchema>;

const count = z.number().int().min(0);
export const extendedSchema = z.strictObject({
	extended: count,
	spent: count.describe('they last as long as their course allows already'),
	coming: count.describe('they start, or wait for their turn: there is nothing to extend yet'),
	without: count.describe('people who have none'),
});
export const preparedSchema = z.strictObject({
	asked: count.describe('workbenches that start now, or wait for their turn'),
	had: count.describe('people who have one already'),
	stopping: count.describe('they are being put away, and cannot start before that is done'),
	refused: count.describe('too many wait'),
});
