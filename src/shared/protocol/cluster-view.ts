/** How a learner's cluster stands, for the strip of the lesson page: what the message `cluster` holds (docs/protocol.md §2). */
import { z } from 'zod';
import { mostNodes } from '../course/terminal-names.ts';

/** Jobs of the queue that a page is shown, and jobs that ended last. */
export const mostJobs = 20;
export const mostEnded = 3;

/** As Slurm has it: RUNNING, idle*, c[1-2], DependencyNeverSatisfied. */
const word = (most: number) =>
	z
		.string()
		.max(most)
		.regex(/^[\w*+~#!%$@^,.:()[\]/ -]*$/);
/** Learners write it: nothing in it is markup, steers a terminal or turns the direction of writing. */
const text = (most: number) => z.string().max(most).describe('as a learner has written it, on one line; what cannot be seen is spelt out');
const count = z.number().int().min(0);

const programSchema = z.enum(['runs', 'stopped', 'ended']);

const jobSchema = z.strictObject({
	id: z
		.string()
		.max(48)
		.regex(/^\d[\d_[\],%.+-]*$/)
		.describe('12, or of an array 12_3 or 12_[4-9]'),
	name: text(40),
	state: word(24).min(1),
});

export const clusterViewSchema = z.strictObject({
	controller: z.enum([...programSchema.options, 'silent']).describe('slurmctld; silent: it runs, and there is no answer'),
	settings: z.enum(['first', 'changed']).describe('whether slurm.conf is the one that the cluster had at first'),
	words: text(200).describe('the last words of what does not run or answer'),
	nodes: z
		.array(
			z.strictObject({
				name: z.string().regex(/^c\d$/),
				daemon: programSchema.describe('its slurmd'),
				state: word(40).describe('empty: not known'),
				reason: text(80).describe('why it takes no jobs'),
			}),
		)
		.max(mostNodes),
	jobs: z
		.array(jobSchema.extend({ nodes: word(60).describe('empty while it waits'), reason: word(80).describe('why it waits') }))
		.max(mostJobs)
		.describe('what runs first, then what waits'),
	queue: z.strictObject({ all: count, running: count, waiting: count }).describe('lines of squeue: waiting tasks of an array are one'),
	ended: z.array(jobSchema).max(mostEnded).describe('jobs that ended last, the newest first'),
});
export type ClusterView = z.infer<typeof clusterViewSchema>;
