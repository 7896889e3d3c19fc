/** A lesson's steps, values and quizzes, as they stand for me. */
import type { FastifyInstance } from 'fastify';
import {
	checkQuerySchema,
	courseParamsSchema,
	languageQuerySchema,
	lessonParamsSchema,
	progressSchema,
	quizAnswerSchema,
	quizParamsSchema,
	quizResultSchema,
	resetRequestSchema,
	stepParamsSchema,
	stepReportSchema,
	valuesSchema,
} from '../../../src/shared/protocol/api.ts';
import { Refusal } from '../../../src/shared/protocol/refusals.ts';
import type { AppDeps } from '../app-deps.ts';
import { answers, type Finder, type MayChange, typed } from './route.ts';

/** By the query's `now`. */
const asked = { '0': false, '1': 'self', neighbour: 'neighbour' } as const;

interface LessonRouteDeps extends Pick<AppDeps, 'labs' | 'steps' | 'values'> {
	find: Finder;
	mayChange: MayChange;
}

/** Routes of the asker's own way through a lesson: progress, values, quizzes, resets. */
export function installLessonRoutes(plain: FastifyInstance, deps: LessonRouteDeps): void {
	const app = typed(plain);
	const { find, labs, steps } = deps;
	const url = '/api/lessons/:course/:lesson';
	const progress = { querystring: languageQuerySchema, response: answers(progressSchema) };

	const ofCourse = { ...progress, params: courseParamsSchema, description: 'How every step of the course stands.' };
	app.get('/api/courses/:course/progress', { schema: ofCourse, config: { action: 'progress.read' } }, (request) => {
		const lab = find.lab(request, request.params);
		return { steps: steps.reports(lab, undefined, request.query.language) };
	});

	const ofLesson = { ...progress, params: lessonParamsSchema, description: 'How the steps of the lesson stand, in order.' };
	app.get(`${url}/steps`, { schema: ofLesson, config: { action: 'progress.read' } }, (request) => {
		const { lab, lesson } = find.lesson(request, request.params);
		return { steps: steps.reports(lab, lesson.slug, request.query.language) };
	});

	const description = "The learner's own values of the lesson's parameters.";
	const values = { params: lessonParamsSchema, response: answers(valuesSchema), description };
	app.get(`${url}/values`, { schema: values, config: { action: 'values.read' } }, (request) => {
		const { lab, lesson } = find.lesson(request, request.params);
		return { values: deps.values.of(lab, lesson) };
	});

	const atStart = "The lesson as it was at the start, in the learner's sandbox.";
	const reset = { ...progress, params: lessonParamsSchema, body: resetRequestSchema, description: atStart };
	app.post(`${url}/reset`, { schema: reset, config: { action: 'lesson.reset' } }, async (request) => {
		const { lab, lesson } = find.lesson(request, request.params);
		await deps.mayChange(request);
		await labs.resetLesson(lab, lesson.slug);
		if (request.body.progress) steps.forget(lab, lesson.slug);
		return { steps: steps.reports(lab, lesson.slug, request.query.language) };
	});

	const ofStep = { params: stepParamsSchema, querystring: languageQuerySchema, response: answers(stepReportSchema) };
	const check = { ...ofStep, querystring: checkQuerySchema, description: 'Run its check now.' };
	app.post(`${url}/steps/:step/check`, { schema: check, config: { action: 'step.judge' } }, (request) => {
		const { lab, lesson, step } = find.step(request, request.params);
		const { language, now } = request.query;
		return steps.check(lab, lesson.slug, step.id, language, asked[now]);
	});
	const undo = { schema: { ...ofStep, description: 'Undo its work.' }, config: { action: 'step.reset' } } as const;
	app.post(`${url}/steps/:step/reset`, undo, (request) => {
		const { lab, lesson, step } = find.step(request, request.params);
		return steps.reset(lab, lesson.slug, step.id);
	});
	const read = { schema: { ...ofStep, description: 'A step to read has been read.' }, config: { action: 'step.judge' } } as const;
	app.post(`${url}/steps/:step/done`, read, (request) => {
		const { lab, lesson, step } = find.step(request, request.params);
		if (step.check !== undefined) throw new Refusal('bad-request', `step ${step.id} has a check`);
		return steps.done(lab, lesson.slug, step.id);
	});

	const quiz = {
		description: 'An answer to a quiz: it is judged and kept, and so are the steps that ask for it.',
		params: quizParamsSchema,
		querystring: languageQuerySchema,
		body: quizAnswerSchema,
		response: answers(quizResultSchema),
	};
	app.post(`${url}/quizzes/:quiz`, { schema: quiz, config: { action: 'step.judge' } }, (request) => {
		const { lab, lesson } = find.lesson(request, request.params);
		const { language } = request.query;
		const answer = { lesson: lesson.slug, quiz: request.params.quiz, language, ...request.body };
		return { correct: steps.answer(lab, answer) };
	});
}
