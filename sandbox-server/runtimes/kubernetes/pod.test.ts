import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitsSchema } from '../../../src/shared/course/course.ts';
import type { SandboxSpec } from '../runtime.ts';
import { seccompFileName } from '../seccomp.ts';
import { type PodSettings, sandboxPod } from './pod.ts';

const spec: SandboxSpec = {
	name: 'etabli-1',
	image: 'registry.example.org/etabli/course:1',
	ociRuntime: undefined,
	limits: limitsSchema.parse({
		memory: '256 MiB',
		cpus: 0.5,
		processes: 100,
		home: { size: '10 MiB', files: 500 },
		tmp: { size: '20 MiB', files: 600 },
	}),
	labels: { 'etabli.instance': 'i1', 'etabli.course': 'tp', 'etabli.image': 'registry.example.org/etabli/course:1' },
};
const settings: PodSettings = {
	namespace: 'etabli',
	instance: 'i1',
	runtimeClasses: { runc: '', runsc: 'gvisor' },
	requests: { memory: 0.25, cpu: 0.1 },
	pullSecrets: [],
	priorityClass: undefined,
	nodeSelector: {},
	tolerations: [],
};
const MiB = 1024 * 1024;
const memory = (name: string, attributes: Record<string, string>) => ({
	name,
	csi: { driver: 'node-agent.etabli', readOnly: false, volumeAttributes: { kind: 'memory', ...attributes } },
});

test('the pod of a sandbox is exactly this', () => {
	assert.deepEqual(sandboxPod(spec, settings, 'word'), {
		apiVersion: 'v1',
		kind: 'Pod',
		metadata: {
			name: 'etabli-1',
			namespace: 'etabli',
			// The image's name is no value of a label.
			labels: { 'etabli.instance': 'i1', 'etabli.course': 'tp', 'etabli.role': 'sandbox' },
			annotations: {
				'etabli/labels':
					'{"etabli.instance":"i1","etabli.course":"tp","etabli.image":"registry.example.org/etabli/course:1","etabli.role":"sandbox"}',
				'etabli/start': 'word',
			},
		},
		spec: {
			restartPolicy: 'Never',
			terminationGracePeriodSeconds: 1,
			hostname: 'etabli',
			hostUsers: false,
			automountServiceAccountToken: false,
			securityContext: {
				runAsNonRoot: true,
				runAsUser: 1000,
				runAsGroup: 1000,
				seccompProfile: { type: 'Localhost', localhostProfile: seccompFileName() },
			},
			enableServiceLinks: false,
			dnsPolicy: 'None',
			dnsConfig: { nameservers: ['127.0.0.1'] },
			containers: [
				{
					name: 'sandbox',
					image: 'registry.example.org/etabli/course:1',
					imagePullPolicy: 'IfNotPresent',
					command: [
						'/opt/etabli/agent',
						'--socket',
						'/run/etabli/agent.sock',
						'--forward',
						'5000:/run/etabli/registry.sock',
						'--dial',
						'/run/etabli/preview.sock',
						'--mount',
						'/home/learner',
						'--mount',
						'/tmp',
						'--limit',
						'nofile=1024:4096',
						'--limit',
						'core=0:0',
						'--limit',
						'msgqueue=0:0',
						'--limit',
						'nproc=100:100',
					],
					workingDir: '/home/learner',
					env: [
						{ name: 'HOME', value: '/home/learner' },
						{ name: 'USER', value: 'learner' },
						{ name: 'LOGNAME', value: 'learner' },
						{ name: 'SHELL', value: '/bin/bash' },
						{ name: 'LANG', value: 'C.UTF-8' },
						{ name: 'PATH', value: '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin' },
						{ name: 'APPTAINER_NOHTTPS', value: '1' },
						{ name: 'APPTAINER_TMPDIR', value: '/tmp' },
						{ name: 'APPTAINER_CACHEDIR', value: '/home/learner/.apptainer/cache' },
					],
					terminationMessagePath: '/root/.termination-message',
					securityContext: {
						allowPrivilegeEscalation: false,
						capabilities: { drop: ['ALL'] },
						privileged: false,
						readOnlyRootFilesystem: true,
						procMount: 'Unmasked',
					},
					resources: {
						requests: { memory: `${64 * MiB}`, cpu: '50m', 'etabli/fuse': '1' },
						limits: { memory: `${256 * MiB}`, cpu: '500m', 'etabli/fuse': '1' },
					},
					volumeMounts: [
						{ name: 'transport', mountPath: '/run/etabli', readOnly: true },
						{ name: 'guest', mountPath: '/opt/etabli', readOnly: true },
						{ name: 'home-learner', mountPath: '/home/learner' },
						{ name: 'tmp', mountPath: '/tmp' },
						{ name: 'dev-shm', mountPath: '/dev/shm' },
					],
				},
			],
			volumes: [
				{
					name: 'transport',
					csi: {
						driver: 'node-agent.etabli',
						readOnly: true,
						volumeAttributes: { kind: 'transport', instance: 'i1', sandbox: 'etabli-1' },
					},
				},
				{ name: 'guest', csi: { driver: 'node-agent.etabli', readOnly: true, volumeAttributes: { kind: 'guest' } } },
				memory('home-learner', { size: `${10 * MiB}`, files: '500', mode: '0700', owner: '1000', exec: 'true' }),
				memory('tmp', { size: `${20 * MiB}`, files: '600', mode: '1777', owner: '0', exec: 'true' }),
				memory('dev-shm', { size: `${64 * MiB}`, files: '1000', mode: '1777', owner: '0', exec: 'false' }),
			],
		},
	});
});

