/** The chart as Helm renders it: what it makes of its values, what it refuses, and whether a cluster takes it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { options } from '../../sandbox-server/options.ts';
import { kubernetesSettingsSchema } from '../../sandbox-server/runtimes/kubernetes/settings.ts';
import { run } from '../../sandbox-server/setup/run.ts';
import { type Cluster, clusterForTests, clusterIn, startCluster } from './support/cluster.ts';
import { chart, helmForTests, objectsOf, type Rendered, template, version } from './support/helm.ts';

const found = helmForTests();
const skip = 'missing' in found ? found.missing : false;
const helm = 'missing' in found ? '' : found.helm;

/** As push-images writes them. */
const images = {
	server: { image: 'registry.example.org/etabli-server:1' },
	nodeAgent: { image: 'registry.example.org/etabli-node-agent:1' },
	sandboxes: { images: { demo: 'registry.example.org/etabli-course-demo:1' } },
};
/** Everything that can be asked for. */
const all = {
	server: {
		...images.server,
		publicUrl: 'https://etabli.example.org',
		previewUrl: 'https://*.pages.example.org',
		trustProxy: '10.0.0.0/8',
		accessCode: 'blue-otter-42',
		ssoSecret: 'etabli-sso',
		maxSandboxes: 120,
		env: [{ name: 'CLIENT_SECRET', valueFrom: { secretKeyRef: { name: 'sso', key: 'secret' } } }],
		registry: { image: 'registry.example.org/etabli-registry:1' },
		ingress: { enabled: true, className: 'nginx', tlsSecret: 'etabli-tls', previewTlsSecret: 'pages-tls', annotations: { a: 'b' } },
		metrics: { enabled: true, serviceMonitor: true, labels: { release: 'prometheus' } },
		network: { from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } }] },
		disruptionBudget: true,
		pullSecrets: ['pull'],
	},
	nodeAgent: images.nodeAgent,
	sandboxes: {
		...images.sandboxes,
		runtimes: { runsc: 'gvisor' },
		priorityClass: 'sandboxes',
		quota: { pods: 200 },
		tolerations: [{ key: 'learners', operator: 'Exists' }],
	},
	runtimeClasses: [{ name: 'gvisor', handler: 'runsc' }],
};

async function rendered(values: object): Promise<Rendered[]> {
	const { status, stdout, tail } = await template(helm, values);
	assert.equal(status, 0, tail);
	return objectsOf(stdout);
}

function one(objects: readonly Rendered[], kind: string, name: string, namespace = 'etabli-system'): Rendered {
	const object = objects.find(
		(each) => each.kind === kind && each.metadata.name === name && (each.metadata.namespace ?? namespace) === namespace,
	);
	assert.ok(object, `${kind} ${namespace}/${name}`);
	return object;
}

const kinds = (objects: readonly Rendered[]) => objects.map(({ kind }) => kind);

