import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerInspectInfo } from 'dockerode';
import { limitsSchema } from '../../src/shared/course.ts';
import { deviations } from './deviations.ts';
import type { SandboxSpec } from './engine.ts';
import { containerOptions } from './spec.ts';

const spec: SandboxSpec = {
	name: 'bench-1',
	image: 'course:1',
	runtime: undefined,
	limits: limitsSchema.parse({
		memory: '256 MiB',
		cpus: 0.5,
		processes: 100,
		home: { size: '10 MiB', files: 500 },
		tmp: { size: '20 MiB', files: 600 },
	}),
	sockets: '/data/sandboxes/bench-1',
	guest: '/data/guest',
	labels: { 'etabli.instance': 'i1' },
};
const MiB = 1024 * 1024;

test('a sandbox on cgroup v1 is exactly this', () => {
	assert.deepEqual(containerOptions(spec, { kind: 'docker', cgroup: 'v1' }, '{"profile":1}'), {
		name: 'bench-1',
		Image: 'course:1',
		Hostname: 'etabli',
		User: '1000:1000',
		WorkingDir: '/home/learner',
		Entrypoint: [
			'/opt/etabli/holder',
			'--socket',
			'/run/etabli/holder.sock',
			'--forward',
			'5000:/run/etabli/registry.sock',
			'--place',
			'/home/learner',
			'--place',
			'/tmp',
		],
		Cmd: [],
		Env: [
			'HOME=/home/learner',
			'USER=learner',
			'LOGNAME=learner',
			'SHELL=/bin/bash',
			'LANG=fr_FR.UTF-8',
			'PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin',
			'APPTAINER_NOHTTPS=1',
			'APPTAINER_TMPDIR=/tmp',
			'APPTAINER_CACHEDIR=/home/learner/.apptainer/cache',
		],
		Labels: { 'etabli.instance': 'i1', 'etabli.role': 'sandbox' },
		Tty: false,
		OpenStdin: false,
		AttachStdin: false,
		AttachStdout: false,
		AttachStderr: false,
		StopSignal: 'SIGTERM',
		StopTimeout: 2,
		HostConfig: {
			CapDrop: ['ALL'],
			Privileged: false,
			SecurityOpt: ['no-new-privileges', 'seccomp={"profile":1}'],
			MaskedPaths: ['/sys/firmware', '/sys/devices/virtual/powercap'],
			ReadonlyPaths: [],
			Devices: [{ PathOnHost: '/dev/fuse', PathInContainer: '/dev/fuse', CgroupPermissions: 'rw' }],
			NetworkMode: 'none',
			IpcMode: 'none',
			CgroupnsMode: 'private',
			Dns: ['127.0.0.1'],
			Init: false,
			ReadonlyRootfs: true,
			Binds: ['/data/sandboxes/bench-1:/run/etabli:ro', '/data/guest:/opt/etabli:ro'],
			Tmpfs: {
				'/home/learner': `rw,exec,nosuid,dev,size=${10 * MiB},nr_inodes=500,mode=0700,uid=1000,gid=1000`,
				'/tmp': `rw,exec,nosuid,dev,size=${20 * MiB},nr_inodes=600,mode=1777,uid=0,gid=0`,
				'/dev/shm': `rw,noexec,nosuid,nodev,size=${64 * MiB},nr_inodes=1000,mode=1777,uid=0,gid=0`,
			},
			LogConfig: { Type: 'none', Config: {} },
			Memory: 256 * MiB,
			MemorySwap: 256 * MiB,
			MemorySwappiness: 0,
			NanoCpus: 500_000_000,
			PidsLimit: 100,
			Ulimits: [
				{ Name: 'nofile', Soft: 1024, Hard: 4096 },
				{ Name: 'core', Soft: 0, Hard: 0 },
				{ Name: 'msgqueue', Soft: 0, Hard: 0 },
			],
			OomScoreAdj: 100,
			RestartPolicy: { Name: 'no' },
		},
	});
});

test('cgroup v2, a runtime and an AppArmor profile change only what they must', () => {
	const plain = containerOptions(spec, { kind: 'docker', cgroup: 'v1' }, 'p');
	const other = containerOptions({ ...spec, runtime: 'runsc' }, { kind: 'docker', cgroup: 'v2', apparmor: 'etabli' }, 'p');
	const { MemorySwappiness: _, ...host } = plain.HostConfig;
	assert.deepEqual(other, {
		...plain,
		HostConfig: { ...host, Runtime: 'runsc', SecurityOpt: ['no-new-privileges', 'seccomp=p', 'apparmor=etabli'] },
	});
});

test('with files for its names the engine is asked for no network, and nothing else changes', () => {
	const { Dns: _, ...host } = containerOptions(spec, { kind: 'docker', cgroup: 'v1' }, 'p').HostConfig;
	const names = { hosts: '/data/sandbox-hosts', resolv: '/data/sandbox-resolv.conf' };
	assert.deepEqual(containerOptions(spec, { kind: 'docker', cgroup: 'v1', names }, 'p'), {
		...containerOptions(spec, { kind: 'docker', cgroup: 'v1' }, 'p'),
		NetworkDisabled: true,
		HostConfig: {
			...host,
			Binds: [...(host.Binds ?? []), '/data/sandbox-hosts:/etc/hosts:ro', '/data/sandbox-resolv.conf:/etc/resolv.conf:ro'],
		},
	});
});

test('labels of the caller cannot make a sandbox look like something else', () => {
	const options = containerOptions({ ...spec, labels: { 'etabli.role': 'registry' } }, { kind: 'docker', cgroup: 'v2' }, 'p');
	assert.equal(options.Labels?.['etabli.role'], 'sandbox');
});

test('what the engine made is compared with what was asked', () => {
	const options = containerOptions(spec, { kind: 'docker', cgroup: 'v2', names: { hosts: '/h', resolv: '/r' } }, 'p');
	const made = {
		Config: { User: options.User, NetworkDisabled: true },
		HostConfig: structuredClone(options.HostConfig),
	} as unknown as ContainerInspectInfo;
	assert.deepEqual(deviations(options, made), []);
	Object.assign(made.Config, { NetworkDisabled: false });
	made.HostConfig.PidsLimit = 0;
	made.HostConfig.SecurityOpt = ['no-new-privileges'];
	assert.deepEqual(deviations(options, made), [
		'NetworkDisabled: asked true, got false',
		'PidsLimit: asked 100, got 0',
		'SecurityOpt: seccomp=p is missing',
	]);
});
