/** Lists of names from courses of learning platforms, for trainers' rooms. */
import type { FastifyInstance } from 'fastify';
import { Refusal } from '../../../src/shared/protocol/refusals.ts';
import * as schemas from '../../../src/shared/protocol/rooms.ts';
import { courseList } from '../../lti/members.ts';
import { mostNames } from '../../rooms/roster.ts';
import type { AppDeps } from '../app-deps.ts';
import { answers, typed } from './route.ts';

/** Routes that show a list before anything is changed: a room takes it with its form. */
export function installRosterRoutes(plain: FastifyInstance, { store, services }: Pick<AppDeps, 'store' | 'services'>): void {
	const app = typed(plain);
	const url = '/api/rosters/:course';

	const sources = {
		params: schemas.rosterParamsSchema,
		response: answers(schemas.rosterSourcesSchema),
		description: 'Courses of learning platforms whose lists can be asked for.',
	};
	app.get(url, { schema: sources, config: { action: 'room.create' } }, (request) => ({
		sources: store.lti.courses(request.params.course).map(({ platform, context, title }) => ({ platform, context, title })),
	}));

	const read = {
		params: schemas.rosterParamsSchema,
		body: schemas.rosterSourceSchema,
		response: answers(schemas.rosterSchema),
		description: 'Who is in one of them; nothing is kept.',
	};
	app.post(url, { schema: read, config: { action: 'room.create' } }, async (request) => {
		const { platform: name, context } = request.body;
		const platform = store.lti.platforms().find((one) => one.name === name);
		const course = store.lti.courses(request.params.course).find((one) => one.platform === name && one.context === context);
		if (!platform || !course) throw new Refusal('not-found', `${name}/${context}`);
		const list = await courseList(services, { platform, course, mostNames });
		request.log.info({ platform: name, context, people: list.names.length }, 'the list of a course was read');
		return list;
	});
}