describe('the chart', { skip }, () => {
	it('is well formed, and installs a server with what push-images says alone', async () => {
		const objects = await rendered(images);
		const { template: pod } = one(objects, 'Deployment', 'etabli-server')['spec'];
		assert.equal(pod.spec.containers.length, 1);
		assert.ok(!kinds(objects).some((kind) => ['Ingress', 'ServiceMonitor', 'ResourceQuota'].includes(kind)));
		assert.ok(!objects.some(({ metadata }) => metadata.name === 'etabli-server-token'), 'no token that does not end');
		const { status, tail } = await run(helm, ['lint', chart, '--strict', ...version, ...flags(images)]);
		assert.equal(status, 0, tail);
	});

	it('gives the server no right on its node, and one volume to write to', async () => {
		const objects = await rendered(all);
		const { spec } = one(objects, 'Deployment', 'etabli-server')['spec'].template;
		assert.deepEqual(spec.securityContext, {
			runAsNonRoot: true,
			runAsUser: 1000,
			runAsGroup: 1000,
			fsGroup: 1000,
			fsGroupChangePolicy: 'OnRootMismatch',
			seccompProfile: { type: 'RuntimeDefault' },
		});
		for (const container of [...spec.initContainers, ...spec.containers])
			assert.deepEqual(
				container.securityContext,
				{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
				container.name,
			);
		const holds = [...spec.initContainers, ...spec.containers].filter(({ volumeMounts = [] }) =>
			volumeMounts.some(({ name }: { name: string }) => name === 'account'),
		);
		assert.equal(spec.automountServiceAccountToken, false);
		assert.deepEqual(
			holds.map(({ name }) => name),
			['server'],
			'who has the token of its account',
		);
		const claims = spec.volumes.filter((volume: object) => 'persistentVolumeClaim' in volume);
		assert.deepEqual(claims, [{ name: 'data', persistentVolumeClaim: { claimName: 'etabli-data' } }]);
		assert.equal(one(objects, 'Deployment', 'etabli-server')['spec'].strategy.type, 'Recreate', 'the data are one server’s at a time');
	});

	it('tells the server options that there are, and a file of --kubernetes without a mistake', async () => {
		const objects = await rendered(all);
		const { env } = one(objects, 'Deployment', 'etabli-server')['spec'].template.spec.containers[0];
		const named = (env as { name: string }[]).map(({ name }) => name).filter((name) => name !== 'CLIENT_SECRET');
		assert.deepEqual(
			named.filter((name) => !options.some((option) => option.env === name)),
			[],
		);
		assert.deepEqual(
			env.find(({ name }: { name: string }) => name === 'ETABLI_ACCESS_CODE').valueFrom.secretKeyRef,
			{ name: 'etabli-server-access', key: 'accessCode' },
			'not in the pod itself',
		);
		const text = one(objects, 'ConfigMap', 'etabli-server')['data']['kubernetes.yaml'];
		assert.deepEqual(kubernetesSettingsSchema.parse(parse(text)), {
			namespace: 'etabli',
			images: all.sandboxes.images,
			registry: true,
			nodeAgents: {
				namespace: 'etabli-system',
				selector: 'app.kubernetes.io/name=etabli-node-agent',
				port: 7443,
				ca: '/etc/etabli/tls/ca.crt',
				certificate: '/etc/etabli/tls/tls.crt',
				key: '/etc/etabli/tls/tls.key',
			},
			runtimes: { runsc: 'gvisor' },
			defaultRuntime: 'runc',
			requests: { memory: 0.25, cpu: 0.1 },
			pullSecrets: [],
			priorityClass: 'sandboxes',
			nodeSelector: {},
			tolerations: all.sandboxes.tolerations,
		});
	});

	it('has an Ingress and metrics only where they are asked for, at the hosts that learners type', async () => {
		const objects = await rendered(all);
		const { spec } = one(objects, 'Ingress', 'etabli');
		assert.deepEqual(
			spec.rules.map(({ host }: { host: string }) => host),
			['etabli.example.org', '*.pages.example.org'],
		);
		assert.deepEqual(spec.tls, [
			{ hosts: ['etabli.example.org'], secretName: 'etabli-tls' },
			{ hosts: ['*.pages.example.org'], secretName: 'pages-tls' },
		]);
		assert.deepEqual(one(objects, 'ServiceMonitor', 'etabli')['spec'].endpoints, [{ port: 'metrics', path: '/metrics', interval: '15s' }]);
		assert.equal(one(objects, 'NetworkPolicy', 'etabli-server')['spec'].ingress.length, 2);
	});

	it('has the new images pulled before the old server ends, also where a class has filled the node', async () => {
		const job = one(await rendered(all), 'Job', 'etabli-server-pull');
		assert.equal(job.metadata.annotations?.['helm.sh/hook'], 'pre-upgrade');
		const { containers } = job['spec'].template.spec as { containers: { image: string; resources: { requests: object } }[] };
		assert.deepEqual(containers.map(({ image }) => image).sort(), [all.server.registry.image, all.server.image].sort());
		for (const { resources } of containers) assert.deepEqual(resources.requests, { cpu: '1m', memory: '1Mi' });
	});

	it('leaves sandboxes closed when it goes', async () => {
		for (const kind of ['Namespace', 'NetworkPolicy']) {
			const name = kind === 'Namespace' ? 'etabli' : 'etabli-sandboxes';
			const kept = one(await rendered(images), kind, name, 'etabli').metadata.annotations?.['helm.sh/resource-policy'];
			assert.equal(kept, 'keep', kind);
		}
	});

	it('has for a server outside of the cluster an account alone', async () => {
		const objects = await rendered({ nodeAgent: images.nodeAgent, server: { enabled: false, token: true } });
		one(objects, 'Secret', 'etabli-server-token');
		assert.ok(!kinds(objects).some((kind) => ['Deployment', 'PersistentVolumeClaim', 'Service'].includes(kind)));
	});

	it('gives the server’s account the rights that doctor asks for, and no more', async () => {
		const objects = await rendered(images);
		const pods = { apiGroups: [''], resources: ['pods'] };
		assert.deepEqual(one(objects, 'Role', 'etabli-server', 'etabli')['rules'], [
			{ ...pods, verbs: ['get', 'list', 'watch', 'create', 'delete'] },
			{ apiGroups: [''], resources: ['events'], verbs: ['list'] },
		]);
		assert.deepEqual(one(objects, 'Role', 'etabli-server')['rules'], [{ ...pods, verbs: ['list', 'watch'] }]);
		assert.deepEqual(one(objects, 'ClusterRole', 'etabli-server')['rules'], [
			{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list'] },
			{ apiGroups: ['node.k8s.io'], resources: ['runtimeclasses'], verbs: ['list'] },
		]);
	});

	for (const [what, values, words] of [
		['no image of a server', { ...images, server: {} }, /server\.image is missing: \.\/etabli push-images/],
		['no images of courses', { ...images, sandboxes: {} }, /sandboxes\.images is missing/],
		['an Ingress without an address', { ...images, server: { ...images.server, ingress: { enabled: true } } }, /needs server\.publicUrl/],
		['a value that there is none of', { ...images, server: { ...images.server, publicURL: 'x' } }, /publicURL/],
		['an address with a path', { ...images, server: { ...images.server, publicUrl: 'https://a.example/b' } }, /publicUrl/],
		[
			'the release’s own namespace for sandboxes',
			{ ...images, sandboxes: { ...images.sandboxes, namespace: 'etabli-system' } },
			/for sandboxes alone/,
		],
	] as const)
		it(`refuses ${what}`, async () => {
			const { status, tail } = await template(helm, values);
			assert.notEqual(status, 0);
			assert.match(tail, words);
		});
});

const cluster = clusterForTests();
describe('the chart on a cluster', { skip: skip || ('missing' in cluster && cluster.missing) }, () => {
	let own: Cluster | undefined;
	let running: Pick<Cluster, 'apply'>;
	before(async () => {
		if ('missing' in cluster) return;
		const byHand = process.env['ETABLI_TEST_CLUSTER'];
		own = byHand === undefined ? await startCluster({ program: cluster.program }) : undefined;
		running = own ?? clusterIn(cluster.program, byHand ?? '');
	});
	after(async () => await own?.[Symbol.asyncDispose]());

	it('is what a cluster’s API takes, word by word', async () => {
		for (const name of ['etabli', 'etabli-system']) await running.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
		// Kinds that a cluster has of somebody else.
		const items = (await rendered(all)).filter(({ kind }) => kind !== 'ServiceMonitor');
		await running.apply({ apiVersion: 'v1', kind: 'List', items }, '--dry-run=server', '--validate=strict');
	});
});

function flags(values: object): string[] {
	return Object.entries(values).flatMap(([part, content]) => ['--set-json', `${part}=${JSON.stringify(content)}`]);
}
