/** Container images of the courses' registry: bodies of the HTTP interface. */
import { z } from 'zod';
import { slugSchema } from '../course/slug.ts';

/** From the image itself: whoever made it wrote it. */
const saidSchema = z.string().optional();

/** One image of a course. */
export const courseImageSchema = z.strictObject({
	name: z.string().describe('with its tag: "lolcow:1.0"'),
	digest: z.string().describe('of its manifest: "sha256:…"'),
	bytes: z.number().int().describe('to be brought: its layers, compressed'),
	layers: z.number().int(),
	platform: z.string().describe('"linux/amd64"'),
	created: z.number().int().optional().describe('ms since 1970'),
	title: saidSchema,
	description: saidSchema,
	version: saidSchema,
	licenses: saidSchema,
	source: saidSchema,
	command: z.array(z.string()).describe('what runs unless told otherwise: entry point, then its arguments'),
	user: saidSchema.describe('Docker and Podman run it as; Apptainer as whoever runs it'),
	folder: saidSchema.describe('it begins in; Apptainer begins where one stands'),
	ports: z.array(z.string()),
	volumes: z.array(z.string()),
	packages: z
		.array(z.strictObject({ name: z.string(), version: z.string() }))
		.optional()
		.describe('by the package manager’s own list in it (Debian, Alpine); left out where there is none'),
	signed: z.boolean().describe('a signature of cosign stands beside it'),
});
export type CourseImage = z.infer<typeof courseImageSchema>;

export const courseImagesSchema = z.strictObject({
	courses: z.array(z.strictObject({ course: z.string(), images: z.array(courseImageSchema) })).describe('those that have any'),
});
export type CourseImages = z.infer<typeof courseImagesSchema>;

export const imageParamsSchema = z.strictObject({
	course: slugSchema,
	/** As it stands in course.yaml, with its tag. */
	image: z.string().max(100),
});
