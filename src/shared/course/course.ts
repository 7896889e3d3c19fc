/** What an author writes in course.yaml, lesson.yaml and at the head of a lesson: schema first, unknown keys refused. */
import { z } from 'zod';
import { bytesSchema } from '../bytes.ts';
import { languageSchema, languages, type Text, textSchema } from '../language.ts';
import { type CourseVersion, versionSchema } from '../protocol/version.ts';
import { clusterSchema } from './cluster.ts';
import { readConditions } from './conditions.ts';
import { needs } from './oci-runtimes.ts';
import { parametersSchema } from './parameters.ts';
import { slugSchema } from './slug.ts';

export { bytesSchema, slugSchema };

const durationPattern = /^(\d+) ?(s|min|h)$/;
const durationUnits: Record<string, number> = { s: 1, min: 60, h: 3600 };

/** "60 min" → seconds. */
export const durationSchema = z
	.string()
	.regex(durationPattern, 'a time such as "60 min"')
	.transform((text) => {
		const [, number, unit] = durationPattern.exec(text) as unknown as [string, string, string];
		return Number(number) * (durationUnits[unit] ?? 1);
	})
	.describe('a time: a whole number and s, min or h');

/** "08:50" → minutes since midnight. */
export const timeOfDaySchema = z
	.string()
	.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as "08:50"')
	.transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))
	.describe('a time of day: hours and minutes, such as 08:50');

const writablePlaceSchema = z.strictObject({
	size: bytesSchema,
	files: z.number().int().min(100).max(1_000_000).describe('how many files and folders fit'),
});

/** Bytes of a sandbox's memory that its files must leave: /dev/shm (64 MiB), and an eighth for the agent, shells, a check. */
const workingMemory = (memory: number) => 64 * 2 ** 20 + memory / 8;

export const limitsSchema = z
	.strictObject({
		memory: bytesSchema.prefault('1 GiB').describe('memory of one sandbox, its files in home and tmp included; there is no swap'),
		cpus: z.number().min(0.1).max(64).default(1).describe('processor time, in cores'),
		processes: z.number().int().min(32).max(4096).default(256).describe('processes and threads'),
		home: writablePlaceSchema.prefault({ size: '512 MiB', files: 20_000 }).describe("the learner's home folder"),
		tmp: writablePlaceSchema.prefault({ size: '256 MiB', files: 20_000 }).describe('/tmp and /var/tmp together'),
	})
	.superRefine(({ memory, home, tmp }, context) => {
		const most = Math.max(0, Math.floor((memory - workingMemory(memory)) / 2 ** 20));
		// A size that could not be read has its own message.
		if (!(home.size + tmp.size > most * 2 ** 20)) return;
		const message = `home and tmp count as memory: together they may be at most ${most} MiB here, so that a shell still runs when both are full`;
		context.addIssue({ code: 'custom', path: ['memory'], message });
	})
	.describe('what one sandbox may use');
export type Limits = z.infer<typeof limitsSchema>;

export const courseSchema = z.strictObject({
	name: slugSchema.optional().describe("the course's name in addresses and progress; the folder's name if left out"),
	version: versionSchema.optional().describe('what learners and trainers call this state of the course, such as 1.2.0'),
	title: textSchema,
	summary: textSchema.describe('one or two sentences for the list of courses'),
	authors: z.array(z.string().min(1)).min(1),
	license: z.string().default('CC-BY-4.0').describe('SPDX identifier'),
	image: z
		.string()
		.regex(/^[a-z0-9][a-z0-9._/-]*$/)
		.default('image')
		.describe("folder of the learners' machine: a Dockerfile whose base is given as ARG BASE"),
	languages: z
		.array(languageSchema)
		.min(1)
		.default([...languages])
		.describe('those that its texts are in; the pages of the other language show these texts, with a notice'),
	user: z
		.enum(['learner', 'root'])
		.default('learner')
		.describe(
			'root: the shells are root of a namespace of their own, over a system that can be written to; they have no right outside of it',
		),
	runtime: z
		.string()
		.regex(/^[a-zA-Z0-9._-]+$/)
		.optional()
		.describe("OCI runtime, as the engine names it: runc, crun, runsc, …; the engine's own default if left out"),
	needs: z
		.array(z.enum(needs))
		.default([])
		.describe('what its sandboxes must be able to do, and not every runtime lets them: nested-containers for Apptainer'),
	cluster: clusterSchema.optional(),
	limits: limitsSchema.prefault({}),
	idle: durationSchema.prefault('60 min').describe('a sandbox that nobody looks at for so long is put away'),
	lifetime: durationSchema.prefault('8 h').describe('a sandbox is put away after so long in any case'),
	extend: z
		.strictObject({
			by: durationSchema.prefault('30 min').describe('how much longer each time'),
			times: z.number().int().min(0).max(100).default(3).describe('how often; 0: never'),
		})
		.prefault({})
		.describe('a learner may make their sandbox last longer'),
	pool: z.number().int().min(0).max(200).default(1).describe('sandboxes kept ready ahead of learners'),
	warm: z
		.array(
			z.strictObject({
				from: timeOfDaySchema.describe('begin, in the time zone of the server'),
				until: timeOfDaySchema.describe('end; before `from`: of the next day'),
				ready: z.number().int().min(0).max(200).describe('sandboxes kept ready meanwhile, in place of `pool`'),
			}),
		)
		.default([])
		.describe('hours at which more learners come, or fewer'),
	parameters: parametersSchema.default({}).describe('values that differ from learner to learner, in every lesson of the course'),
	registry: z
		.array(
			z.strictObject({
				name: z
					.string()
					.regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-][a-z0-9]+)*)*:[\w.-]+$/, 'a name with a tag, such as "lolcow:1.0"'),
				from: z.string().describe('folder with a Dockerfile, relative to the course'),
			}),
		)
		.default([])
		.describe("images of the course in the sandboxes' registry at localhost:5000"),
});
export type CourseSettings = z.infer<typeof courseSchema>;

