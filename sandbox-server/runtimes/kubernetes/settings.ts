/** The file that --kubernetes names: what a cluster has for Établi, and what is to be asked of it. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { formatProblems } from '../../../src/courses/problem.ts';
import { parseYaml } from '../../../src/courses/yaml-file.ts';
import { nodeAgentPort } from './names.ts';
import type { PodSettings } from './pod.ts';

const nameSchema = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'a name of Kubernetes: small letters, digits, "-" and "."');
const partSchema = z.number().min(0.01).max(1);

const tolerationSchema = z.strictObject({
	key: z.string().min(1).optional(),
	operator: z.enum(['Exists', 'Equal']).optional(),
	value: z.string().optional(),
	effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
});

export const kubernetesSettingsSchema = z.strictObject({
	namespace: nameSchema.default('etabli').describe('where the pods of sandboxes are; for them alone'),
	images: z
		.record(z.string().min(1), z.string().min(1))
		.optional()
		.describe('course → its image, as nodes pull it; left out: the names that ./etabli gives to images which it builds'),
	registry: z.boolean().default(false).describe('the registry of the courses runs beside the server, in its pod, as the chart has it'),
	nodeAgents: z
		.strictObject({
			namespace: nameSchema.default('etabli-system').describe('where the node agents are'),
			selector: z.string().min(1).default('app.kubernetes.io/name=etabli-node-agent').describe('labels of their pods'),
			port: z.number().int().min(1).max(65_535).default(nodeAgentPort).describe('where they listen'),
			ca: z.string().min(1).describe('file of the certificate (PEM) that has signed theirs'),
			certificate: z.string().min(1).describe("file of the server's certificate (PEM), by which they know it"),
			key: z.string().min(1).describe('file of its private key (PEM)'),
		})
		.describe('the programs on the nodes through which server and sandboxes meet'),
	runtimes: z
		.record(z.string().min(1), z.union([nameSchema, z.literal('')]))
		.default({})
		.describe('runtime, as course.yaml names it → RuntimeClass; "": that of the nodes'),
	defaultRuntime: z.string().min(1).default('runc').describe('what the runtime of the nodes is'),
	requests: z
		.strictObject({
			memory: partSchema.default(0.25).describe('of its limit of memory'),
			cpu: partSchema.default(0.1).describe('of its limit of processor time'),
		})
		.prefault({})
		.describe('part of its limits that a sandbox has to itself, and that the scheduler counts it with'),
	pullSecrets: z.array(nameSchema).default([]).describe('secrets with which images are pulled'),
	priorityClass: nameSchema.optional(),
	nodeSelector: z.record(z.string(), z.string()).default({}).describe('labels of the nodes that sandboxes may stand on'),
	tolerations: z.array(tolerationSchema).default([]),
});

export type KubernetesSettings = z.output<typeof kubernetesSettingsSchema>;

/**
 * @returns the settings, with files by their absolute paths (those in the file start from its folder)
 * @throws Error with every mistake in the file, line by line; or of the file system
 */
export function readKubernetesSettings(path: string): KubernetesSettings {
	const { value, problems } = parseYaml(path, readFileSync(path, 'utf8'), kubernetesSettingsSchema);
	if (!value) throw new Error(formatProblems(problems));
	const absolute = (file: string) => resolve(dirname(path), file);
	const { nodeAgents } = value;
	const files = { ca: absolute(nodeAgents.ca), certificate: absolute(nodeAgents.certificate), key: absolute(nodeAgents.key) };
	return { ...value, nodeAgents: { ...nodeAgents, ...files } };
}

/** @param instance mark of the data folder */
export function podSettings(settings: KubernetesSettings, instance: string): PodSettings {
	const { namespace, requests, pullSecrets, nodeSelector, tolerations } = settings;
	return {
		...{ namespace, requests, pullSecrets, nodeSelector, instance },
		runtimeClasses: { [settings.defaultRuntime]: '', ...settings.runtimes },
		priorityClass: settings.priorityClass,
		// Undefined is not "left out" to the types.
		tolerations: tolerations.map((one) => Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined))),
	};
}
