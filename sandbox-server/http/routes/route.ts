/** What the files of routes share: the shape of answers, and what is asked about, by name. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { Lesson, Step } from '../../../src/shared/course/course.ts';
import { refusalSchema } from '../../../src/shared/protocol/api.ts';
import { Refusal } from '../../../src/shared/protocol/refusals.ts';
import { person } from '../../auth/authorise.ts';
import type { Lab } from '../../labs/lab.ts';
import type { AppDeps } from '../app-deps.ts';
import { rateKey } from '../groups.ts';

/** Schemas of the answers that every route may give instead of its own. */
export const refusals = { '4xx': refusalSchema, '5xx': refusalSchema };
/** Schemas of a route's answers. @param schema of its own one, status 200 */
export const answers = <S extends z.ZodType>(schema: S) => ({ 200: schema, ...refusals });

/** The same app; its handlers get the types of their schemas. */
export const typed = (app: FastifyInstance) => app.withTypeProvider<ZodTypeProvider>();

/** Ends and resets of one learner: each costs the engine, which all share, a second or more. */
const changesPerMinute = 30;

/** Asked before each end or reset. @throws Refusal too-many */
export type MayChange = (request: FastifyRequest) => Promise<void>;

/** @param app of the group whose routes share the limit */
export function changeLimit(app: FastifyInstance): MayChange {
	const changes = app.createRateLimit({ max: changesPerMinute, timeWindow: 60_000, keyGenerator: rateKey });
	return async (request) => {
		const count = await changes(request);
		if (!count.isAllowed && count.isExceeded) throw new Refusal('too-many', 'ends and resets');
	};
}

/** What a request is about, by the names in its path or its body: the asker's own lab of the course. @throws Refusal not-found */
export interface Finder {
	lab(request: FastifyRequest, names: { course: string }): Lab;
	lesson(request: FastifyRequest, names: { course: string; lesson: string }): { lab: Lab; lesson: Lesson };
	step(request: FastifyRequest, names: { course: string; lesson: string; step: string }): { lab: Lab; lesson: Lesson; step: Step };
}

/** Looks names up among the courses of this server. */
export function finder({ courses, labs }: Pick<AppDeps, 'courses' | 'labs'>): Finder {
	const must = <T>(thing: T | undefined, name: string): T => {
		if (thing === undefined) throw new Refusal('not-found', name);
		return thing;
	};
	const find: Finder = {
		lab(request, names) {
			const course = courses.find(({ slug }) => slug === names.course);
			return labs.of({ owner: person(request.principal).learner, course: must(course, names.course) });
		},
		lesson(request, names) {
			const lab = find.lab(request, names);
			const lesson = lab.course.lessons.find(({ slug }) => slug === names.lesson);
			return { lab, lesson: must(lesson, names.lesson) };
		},
		step(request, names) {
			const found = find.lesson(request, names);
			const step = found.lesson.steps.find(({ id }) => id === names.step);
			return { ...found, step: must(step, names.step) };
		},
	};
	return find;
}