export const stepSchema = z.strictObject({
	id: slugSchema,
	check: z
		.unknown()
		.transform((value, context) => (typeof value === 'boolean' ? value : readConditions(value, context)))
		.prefault(true)
		.describe('true: checks/<id>.sh says whether it is done; conditions in its place; false: a step to read, passed by pressing "done"'),
	solution: z.boolean().optional().describe('false: none is known, and there is no solutions/<id>.sh; the step can be checked, not proved'),
	challenge: z.boolean().optional().describe('true: the run blocks of the text do not finish the step, the learner is to find out how'),
	after: z.array(slugSchema).min(1).optional().describe('steps that have to be passed before this one is looked at'),
	holds: z
		.enum(['ever', 'now'])
		.optional()
		.describe('ever (if left out): once passed it stays so; now: it has to be so still, until the lesson is finished'),
});

export const lessonSchema = z
	.strictObject({
		minutes: z.number().int().min(1).max(480).describe('how long a learner needs'),
		steps: z.array(stepSchema).min(1).max(30),
		terminals: z.number().int().min(1).max(4).default(1).describe('terminals open at the start'),
		folder: z
			.enum(['own', 'home'])
			.optional()
			.describe(
				'where terminals and scripts start: own (if left out): ~/<lesson folder>; home: the home folder, which "reset" does not empty',
			),
		cluster: clusterSchema.optional(),
		parameters: parametersSchema.default({}).describe('values that differ from learner to learner, in this lesson'),
	})
	.superRefine(({ steps }, context) => {
		const ids = steps.map(({ id }) => id);
		for (const [index, { check, after = [], holds }] of steps.entries()) {
			for (const [place, id] of after.entries()) {
				const path = ['steps', index, 'after', place];
				const before = ids.slice(0, index);
				if (before.includes(id)) continue;
				const message = ids.includes(id) ? `the step "${id}" does not stand before this one` : `there is no step "${id}"`;
				context.addIssue({ code: 'custom', path, message, params: { key: id, known: before } });
			}
			if (holds === 'now' && check === false) {
				const params = { remedy: 'Remove `holds`, or give the step a check.' };
				context.addIssue({ code: 'custom', path: ['steps', index, 'holds'], message: 'a step to read is never looked at again', params });
			}
		}
	});
export type StepSettings = z.infer<typeof stepSchema>;
export type LessonSettings = z.infer<typeof lessonSchema>;

/** The head of fr.mdx and en.mdx. */
export const headSchema = z.strictObject({
	title: z.string().min(1),
	description: z.string().min(1).describe('one sentence: what the learner can do afterwards'),
});

/** One step, complete: its texts are in the lesson's .mdx files. */
export interface Step {
	id: string;
	/** Text of checks/<id>.sh, or made from the step's conditions; undefined for a step to read. */
	check: string | undefined;
	/** Text of solutions/<id>.sh. */
	solution: string | undefined;
	/** Text of resets/<id>.sh: takes the step's work away, so that it can be done again. */
	reset: string | undefined;
	/** Quizzes that its check asks for. */
	quizzes?: QuizQuestion[];
	/** It asks for nothing else: no sandbox is needed to judge it. */
	quizOnly?: boolean;
	/** Ids of steps that have to be passed before this one is looked at. */
	after?: string[];
	/** 'now': it falls back when it is no longer so, until the lesson is finished; otherwise, once passed it stays so. */
	holds?: 'ever' | 'now';
}

/** A quiz in a step's check, and what the learner is told while it has not been answered rightly. */
export interface QuizQuestion {
	id: string;
	fail: Text;
	hint?: number;
}

/** A quiz that stands in both languages' texts. */
export interface LessonQuiz {
	id: string;
	/** Step in which it stands. */
	step: string | undefined;
	choices: Record<'fr' | 'en', number>;
	/** Numbers of the right choices, from 0, in order. */
	correct: Record<'fr' | 'en', number[]>;
}

export interface Lesson {
	/** Folder name without its number: "first-container". */
	slug: string;
	/** Folder name: "01-first-container"; its order, and the learner's working folder. */
	folder: string;
	settings: LessonSettings;
	head: Record<'fr' | 'en', z.infer<typeof headSchema>>;
	steps: Step[];
	quizzes?: LessonQuiz[];
	/** Text of setup.sh (or .py, …), run once as the learner in a sandbox before the lesson's first terminal opens; and by "reset". */
	setup: string | undefined;
	/** Text of cleanup.sh, run as the learner before setup when the lesson is reset: takes away what setup has left outside of the folder. */
	cleanup?: string | undefined;
	/** Path of files/, copied into the learner's working folder before setup; undefined when there is none. */
	files: string | undefined;
}

export interface Course {
	slug: string;
	/** Absolute path of the course. */
	path: string;
	/** undefined: nothing is known. */
	version?: CourseVersion | undefined;
	settings: CourseSettings;
	lessons: Lesson[];
}
