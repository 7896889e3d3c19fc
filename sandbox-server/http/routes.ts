/**
 * The HTTP interface (docs/protocol.md §3). No route takes a learner or sandbox id: whose progress and whose sandbox it is comes from
 * the signed cookie alone, so there is nothing to guess.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import {
	accessRequestSchema,
	accessSchema,
	checkQuerySchema,
	courseParamsSchema,
	fileLookSchema,
	fileReportSchema,
	fileWriteSchema,
	languageQuerySchema,
	lessonParamsSchema,
	progressSchema,
	quizAnswerSchema,
	quizParamsSchema,
	quizResultSchema,
	refusalSchema,
	resetRequestSchema,
	sandboxReportSchema,
	sessionSchema,
	stepParamsSchema,
	stepReportSchema,
	ticketRequestSchema,
	ticketSchema,
	valuesSchema,
} from '../../src/shared/api.ts';
import type { Course, Lesson, Step } from '../../src/shared/course.ts';
import { PublicError } from '../../src/shared/errors.ts';
import { maxFileBytes } from '../../src/shared/placed-file.ts';
import type { Access } from './access.ts';
import { addressKey } from './address-key.ts';
import { Buckets } from './buckets.ts';
import type { AppDeps } from './deps.ts';
import type { Identity } from './identity.ts';
import { comeBackAfter } from './refusals.ts';
import { type Tickets, ticketSeconds } from './tickets.ts';

interface RouteDeps extends Pick<AppDeps, 'benches' | 'steps' | 'files' | 'store' | 'values' | 'courses' | 'live' | 'version' | 'now'> {
	access: Access;
	identity: Identity;
	tickets: Tickets;
}

const refusals = { '4xx': refusalSchema, '5xx': refusalSchema };
const answers = <S extends z.ZodType>(schema: S) => ({ 200: schema, ...refusals });

/** By the query's `now`. */
const asked = { '0': false, '1': 'self', neighbour: 'neighbour' } as const;

/** JSON may write one character of a text as six. */
const fileBodyLimit = 6 * maxFileBytes + 4096;
/** New identities of one address: a whole lecture hall may arrive at once behind it, but a program that makes them up gets few. */
const newLearnersAtOnce = 300;
const newLearnersPerMinute = 60;
/** Each packs a whole home. */
const archivesPerMinute = 6;
/** Ends and resets of one learner: each costs the engine, which all share, a second or more. */
const changesPerMinute = 30;

