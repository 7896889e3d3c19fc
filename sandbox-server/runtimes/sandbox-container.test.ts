import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitsSchema } from '../../src/shared/course/course.ts';
import type { SandboxSpec } from './runtime.ts';
import { sandboxContainer } from './sandbox-container.ts';
import { seccompProfile } from './seccomp.ts';

const spec: SandboxSpec = {
	name: 'sandbox-1',
	image: 'course:1',
	ociRuntime: undefined,
	limits: limitsSchema.parse({
		memory: '256 MiB',
		cpus: 0.5,
		processes: 100,
		home: { size: '10 MiB', files: 500 },
		tmp: { size: '20 MiB', files: 600 },
	}),
	labels: { 'etabli.instance': 'i1' },
};
const places = { transport: '/data/sandboxes/sandbox-1', guest: '/data/guest' };
const MiB = 1024 * 1024;

test('a sandbox is exactly this', () => {
	assert.deepEqual(sandboxContainer(spec, places), {
		name: 'sandbox-1',
		image: 'course:1',
		ociRuntime: undefined,
		hostname: 'etabli',
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
		],
		owner: { uid: 1000, gid: 1000 },
		workingFolder: '/home/learner',
		env: {
			HOME: '/home/learner',
			USER: 'learner',
			LOGNAME: 'learner',
			SHELL: '/bin/bash',
			LANG: 'C.UTF-8',
			PATH: '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin',
			APPTAINER_NOHTTPS: '1',
			APPTAINER_TMPDIR: '/tmp',
			APPTAINER_CACHEDIR: '/home/learner/.apptainer/cache',
		},
		labels: { 'etabli.instance': 'i1', 'etabli.role': 'sandbox' },
		mounts: [
			{ from: '/data/sandboxes/sandbox-1', to: '/run/etabli', readOnly: true },
			{ from: '/data/guest', to: '/opt/etabli', readOnly: true },
		],
		memoryFolders: [
			{ at: '/home/learner', bytes: 10 * MiB, files: 500, mode: '0700', owner: 1000, exec: true },
			{ at: '/tmp', bytes: 20 * MiB, files: 600, mode: '1777', owner: 0, exec: true },
			{ at: '/dev/shm', bytes: 64 * MiB, files: 1000, mode: '1777', owner: 0, exec: false },
		],
		devices: ['/dev/fuse'],
		seccomp: seccompProfile(process.arch),
		openProc: true,
		memory: 256 * MiB,
		cpus: 0.5,
		processes: 100,
		resourceLimits: [
			{ name: 'nofile', soft: 1024, hard: 4096 },
			{ name: 'core', soft: 0, hard: 0 },
			{ name: 'msgqueue', soft: 0, hard: 0 },
		],
		oomScoreAdj: 100,
		stopSeconds: 0,
	});
});

test('an OCI runtime, and a learner who is root there, change only what they must', () => {
	const plain = sandboxContainer(spec, places);
	assert.deepEqual(sandboxContainer({ ...spec, ociRuntime: 'crun' }, places), { ...plain, ociRuntime: 'crun' });
	assert.deepEqual(sandboxContainer({ ...spec, user: 'root' }, places), { ...plain, command: [...plain.command, '--root', '/.system'] });
});

test('gVisor counts the processes of a sandbox itself, and has more of its own for them', () => {
	const plain = sandboxContainer(spec, places);
	for (const ociRuntime of ['runsc', 'runsc-kvm'])
		assert.deepEqual(sandboxContainer({ ...spec, ociRuntime }, places), {
			...plain,
			ociRuntime,
			env: { ...plain.env, ETABLI_DEV_TTY: '/dev/fd/0' },
			processes: 528,
			resourceLimits: [...plain.resourceLimits, { name: 'nproc', soft: 100, hard: 100 }],
		});
});

test('a learner with a number of their own is called by it in the files of names, owns the home, and nothing else changes', () => {
	const plain = sandboxContainer(spec, places);
	const [home, ...others] = plain.memoryFolders;
	assert.ok(home);
	assert.deepEqual(sandboxContainer(spec, { ...places, learner: { id: 70_001, passwd: '/data/p', group: '/data/g' } }), {
		...plain,
		owner: { uid: 70_001, gid: 70_001 },
		mounts: [
			...plain.mounts,
			{ from: '/data/p', to: '/etc/passwd', readOnly: true },
			{ from: '/data/g', to: '/etc/group', readOnly: true },
		],
		memoryFolders: [{ ...home, owner: 70_001 }, ...others],
	});
});

test('labels of the caller cannot make a sandbox look like something else', () => {
	assert.equal(sandboxContainer({ ...spec, labels: { 'etabli.role': 'registry' } }, places).labels['etabli.role'], 'sandbox');
});
