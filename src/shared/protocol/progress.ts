/** What a learner has done, in all courses of the server: bodies of the HTTP interface. */
import { z } from 'zod';

const momentSchema = z.number().int().describe('ms since 1970');
const spentSchema = z.number().int().describe('time worked, ms, as far as it is known; pauses of more than ten minutes are not in it');

const stepProgressSchema = z.strictObject({
	step: z.string(),
	state: z.enum(['todo', 'begun', 'passed']).describe('begun: tried, and not passed now'),
	tries: z.number().int().describe('different verdicts "not yet" before it was first passed'),
	passed: momentSchema.optional().describe('when it was first passed, where that is known'),
});
const lessonProgressSchema = z.strictObject({
	lesson: z.string(),
	ms: spentSchema,
	steps: z.array(stepProgressSchema).describe('all of the lesson, in order'),
});
const courseProgressSchema = z.strictObject({
	course: z.string(),
	ms: spentSchema,
	last: momentSchema.optional().describe('the last sign of work'),
	lessons: z.array(lessonProgressSchema).describe('all of the course, in order'),
});
export type CourseProgress = z.infer<typeof courseProgressSchema>;

/** Every step of every lesson is passed. */
export const isComplete = ({ lessons }: CourseProgress): boolean =>
	lessons.every(({ steps }) => steps.every(({ state }) => state === 'passed'));
/** Something of it was worked on, tried or done. */
export const isBegun = ({ last, lessons }: CourseProgress): boolean =>
	last !== undefined || lessons.some(({ steps }) => steps.some(({ state }) => state !== 'todo'));

export const ownProgressSchema = z
	.strictObject({
		courses: z.array(courseProgressSchema).describe('all of the server, in order'),
		next: z
			.strictObject({
				course: z.string(),
				lesson: z.string(),
				step: z.string(),
				begun: z.boolean().describe('something of that course has been done'),
			})
			.optional()
			.describe('where to go on; left out when everything is done'),
	})
	.describe('what I have done, in all courses');
export type OwnProgress = z.infer<typeof ownProgressSchema>;
