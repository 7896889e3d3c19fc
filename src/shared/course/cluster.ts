/** The learner's own cluster: what an author writes as `cluster:` in course.yaml or lesson.yaml, and what the sandbox is told of it. */
import { z } from 'zod';
import { bytesSchema } from '../bytes.ts';
import { mostNodes } from './terminal-names.ts';

/** Bytes; a node with less ends every job that Apptainer has a part in. */
const leastMemory = 64 * 2 ** 20;

const partitionSchema = z.strictObject({
	name: z.string().regex(/^[a-z][a-z0-9_-]{0,30}$/, 'small letters, digits, _ and -, a letter first'),
	minutes: z.number().int().min(1).max(1440).default(60).describe('a job may take so long'),
	nodes: z.number().int().min(1).max(mostNodes).optional().describe('its nodes are the first so many; all of them if left out'),
});

const shapeSchema = z
	.strictObject({
		type: z.literal('slurm'),
		nodes: z.number().int().min(1).max(mostNodes).default(2).describe('nodes, called c1, c2 and so on'),
		cpus: z.number().int().min(1).max(64).default(2).describe('processors that each node says it has'),
		memory: bytesSchema.prefault('256 MiB').describe('memory that each node says it has'),
		partitions: z
			.array(partitionSchema)
			.min(1)
			.max(8)
			.default([{ name: 'main', minutes: 60 }])
			.describe('the first is the default'),
	})
	.superRefine(({ nodes, memory, partitions }, context) => {
		if (memory < leastMemory) context.addIssue({ code: 'custom', path: ['memory'], message: 'a node needs 64 MiB at least' });
		for (const [index, { name, nodes: own }] of partitions.entries()) {
			const path = ['partitions', index];
			if (partitions.findIndex((one) => one.name === name) < index) {
				context.addIssue({ code: 'custom', path: [...path, 'name'], message: `there are two partitions called ${name}` });
			}
			if (own !== undefined && own > nodes) {
				const message = `the cluster has ${nodes} node${nodes === 1 ? '' : 's'}`;
				context.addIssue({ code: 'custom', path: [...path, 'nodes'], message });
			}
		}
	});
export type Cluster = z.output<typeof shapeSchema>;

/** `cluster: slurm` is the usual one. */
export const clusterSchema = z
	.preprocess((value) => (typeof value === 'string' ? { type: value } : value), shapeSchema)
	.describe('a Slurm cluster for each learner, inside the sandbox; of a lesson: where the course has none, of one shape in all lessons');

/** The cluster's shape in one line, as the sandbox's command `cluster` reads it: slurm nodes=2 cpus=2 memory=256 partitions=main:60:2 */
export function clusterLine({ type, nodes, cpus, memory, partitions }: Cluster): string {
	const list = partitions.map(({ name, minutes, nodes: own = nodes }) => `${name}:${minutes}:${own}`).join(',');
	return `${type} nodes=${nodes} cpus=${cpus} memory=${Math.floor(memory / 2 ** 20)} partitions=${list}`;
}
