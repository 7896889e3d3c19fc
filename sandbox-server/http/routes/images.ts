/** Container images of the courses: what they are, and each as a file. */
import type { FastifyInstance } from 'fastify';
import { imageFile } from '../../../src/shared/image-file.ts';
import { courseImagesSchema, imageParamsSchema } from '../../../src/shared/protocol/images.ts';
import { Refusal } from '../../../src/shared/protocol/refusals.ts';
import type { AppDeps } from '../app-deps.ts';
import { fewAtOnce } from '../in-flight.ts';
import { answers, refusals, typed } from './route.ts';

/** Downloads of one person at once. */
const downloads = 2;

/** Routes of the page of images. */
export function installImageRoutes(plain: FastifyInstance, { courses, images }: Pick<AppDeps, 'courses' | 'images'>): void {
	const app = typed(plain);
	const config = { action: 'images.read' } as const;
	const away = (error: unknown): never => {
		throw new Refusal('images-away', String(error));
	};

	const list = { response: answers(courseImagesSchema), description: 'The container images of the courses.' };
	app.get('/api/images', { schema: list, config }, async () => {
		const reader = images();
		if (!reader) return { courses: [] };
		const withImages = courses.filter(({ settings }) => settings.registry.length > 0);
		const read = withImages.map(async (course) => ({ course: course.slug, images: await reader.of(course) }));
		return { courses: (await Promise.all(read).catch(away)).filter((course) => course.images.length > 0) };
	});

	const file = { params: imageParamsSchema, response: refusals, description: 'An image as a file for docker load and apptainer build.' };
	app.get('/api/images/:course/:image', { schema: file, config, onRequest: fewAtOnce(downloads) }, async (request, reply) => {
		const { course: slug, image: name } = request.params;
		const course = courses.find((one) => one.slug === slug);
		const known = course?.settings.registry.some((image) => image.name === name);
		const found = known ? await images()?.archive({ course: slug, name }).catch(away) : undefined;
		if (!found) throw new Refusal('not-found', `${slug} ${name}`);
		reply.raw.once('close', () => found.stream.destroy());
		reply
			.header('content-type', 'application/x-tar')
			.header('content-length', found.bytes)
			.header('content-disposition', `attachment; filename="${imageFile(name)}"`);
		return reply.send(found.stream as never);
	});
}
