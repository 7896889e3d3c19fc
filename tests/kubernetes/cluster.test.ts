/** The cluster that the other tests of Kubernetes run on: what sandboxes ask of one works here, and is kept from whom it is to be kept from. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { seccompProfile } from '../../sandbox-server/runtimes/seccomp.ts';
import { kubernetesVersion } from '../../sandbox-server/tools/testing/kubernetes-cluster.ts';
import { eventually } from '../fixtures/eventually.ts';
import { type Cluster, clusterForTests, startCluster } from './support/cluster.ts';

const found = clusterForTests();
const skip = 'missing' in found ? found.missing : false;
const image = process.env['ETABLI_TEST_IMAGE'] ?? '';
let cluster: Cluster;

before(async () => {
	if ('missing' in found) return;
	cluster = await startCluster({ program: found.program });
	await cluster.load(image);
	const profiles = join(cluster.folder, 'node-1/kubelet/seccomp/etabli');
	mkdirSync(profiles, { recursive: true });
	writeFileSync(join(profiles, 'test.json'), JSON.stringify(seccompProfile(process.arch)));
});
after(async () => await cluster?.[Symbol.asyncDispose]());

/** As strict as a sandbox, with what nested containers need. */
const strictPod = (name: string) => ({
	apiVersion: 'v1',
	kind: 'Pod',
	metadata: { name, labels: { 'etabli.role': 'sandbox' } },
	spec: {
		hostUsers: false,
		automountServiceAccountToken: false,
		enableServiceLinks: false,
		restartPolicy: 'Never',
		terminationGracePeriodSeconds: 0,
		securityContext: {
			runAsNonRoot: true,
			runAsUser: 1000,
			runAsGroup: 1000,
			seccompProfile: { type: 'Localhost', localhostProfile: 'etabli/test.json' },
		},
		containers: [
			{
				name: 'sandbox',
				image,
				imagePullPolicy: 'Never',
				command: ['/bin/sleep', 'infinity'],
				securityContext: {
					allowPrivilegeEscalation: false,
					capabilities: { drop: ['ALL'] },
					procMount: 'Unmasked',
					readOnlyRootFilesystem: true,
				},
				resources: { limits: { memory: '256Mi', cpu: '1' } },
				volumeMounts: [{ name: 'home', mountPath: '/home/learner' }],
			},
		],
		volumes: [{ name: 'home', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } }],
	},
});

const inPod = async (pod: string, script: string): Promise<string> =>
	(await cluster.kubectl('exec', pod, '--', '/bin/bash', '-c', script)).trim();

test(`Kubernetes ${kubernetesVersion}: a node is ready`, { skip }, async () => {
	const versions = JSON.parse(await cluster.kubectl('version', '--output', 'json')) as { serverVersion: { gitVersion: string } };
	assert.equal(versions.serverVersion.gitVersion, kubernetesVersion);
	const ready = await cluster.kubectl('get', 'nodes', '--output', 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}');
	assert.equal(ready, 'True');
});

test('a pod as strict as a sandbox runs, with users of its own', { skip }, async () => {
	await cluster.apply(strictPod('strict'));
	await cluster.kubectl('wait', '--for=condition=Ready', '--timeout=300s', 'pod/strict');
	const [first, outside] = (await inPod('strict', 'cat /proc/self/uid_map')).split(/\s+/);
	assert.equal(first, '0');
	assert.notEqual(outside, '0', 'user 0 of the pod is user 0 of the node');
	assert.equal(await inPod('strict', 'id -u'), '1000');
	const status = await inPod('strict', 'grep -E "^(Cap(Eff|Bnd)|NoNewPrivs|Seccomp):" /proc/self/status');
	assert.deepEqual(
		status.split('\n').map((line) => line.replace(/\s+/g, ' ')),
		['CapEff: 0000000000000000', 'CapBnd: 0000000000000000', 'NoNewPrivs: 1', 'Seccomp: 2'],
	);
});

test('in it, a namespace with a /proc of its own can be made, as nested containers need it', { skip }, async () => {
	assert.equal(await inPod('strict', 'unshare --user --map-root-user --mount --pid --fork --mount-proc sh -c "echo $$; id -u"'), '1\n0');
});

test('what may not be, is refused in it', { skip }, async () => {
	assert.match(await inPod('strict', 'echo x > /etc/x 2>&1 || true'), /Read-only file system/);
	assert.match(await inPod('strict', 'unshare --user --map-root-user --net true 2>&1 || true'), /Operation not permitted/);
	// Of the API server's address every pod is told, whatever it says of services.
	assert.equal(await inPod('strict', 'ls /var/run/secrets 2>/dev/null; env | grep _SERVICE_HOST= | grep -v ^KUBERNETES_ || true'), '');
});

test('a pod that is deleted is gone, with its folders and mounts', { skip }, async () => {
	const uid = await cluster.kubectl('get', 'pod', 'strict', '--output', 'jsonpath={.metadata.uid}');
	assert.match(await cluster.enter('node-1', 'cat', '/proc/mounts'), new RegExp(uid));
	await cluster.kubectl('delete', 'pod', 'strict', '--wait');
	await eventually(async () => !(await cluster.enter('node-1', 'cat', '/proc/mounts')).includes(uid), 'the mounts of the pod to go');
});