test('what the installation says, and learners who are root, change only what they must', () => {
	const plain = sandboxPod(spec, settings, 'word');
	const [container] = plain.spec?.containers ?? [];
	assert.ok(plain.spec && container);
	const chosen = sandboxPod(
		spec,
		{
			...settings,
			pullSecrets: ['pull'],
			priorityClass: 'class',
			nodeSelector: { pool: 'sandboxes' },
			tolerations: [{ key: 'sandboxes', operator: 'Exists' }],
		},
		'word',
	);
	assert.deepEqual(chosen.spec, {
		...plain.spec,
		imagePullSecrets: [{ name: 'pull' }],
		priorityClassName: 'class',
		nodeSelector: { pool: 'sandboxes' },
		tolerations: [{ key: 'sandboxes', operator: 'Exists' }],
	});
	const asRoot = sandboxPod({ ...spec, user: 'root' }, settings, 'word').spec?.containers[0]?.command ?? [];
	assert.deepEqual(
		asRoot.filter((word) => !container.command?.includes(word)),
		['--root', '/.system'],
	);
	assert.deepEqual(sandboxPod({ ...spec, ociRuntime: 'runc' }, settings, 'word'), plain);
	assert.equal(sandboxPod({ ...spec, ociRuntime: 'crun' }, settings, 'word').spec?.runtimeClassName, 'crun');
});

test('another main process, in tests, is not given limits that only the agent understands', () => {
	assert.deepEqual(sandboxPod(spec, settings, 'word', ['sleep', '1']).spec?.containers[0]?.command, ['sleep', '1']);
});

test('gVisor has users, /proc and processes of its own', () => {
	const { spec: pod } = sandboxPod({ ...spec, ociRuntime: 'runsc' }, settings, 'word');
	const [container] = pod?.containers ?? [];
	assert.equal(pod?.runtimeClassName, 'gvisor');
	assert.equal(pod?.hostUsers, undefined);
	assert.equal(container?.securityContext?.procMount, undefined);
	assert.deepEqual(container?.resources?.limits, { memory: `${256 * MiB}`, cpu: '500m' });
	assert.ok(container?.command?.includes('nproc=100:100'));
	assert.ok(container?.env?.some(({ name }) => name === 'ETABLI_DEV_TTY'));
});

test('labels of the caller cannot make a pod look like another installation’s, or like something else', () => {
	const { metadata } = sandboxPod({ ...spec, labels: { 'etabli.role': 'registry', 'etabli.instance': 'other' } }, settings, 'word');
	assert.deepEqual(metadata?.labels, { 'etabli.role': 'sandbox', 'etabli.instance': 'i1' });
});