export function installRoutes(plain: FastifyInstance, deps: RouteDeps): void {
	const app = plain.withTypeProvider<ZodTypeProvider>();
	const { access, benches, steps, store, identity, tickets } = deps;
	const find = finder(deps.courses);
	const newcomers = new Buckets({ burst: newLearnersAtOnce, perMinute: newLearnersPerMinute, now: deps.now });

	const changes = plain.createRateLimit({
		max: changesPerMinute,
		timeWindow: 60_000,
		keyGenerator: (request) => identity.rateKey(request),
	});
	const mayChange = async (request: FastifyRequest): Promise<void> => {
		const count = await changes(request);
		if (!count.isAllowed && count.isExceeded) throw new PublicError('too-many', 'ends and resets');
	};

	const session = {
		description: 'Who I am; the first call sets the cookie that every other call needs.',
		response: answers(sessionSchema),
	};
	app.get('/api/session', { schema: session }, async (request, reply) => {
		if (!access.granted(request.headers.cookie)) throw new PublicError('access-code');
		let learner = identity.ofHeader(request.headers.cookie);
		if (!learner) {
			if (!newcomers.take(addressKey(request.ip))) throw new PublicError('too-many', 'new identities');
			learner = store.createLearner();
		}
		identity.give(reply, learner);
		access.give(reply);
		return { learner: learner.name, live: deps.live, version: deps.version };
	});

	const enter = {
		description: 'Lets this browser in, where the server asks for an access code.',
		body: accessRequestSchema,
		response: answers(accessSchema),
	};
	app.post('/api/access', { schema: enter }, (request, reply) => {
		access.enter(reply, request.body.code, addressKey(request.ip));
		return { granted: true as const };
	});

	const courseProgress = {
		description: 'How every step of the course stands.',
		params: courseParamsSchema,
		querystring: languageQuerySchema,
		response: answers(progressSchema),
	};
	app.get('/api/courses/:course/progress', { schema: courseProgress }, (request) => {
		const learner = identity.of(request);
		const course = find.course(request.params);
		return { steps: steps.reports(learner, course.slug, undefined, request.query.language) };
	});

	const lessonSteps = {
		description: 'How the steps of the lesson stand, in order.',
		params: lessonParamsSchema,
		querystring: languageQuerySchema,
		response: answers(progressSchema),
	};
	app.get('/api/lessons/:course/:lesson/steps', { schema: lessonSteps }, (request) => {
		const learner = identity.of(request);
		const { course, lesson } = find.lesson(request.params);
		return { steps: steps.reports(learner, course.slug, lesson.slug, request.query.language) };
	});

	const lessonValues = {
		description: "The learner's own values of the lesson's parameters.",
		params: lessonParamsSchema,
		response: answers(valuesSchema),
	};
	app.get('/api/lessons/:course/:lesson/values', { schema: lessonValues }, (request) => {
		const learner = identity.of(request);
		const { course, lesson } = find.lesson(request.params);
		return { values: deps.values.of(learner.id, course, lesson) };
	});

	const lessonReset = {
		description: "The lesson as it was at the start, in the learner's sandbox.",
		params: lessonParamsSchema,
		querystring: languageQuerySchema,
		body: resetRequestSchema,
		response: answers(progressSchema),
	};
	app.post('/api/lessons/:course/:lesson/reset', { schema: lessonReset }, async (request) => {
		const learner = identity.of(request);
		const { course, lesson } = find.lesson(request.params);
		await mayChange(request);
		await benches.resetLesson(learner, course.slug, lesson.slug);
		if (request.body.progress) steps.forget(learner, course.slug, lesson.slug);
		return { steps: steps.reports(learner, course.slug, lesson.slug, request.query.language) };
	});

	const file = { params: lessonParamsSchema, querystring: languageQuerySchema, response: answers(fileReportSchema) };
	const lookAtFile = { ...file, body: fileLookSchema, description: "A text in the lesson's working folder." };
	app.post('/api/lessons/:course/:lesson/file/look', { schema: lookAtFile }, (request) => {
		const learner = identity.of(request);
		const { course, lesson } = find.lesson(request.params);
		return deps.files.look(learner, course.slug, lesson.slug, request.body.path, request.query.language);
	});
	const writeFile = { ...file, body: fileWriteSchema, description: 'Put a text in place, unless the file has changed.' };
	app.post('/api/lessons/:course/:lesson/file', { schema: writeFile, bodyLimit: fileBodyLimit }, (request) => {
		const learner = identity.of(request);
		const { course, lesson } = find.lesson(request.params);
		return deps.files.write(learner, course.slug, lesson.slug, request.body, request.query.language);
	});

	const sandbox = { params: courseParamsSchema, querystring: languageQuerySchema, response: answers(sandboxReportSchema) };
	const url = '/api/sandboxes/:course';
	app.get(url, { schema: { ...sandbox, description: 'How my sandbox stands.' } }, (request) => {
		const learner = identity.of(request);
		return benches.report(learner, find.course(request.params).slug, request.query.language);
	});
	app.post(url, { schema: { ...sandbox, description: 'Start it, or queue for it; the same again changes nothing.' } }, (request, reply) => {
		const learner = identity.of(request);
		const course = find.course(request.params).slug;
		benches.start(learner, course, addressKey(request.ip));
		const report = benches.report(learner, course, request.query.language);
		// For programs that ask again and again; pages are told by their WebSocket.
		if (report.state === 'queued' || report.state === 'starting')
			reply.header('retry-after', comeBackAfter(report.wait && report.wait / 4));
		return report;
	});
	app.delete(url, { schema: { ...sandbox, description: 'Put it away; its files are kept for the next one.' } }, async (request) => {
		const learner = identity.of(request);
		const course = find.course(request.params).slug;
		await mayChange(request);
		await benches.end(learner, course);
		return benches.report(learner, course, request.query.language);
	});
	const benchReset = { ...sandbox, body: resetRequestSchema, description: 'A fresh one in its place, with none of the files.' };
	app.post(`${url}/reset`, { schema: benchReset }, async (request) => {
		const learner = identity.of(request);
		const course = find.course(request.params).slug;
		await mayChange(request);
		await benches.reset(learner, course);
		if (request.body.progress) steps.forget(learner, course, undefined);
		return benches.report(learner, course, request.query.language);
	});

	app.post(`${url}/extend`, { schema: { ...sandbox, description: 'Let it last longer.' } }, (request) => {
		const learner = identity.of(request);
		const course = find.course(request.params).slug;
		benches.extend(learner, course);
		return benches.report(learner, course, request.query.language);
	});
	const archive = {
		params: courseParamsSchema,
		querystring: languageQuerySchema,
		description: 'My files and commands of the course, as one .tar.gz.',
		produces: ['application/gzip'],
		response: refusals,
	};
	const fewer = { rateLimit: { max: archivesPerMinute, timeWindow: 60_000 } };
	app.get(`${url}/archive`, { schema: archive, config: fewer }, async (request, reply) => {
		const learner = identity.of(request);
		const course = find.course(request.params).slug;
		const work = await benches.takeHome(learner, course, request.query.language);
		reply.header('content-type', 'application/gzip');
		// Both names are made of letters, digits and hyphens alone.
		reply.header('content-disposition', `attachment; filename="${course}-${learner.name}.tar.gz"`);
		// The types know only the answers that have a schema.
		return reply.send(work as never);
	});

	const step = { params: stepParamsSchema, querystring: languageQuerySchema, response: answers(stepReportSchema) };
	app.post(
		'/api/lessons/:course/:lesson/steps/:step/check',
		{ schema: { ...step, querystring: checkQuerySchema, description: 'Run its check now.' } },
		(request) => {
			const learner = identity.of(request);
			const found = find.step(request.params);
			return steps.check(learner, found.course.slug, found.lesson.slug, found.step.id, request.query.language, asked[request.query.now]);
		},
	);
	app.post('/api/lessons/:course/:lesson/steps/:step/reset', { schema: { ...step, description: 'Undo its work.' } }, (request) => {
		const learner = identity.of(request);
		const found = find.step(request.params);
		return steps.reset(learner, found.course.slug, found.lesson.slug, found.step.id);
	});
	app.post(
		'/api/lessons/:course/:lesson/steps/:step/done',
		{ schema: { ...step, description: 'A step to read has been read.' } },
		(request) => {
			const learner = identity.of(request);
			const found = find.step(request.params);
			if (found.step.check !== undefined) throw new PublicError('bad-request', `step ${found.step.id} has a check`);
			return steps.done(learner, found.course.slug, found.lesson.slug, found.step.id);
		},
	);

	const quiz = {
		description: 'An answer to a quiz: it is judged and kept, and so are the steps that ask for it.',
		params: quizParamsSchema,
		querystring: languageQuerySchema,
		body: quizAnswerSchema,
		response: answers(quizResultSchema),
	};
	app.post('/api/lessons/:course/:lesson/quizzes/:quiz', { schema: quiz }, (request) => {
		const learner = identity.of(request);
		const { course, lesson } = find.lesson(request.params);
		const { language } = request.query;
		return {
			correct: steps.answer(learner, { course: course.slug, lesson: lesson.slug, quiz: request.params.quiz, language, ...request.body }),
		};
	});

	const ticket = {
		description: 'A ticket for the WebSocket of a lesson page: for one use, soon.',
		body: ticketRequestSchema,
		response: answers(ticketSchema),
	};
	app.post('/api/tickets', { schema: ticket }, (request) => {
		const learner = identity.of(request);
		const { course, lesson } = find.lesson(request.body);
		const text = tickets.issue({
			learner,
			course: course.slug,
			lesson: lesson.slug,
			language: request.body.language,
			from: addressKey(request.ip),
		});
		return { ticket: text, seconds: ticketSeconds };
	});
}

/** Courses, lessons and steps by name. @throws PublicError not-found */
function finder(courses: readonly Course[]) {
	const must = <T>(thing: T | undefined, name: string): T => {
		if (thing === undefined) throw new PublicError('not-found', name);
		return thing;
	};
	const course = (names: { course: string }): Course =>
		must(
			courses.find(({ slug }) => slug === names.course),
			names.course,
		);
	const lesson = (names: { course: string; lesson: string }): { course: Course; lesson: Lesson } => {
		const found = course(names);
		return {
			course: found,
			lesson: must(
				found.lessons.find(({ slug }) => slug === names.lesson),
				names.lesson,
			),
		};
	};
	const step = (names: { course: string; lesson: string; step: string }): { course: Course; lesson: Lesson; step: Step } => {
		const found = lesson(names);
		return {
			...found,
			step: must(
				found.lesson.steps.find(({ id }) => id === names.step),
				names.step,
			),
		};
	};
	return { course, lesson, step };
}
