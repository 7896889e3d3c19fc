/** Certificates of finished courses: a learner's own, and what a code stands for. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { pageAddress } from '../../../src/shared/page-names.ts';
import {
	certificateCodeSchema,
	certificateParamsSchema,
	certificateQuerySchema,
	certificateRequestSchema,
	certificateSchema,
	certificatesSchema,
} from '../../../src/shared/protocol/certificates.ts';
import { goneSchema } from '../../../src/shared/protocol/rooms.ts';
import { person } from '../../auth/authorise.ts';
import type { Guesses } from '../../auth/guesses.ts';
import { badgeIssuer, badgeIssuerPath, badgeKeyPath } from '../../progress/badge.ts';
import { certificateTexts } from '../../progress/certificate-texts.ts';
import { Certificates } from '../../progress/certificates.ts';
import type { Drawer } from '../../progress/draw.ts';
import type { AppDeps } from '../app-deps.ts';
import { clientGone } from '../client-gone.ts';
import { originOf } from '../origin.ts';
import { answers, type Finder, type MayChange, refusals, typed } from './route.ts';

interface CertificateRouteDeps extends Pick<AppDeps, 'store' | 'now' | 'addresses' | 'badgeKey'> {
	find: Finder;
	guesses: Guesses;
	mayChange: MayChange;
	drawer: Drawer;
}

/** Routes of certificates. */
export function installCertificateRoutes(plain: FastifyInstance, deps: CertificateRouteDeps): void {
	const app = typed(plain);
	const certificates = new Certificates(deps);
	const config = { action: 'certificate.own' } as const;

	const all = { response: answers(certificatesSchema), description: 'My certificates of finished courses.' };
	/** Whoever has an account elsewhere is called what that says: nobody can have a certificate made out to another person. */
	const vouched = (learner: string) => deps.store.people.vouchedName(learner);
	app.get('/api/certificates', { schema: all, config }, (request) => {
		const { id } = person(request.principal).learner;
		const name = vouched(id);
		return { certificates: certificates.of(id), ...(name !== undefined && { name }) };
	});

	const asked = {
		body: certificateRequestSchema,
		response: answers(certificateSchema),
		description: 'A certificate of a course that I have finished.',
	};
	app.post('/api/certificates', { schema: asked, config }, async (request, reply) => {
		const { owner, course } = deps.find.lab(request, request.body);
		await deps.mayChange(request);
		return await certificates.issue({ learner: owner.id, gone: clientGone(reply) }, course, vouched(owner.id) ?? request.body.name);
	});

	const params = certificateParamsSchema;
	const gone = { params, response: answers(goneSchema), description: 'Withdraw it: its code is void from then on.' };
	app.delete('/api/certificates/:course', { schema: gone, config }, (request) => {
		certificates.withdraw(person(request.principal).learner.id, request.params.course);
		return { gone: true as const };
	});

	const pdf = { params, querystring: certificateQuerySchema, response: refusals, description: 'The certificate as a PDF.' };
	app.get('/api/certificates/:course/pdf', { schema: pdf, config }, async (request, reply) => {
		await deps.mayChange(request);
		const { language } = request.query;
		const { learner } = person(request.principal);
		const { code } = certificates.own(learner.id, request.params.course);
		const address = `${originOf(deps, request)}${pageAddress('certificate', language)}#${code}`;
		const file = await certificates.pdf({ learner: learner.id, gone: clientGone(reply) }, request.params.course, { language, address });
		const name = `${certificateTexts.file[language]}-${request.params.course}.pdf`;
		reply.header('content-type', 'application/pdf').header('content-disposition', `attachment; filename="${name}"`);
		return reply.send(file as never);
	});

	const badge = {
		params,
		querystring: certificateQuerySchema,
		response: refusals,
		description: 'The certificate as an Open Badge 3.0, a JWT.',
	};
	app.get('/api/certificates/:course/badge', { schema: badge, config }, async (request, reply) => {
		const { language } = request.query;
		const { course } = request.params;
		const jwt = await certificates.badge(person(request.principal).learner.id, course, { language, origin: originOf(deps, request) });
		reply.header('content-type', 'application/vc+jwt').header('content-disposition', `attachment; filename="badge-${course}.jwt"`);
		return reply.send(jwt as never);
	});
	// For whoever verifies a badge, also from a page of their own.
	const open = { schema: { hide: true } };
	const everywhere = (reply: FastifyReply) => reply.header('access-control-allow-origin', '*');
	app.get(badgeKeyPath, open, async (_, reply) => everywhere(reply).send((await deps.badgeKey()).told));
	app.get(badgeIssuerPath, open, (request, reply) => everywhere(reply).send(badgeIssuer(originOf(deps, request))));

	const verify = { body: certificateCodeSchema, response: answers(certificateSchema), description: 'What a code certifies.' };
	app.post('/api/certificates/verify', { schema: verify, config: { action: 'certificate.verify' } }, (request) =>
		deps.guesses.tryCertificate(request, () => certificates.verify(request.body.code)),
	);
}
