/** Texts in a lesson's working folder: those that its blocks put in place, and those that are edited in the page. */
import type { FastifyInstance } from 'fastify';
import { maxFileBytes } from '../../../src/shared/course/placed-file.ts';
import {
	fileLookSchema,
	fileReportSchema,
	filesGlanceSchema,
	filesReportSchema,
	fileWriteSchema,
	languageQuerySchema,
	lessonParamsSchema,
} from '../../../src/shared/protocol/api.ts';
import type { AppDeps } from '../app-deps.ts';
import { fewAtOnce } from '../in-flight.ts';
import { answers, type Finder, typed } from './route.ts';

/** JSON writes line ends, tabs and quotes as two characters, and as six what stands in no text. */
const bodyLimit = 2 * maxFileBytes + 4096;
/** One that is being written, and those that the service lets wait. */
const bodiesAtOnce = 5;
/** Forty folders and forty files, by their longest paths. */
const glanceLimit = 512 * 1024;

/** Routes by which a lesson's blocks look at the lab's files and write them. */
export function installFileRoutes(plain: FastifyInstance, { files, find }: Pick<AppDeps, 'files'> & { find: Finder }): void {
	const app = typed(plain);
	const asked = { params: lessonParamsSchema, querystring: languageQuerySchema };
	const file = { ...asked, response: answers(fileReportSchema) };
	const onRequest = fewAtOnce(bodiesAtOnce);

	const look = { ...file, body: fileLookSchema, description: "A text in the lesson's working folder." };
	app.post('/api/lessons/:course/:lesson/file/look', { schema: look, config: { action: 'file.read' } }, (request) => {
		const { lab, lesson } = find.lesson(request, request.params);
		return files.look(lab, lesson.slug, request.body.path, request.query.language);
	});

	const glance = {
		...asked,
		body: filesGlanceSchema,
		response: answers(filesReportSchema),
		description: "What is in folders of the lesson's working folder, and the marks of files.",
	};
	const glanceOptions = { schema: glance, onRequest, bodyLimit: glanceLimit, config: { action: 'file.read' } } as const;
	app.post('/api/lessons/:course/:lesson/files', glanceOptions, (request) => {
		const { lab, lesson } = find.lesson(request, request.params);
		return files.glance(lab, lesson.slug, request.body, request.query.language);
	});

	const write = { ...file, body: fileWriteSchema, description: 'Put a text in place, unless the file has changed.' };
	const writeOptions = { schema: write, onRequest, bodyLimit, config: { action: 'file.write' } } as const;
	app.post('/api/lessons/:course/:lesson/file', writeOptions, (request) => {
		const { lab, lesson } = find.lesson(request, request.params);
		return files.write(lab, lesson.slug, request.body, request.query.language);
	});
}
