/** My lab of a course: started, asked after, reset, put away, taken home. */
import type { FastifyInstance } from 'fastify';
import {
	courseParamsSchema,
	endQuerySchema,
	languageQuerySchema,
	resetRequestSchema,
	sandboxReportSchema,
} from '../../../src/shared/protocol/api.ts';
import { addressKey } from '../../auth/address-key.ts';
import type { AppDeps } from '../app-deps.ts';
import { comeBackAfter } from '../refusals.ts';
import { answers, type Finder, type MayChange, refusals, typed } from './route.ts';

/** Each packs a whole home. */
const archivesPerMinute = 6;

interface LabRouteDeps extends Pick<AppDeps, 'labs' | 'steps'> {
	find: Finder;
	mayChange: MayChange;
}

/** Routes of the asker's own lab of a course: how it stands, start, end, reset. */
export function installLabRoutes(plain: FastifyInstance, { labs, steps, find, mayChange }: LabRouteDeps): void {
	const app = typed(plain);
	const url = '/api/sandboxes/:course';
	const shape = { params: courseParamsSchema, querystring: languageQuerySchema, response: answers(sandboxReportSchema) };

	const look = { schema: { ...shape, description: 'How my sandbox stands.' }, config: { action: 'lab.read' } } as const;
	app.get(url, look, (request) => labs.report(find.lab(request, request.params), request.query.language));

	const description = 'Start it, or queue for it; the same again changes nothing.';
	app.post(url, { schema: { ...shape, description }, config: { action: 'lab.start' } }, (request, reply) => {
		const lab = find.lab(request, request.params);
		labs.start(lab, addressKey(request.ip));
		const report = labs.report(lab, request.query.language);
		// For programs that ask again and again; pages are told by their WebSocket.
		if (report.state === 'queued' || report.state === 'starting')
			reply.header('retry-after', comeBackAfter(report.wait && report.wait / 4));
		return report;
	});

	const end = {
		schema: { ...shape, querystring: endQuerySchema, description: 'Put it away; its files are kept for the next one.' },
		config: { action: 'lab.end' },
	} as const;
	app.delete(url, end, async (request) => {
		const lab = find.lab(request, request.params);
		await mayChange(request);
		await labs.end(lab, request.query.ask === '1');
		return labs.report(lab, request.query.language);
	});

	const afresh = { ...shape, body: resetRequestSchema, description: 'A fresh one in its place, with none of the files.' };
	app.post(`${url}/reset`, { schema: afresh, config: { action: 'lab.end' } }, async (request) => {
		const lab = find.lab(request, request.params);
		await mayChange(request);
		await labs.reset(lab, addressKey(request.ip));
		if (request.body.progress) steps.forget(lab, undefined);
		return labs.report(lab, request.query.language);
	});

	const extend = { schema: { ...shape, description: 'Let it last longer.' }, config: { action: 'lab.extend' } } as const;
	app.post(`${url}/extend`, extend, (request) => {
		const lab = find.lab(request, request.params);
		labs.extend(lab);
		return labs.report(lab, request.query.language);
	});

	const archive = {
		params: courseParamsSchema,
		querystring: languageQuerySchema,
		description: 'My files and commands of the course, as one .tar.gz.',
		produces: ['application/gzip'],
		response: refusals,
	};
	const fewer = { action: 'lab.take-home', rateLimit: { max: archivesPerMinute, timeWindow: 60_000 } } as const;
	app.get(`${url}/archive`, { schema: archive, config: fewer }, async (request, reply) => {
		const lab = find.lab(request, request.params);
		const work = await labs.takeHome(lab, request.query.language);
		reply.header('content-type', 'application/gzip');
		// Both names are made of letters, digits and hyphens alone.
		reply.header('content-disposition', `attachment; filename="${lab.course.slug}-${lab.owner.name}.tar.gz"`);
		// The types know only the answers that have a schema.
		return reply.send(work as never);
	});
}
