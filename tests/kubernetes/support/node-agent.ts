/** The node agent on a real cluster: its certificates, its objects, and a server's certificates to come with. */
import { readFileSync } from 'node:fs';
import { nodeAgentManifests } from '../../../sandbox-server/node-agent/manifests.ts';
import { nodeAgentName, serverName } from '../../../sandbox-server/runtimes/kubernetes/names.ts';
import { authority, type Signed } from '../../fixtures/node-agent/certificates.ts';

/** What is asked of a cluster (`cluster.ts`). */
export interface Deployable {
	kubectl(...args: string[]): Promise<string>;
	apply(manifest: unknown): Promise<void>;
}

export interface Deployment {
	/** Of the node agent; the nodes have it. */
	image: string;
	/** Where certificates go. */
	folder: string;
	/** Namespace of sandboxes; made if need be. */
	sandboxes?: string;
}

/** Makes all of it, or brings it up to date; resolves when a node agent is ready on every node. @returns a server's certificate @throws Error */
export async function deployNodeAgent(cluster: Deployable, { image, folder, sandboxes = 'etabli' }: Deployment): Promise<Signed> {
	const signer = await authority(folder);
	const { cert, key, ca } = await signer.sign(nodeAgentName);
	const encoded = (file: string): string => readFileSync(file).toString('base64');
	const data = { 'tls.crt': encoded(cert), 'tls.key': encoded(key), 'ca.crt': encoded(ca) };
	const [namespace, ...others] = nodeAgentManifests({ image, imagePullPolicy: 'Never', sandboxes: [sandboxes] });
	const items = [
		namespace,
		{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: sandboxes } },
		{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'etabli-node-agent-tls', namespace: 'etabli-system' }, data },
		...others,
	];
	await cluster.apply({ apiVersion: 'v1', kind: 'List', items });
	await cluster.kubectl('-n', 'etabli-system', 'rollout', 'status', 'daemonset/etabli-node-agent', '--timeout=180s');
	return await signer.sign(serverName);
}
