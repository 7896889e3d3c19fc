/** A cluster with Établi in it, for a file of tests; gone at its end. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { ensureNodeAgentImage } from '../../../sandbox-server/setup/node-agent-image.ts';
import { Progress } from '../../../sandbox-server/setup/progress.ts';
import { realRuntime } from '../../contract/real-runtimes.ts';
import { type Cluster, clusterForTests, clusterIn, startCluster } from './cluster.ts';
import { type Installation, install } from './installation.ts';

/** What every cluster of these tests can, also one that was started by hand. */
type Reached = ReturnType<typeof clusterIn>;

export interface TestInstallation extends Installation {
	cluster: Reached;
	/** A course's image that every node has. */
	image: string;
	/** Ends what runs in a pod, as when the kernel does. */
	killPod(name: string): Promise<void>;
}

/**
 * Or why there is none. KUBECONFIG of this process names it afterwards. ETABLI_TEST_CLUSTER in the environment: folder of a cluster that was started by
 * hand, which is taken in place of one of its own, and goes on.
 */
export async function testInstallation({ nodes = 1 } = {}): Promise<TestInstallation | { missing: string }> {
	const found = clusterForTests();
	if ('missing' in found) return found;
	const builder = await realRuntime(process.env['ETABLI_TEST_ENGINE']);
	if ('missing' in builder) return builder;
	const { engine, image } = builder;
	const folder = mkdtempSync(join(tmpdir(), 'etabli-installation-'));
	const nodeAgent = await ensureNodeAgentImage({
		store: engine.builder.images,
		base: process.env['ETABLI_TEST_BASE'] ?? '',
		guest: process.env['ETABLI_TEST_GUEST'] ?? '',
		temporary: folder,
		progress: new Progress(process.stdout, { verbose: true }),
	});
	const byHand = process.env['ETABLI_TEST_CLUSTER'];
	const cluster: Reached = byHand === undefined ? await ownCluster(found.program, nodes) : clusterIn(found.program, byHand);
	process.env['KUBECONFIG'] = cluster.kubeconfig;
	const installation = await install({ cluster, folder, nodeAgent, images: { course: image } });
	return { ...installation, cluster, image, killPod: (name) => killPod(cluster, name, installation.namespace) };
}

async function ownCluster(program: string, nodes: number): Promise<Cluster> {
	const cluster = await startCluster({ program, nodes });
	after(() => cluster[Symbol.asyncDispose]());
	return cluster;
}

async function killPod({ kubectl, enter }: Reached, name: string, namespace: string): Promise<void> {
	const said = await kubectl('get', 'pod', name, '--namespace', namespace, '--output', 'jsonpath={.spec.nodeName} {.metadata.uid}');
	const [node = '', uid = ''] = said.trim().split(' ');
	// The kubelet's name of its control group, by either of its drivers; the pod's own first process is nobody of ours.
	const group = `pod(${uid}|${uid.replaceAll('-', '_')})`;
	const script = `for p in $(grep -lE '${group}' /proc/[0-9]*/cgroup | cut -d/ -f3); do [ "$(cat /proc/$p/comm)" = pause ] || kill -9 $p; done; true`;
	await enter(node, 'sh', '-c', script);
}
