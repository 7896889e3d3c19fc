/** Établi in the cluster of the tests: images, node agents, and the file that --kubernetes takes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';
import { deployNodeAgent } from './node-agent.ts';

export interface Installation {
	/** What --kubernetes takes. */
	file: string;
	namespace: string;
}

export interface InstallRequest {
	cluster: Pick<Cluster, 'kubectl' | 'apply' | 'load'>;
	/** For files. */
	folder: string;
	/** Reference of the node agent's image, in the machine's Docker. */
	nodeAgent: string;
	/** Course → image, in the machine's Docker. */
	images: Record<string, string>;
	/** Part of its limits that a sandbox has to itself; undefined: as usual. */
	requests?: { memory: number; cpu: number };
	/** The file names no images: they are those of the machine's Docker, which nodes have by the same names. */
	built?: boolean;
}

/** Resolves when every node has its node agent. @throws Error with kubectl's words */
export async function install({ cluster, folder, nodeAgent, images, built = false, requests }: InstallRequest): Promise<Installation> {
	const namespace = 'etabli';
	mkdirSync(folder, { recursive: true });
	await cluster.load(nodeAgent, ...new Set(Object.values(images)));
	const { ca, cert, key } = await deployNodeAgent(cluster, { image: nodeAgent, folder, sandboxes: namespace });
	const file = join(folder, 'kubernetes.yaml');
	// JSON is YAML, too.
	writeFileSync(
		file,
		JSON.stringify(
			{ namespace, ...(built ? {} : { images }), ...(requests && { requests }), nodeAgents: { ca, certificate: cert, key } },
			null,
			'\t',
		),
	);
	return { file, namespace };
}
