import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterFacts } from '../runtimes/kubernetes/look.ts';
import { kubernetesSettingsSchema } from '../runtimes/kubernetes/settings.ts';
import { judge } from './cluster-findings.ts';
import { judgeNetwork } from './cluster-network.ts';

const settings = kubernetesSettingsSchema.parse({ images: { tp: 'r/tp:1' }, nodeAgents: { ca: 'ca', certificate: 'c', key: 'k' } });
const sound: ClusterFacts = {
	server: 'https://10.0.0.1:6443',
	info: {
		kind: 'kubernetes',
		version: '1.37.2',
		ociRuntimes: ['runc'],
		defaultOciRuntime: 'runc',
		cgroup: 'v2',
		mapsUsers: true,
		memory: 2 ** 33,
		cpus: 4,
	},
	forbidden: [],
	nodes: ['a', 'b'],
	agents: [
		{ node: 'a', problem: undefined },
		{ node: 'b', problem: undefined },
	],
	files: [],
	trials: [{ course: 'tp', problem: undefined }],
};
const said = (change: Partial<ClusterFacts>) => judge({ ...sound, ...change }, settings, [{ slug: 'tp' }]);
const faults = (change: Partial<ClusterFacts>) => said(change).filter(({ state }) => state !== 'ok');

test('a sound cluster is well in every respect', () => {
	assert.deepEqual(
		said({}).map(({ state, subject, text }) => `${state} ${subject}: ${text}`),
		[
			'ok Cluster: Kubernetes 1.37.2 at https://10.0.0.1:6443, 2 nodes',
			'ok Rights in the cluster: all that a server needs',
			'ok Node agents: 2 of 2 can be reached',
			'ok Images of courses: named for 1 courses',
			'ok Pods of sandboxes: the cluster would take them (tried, without making one)',
			'ok Memory of the nodes: 8.0 GiB for pods, 4 processors',
		],
	);
});

test('what is wrong is said, each with what to do', () => {
	const [away] = faults({ info: { problem: 'ECONNREFUSED' }, forbidden: undefined });
	assert.match(away?.text ?? '', /10\.0\.0\.1:6443 does not answer: ECONNREFUSED/);
	const cases: [Partial<ClusterFacts>, RegExp][] = [
		[{ info: { problem: 'this server may not list nodes' } }, /may not list nodes/],
		[{ info: { ...sound.info, version: '1.30.1' } as ClusterFacts['info'] }, /1\.30\.1 .*too old/],
		[{ nodes: [], agents: [] }, /0 nodes/],
		[{ forbidden: ['create pods in etabli'] }, /missing: create pods in etabli/],
		[{ agents: [] }, /none in the namespace etabli-system/],
		[
			{
				agents: [
					{ node: 'a', problem: 'certificate has expired' },
					{ node: 'b', problem: undefined },
				],
			},
			/on a: certificate has expired/,
		],
		[{ agents: [{ node: 'a', problem: undefined }] }, /none on b/],
		[{ files: ['ENOENT: tls/ca.crt'] }, /ENOENT: tls\/ca\.crt/],
		[{ trials: [{ course: 'tp', problem: 'the namespace etabli does not admit it' }] }, /tp: the namespace etabli does not admit it/],
	];
	for (const [change, expected] of cases) {
		const found = faults(change);
		assert.ok(
			found.some(({ text }) => expected.test(text)),
			`${expected}: ${JSON.stringify(found)}`,
		);
		assert.ok(found.every(({ remedy }) => remedy));
	}
	const [unnamed] = judge(sound, settings, [{ slug: 'tp' }, { slug: 'other' }]).filter(({ state }) => state !== 'ok');
	assert.match(unnamed?.text ?? '', /none named for other/);
});

test('a network that learners would have is said, with what they would reach', () => {
	const judged = (reached: string[], openAtFirst = false) => judgeNetwork({ node: 'a', reached, openAtFirst }, settings);
	assert.equal(judged([]).state, 'ok');
	assert.match(judged([]).text, /closed.*tried on a with a pod.*gone again/);
	const open = judged(['the API server', 'node agents']);
	assert.equal(open.state, 'failed');
	assert.match(open.text, /reaches the API server, node agents .*learners would, too/);
	assert.match(open.remedy ?? '', /kubectl get networkpolicy --namespace etabli/);
	assert.equal(judged([], true).state, 'warning');
});
