/** All of me: erased. */
import type { FastifyInstance } from 'fastify';
import { erasedSchema, eraseQuerySchema } from '../../../src/shared/protocol/api.ts';
import { Refusal } from '../../../src/shared/protocol/refusals.ts';
import { person } from '../../auth/authorise.ts';
import type { Sessions } from '../../auth/sessions.ts';
import type { AppDeps } from '../app-deps.ts';
import { answers, type MayChange, typed } from './route.ts';

interface MeRouteDeps extends Pick<AppDeps, 'erasing' | 'rooms'> {
	sessions: Sessions;
	mayChange: MayChange;
}

/** Routes about whoever asks, as a whole. */
export function installMeRoutes(plain: FastifyInstance, { erasing, rooms, sessions, mayChange }: MeRouteDeps): void {
	const erase = {
		querystring: eraseQuerySchema,
		response: answers(erasedSchema),
		description: 'Erase all that is known of me, here; what I have open is refused unless I say so.',
	};
	typed(plain).delete('/api/me', { schema: erase, config: { action: 'self.erase' } }, async (request, reply) => {
		const { learner, roles } = person(request.principal);
		await mayChange(request);
		const leads = roles.size > 1 || rooms.rooms(learner).some(({ id }) => rooms.roleIn(id, learner.id) === 'trainer');
		if (leads) throw new Refusal('leads-rooms', learner.name);
		await erasing.erase(learner, { end: request.query.end === '1' });
		sessions.end(request, reply);
		return { erased: true as const };
	});
}
