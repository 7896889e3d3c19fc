/** A port of my sandbox, to be opened in the browser. */
import type { FastifyInstance } from 'fastify';
import { courseParamsSchema, languageQuerySchema, previewRequestSchema, previewSchema } from '../../../src/shared/protocol/api.ts';
import { Refusal } from '../../../src/shared/protocol/refusals.ts';
import { person } from '../../auth/authorise.ts';
import { placeOf } from '../../previews/names.ts';
import type { AppDeps } from '../app-deps.ts';
import { originOf } from '../origin.ts';
import { answers, type Finder, typed } from './route.ts';

/** The first address of a preview; nothing is asked of the program. */
export function installPreviewRoutes(
	plain: FastifyInstance,
	{ addresses, labs, previews, find }: Pick<AppDeps, 'addresses' | 'labs' | 'previews'> & { find: Finder },
): void {
	const schema = {
		params: courseParamsSchema,
		querystring: languageQuerySchema,
		body: previewRequestSchema,
		response: answers(previewSchema),
		description: 'The address at which a web server in my sandbox is shown: for once, and for 30 s.',
	};
	typed(plain).post('/api/sandboxes/:course/previews', { schema, config: { action: 'preview.open' } }, (request) => {
		const lines = labs.lines(find.lab(request, request.params));
		const place = placeOf(addresses, request.headers.host);
		if (!place) throw new Refusal('preview-off', `asked at ${request.headers.host}`);
		const { id, session } = person(request.principal);
		const { port, path } = request.body;
		const page = request.headers.origin ?? originOf({ addresses }, request);
		return previews.open({ owner: { id, session }, lines, port, path, place, page, language: request.query.language });
	});
}
