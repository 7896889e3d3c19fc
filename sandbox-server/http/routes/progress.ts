/** What I have done, in all courses. */
import type { FastifyInstance } from 'fastify';
import { ownProgressSchema } from '../../../src/shared/protocol/progress.ts';
import { person } from '../../auth/authorise.ts';
import { ownProgress } from '../../progress/own-progress.ts';
import type { AppDeps } from '../app-deps.ts';
import { answers, typed } from './route.ts';

/** Routes of a learner's own page. */
export function installProgressRoutes(plain: FastifyInstance, { courses, store }: Pick<AppDeps, 'courses' | 'store'>): void {
	const app = typed(plain);
	const own = { response: answers(ownProgressSchema), description: 'What I have done, in all courses, and where I go on.' };
	app.get('/api/progress', { schema: own, config: { action: 'progress.read' } }, (request) =>
		ownProgress(courses, person(request.principal).learner.id, store),
	);
}
