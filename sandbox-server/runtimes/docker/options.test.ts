import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerInspectInfo } from 'dockerode';
import type { ContainerSpec } from '../containers.ts';
import { seccompProfile } from '../seccomp.ts';
import { deviations } from './deviations.ts';
import { containerOptions } from './options.ts';

const MiB = 1024 * 1024;
const spec: ContainerSpec = {
	name: 'sandbox-1',
	image: 'course:1',
	hostname: 'etabli',
	command: ['/opt/etabli/agent', '--mount', '/tmp'],
	owner: { uid: 1000, gid: 1000 },
	workingFolder: '/home/learner',
	env: { HOME: '/home/learner', LANG: 'C' },
	labels: { 'etabli.role': 'sandbox' },
	mounts: [
		{ from: '/data/one', to: '/run/etabli', readOnly: true },
		{ from: '/data/two', to: '/data', readOnly: false },
	],
	memoryFolders: [
		{ at: '/home/learner', bytes: 10 * MiB, files: 500, mode: '0700', owner: 1000, exec: true },
		{ at: '/tmp', bytes: 20 * MiB, files: 600, mode: '1777', owner: 0, exec: true },
		{ at: '/dev/shm', bytes: 64 * MiB, files: 1000, mode: '1777', owner: 0, exec: false },
	],
	devices: ['/dev/fuse'],
	seccomp: seccompProfile('x64'),
	openProc: true,
	memory: 256 * MiB,
	cpus: 0.5,
	processes: 100,
	resourceLimits: [{ name: 'nofile', soft: 1024, hard: 4096 }],
	oomScoreAdj: 100,
	stopSeconds: 2,
};

test('a container on cgroup v1 is exactly this', () => {
	assert.deepEqual(containerOptions(spec, { kind: 'docker', cgroup: 'v1' }, '{"profile":1}'), {
		name: 'sandbox-1',
		Image: 'course:1',
		Hostname: 'etabli',
		User: '1000:1000',
		WorkingDir: '/home/learner',
		Entrypoint: ['/opt/etabli/agent', '--mount', '/tmp'],
		Cmd: [],
		Env: ['HOME=/home/learner', 'LANG=C'],
		Labels: { 'etabli.role': 'sandbox' },
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
			Binds: ['/data/one:/run/etabli:ro', '/data/two:/data:rw'],
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
			Ulimits: [{ Name: 'nofile', Soft: 1024, Hard: 4096 }],
			OomScoreAdj: 100,
			RestartPolicy: { Name: 'no' },
		},
	});
});

test('cgroup v2, an OCI runtime and an AppArmor profile change only what they must', () => {
	const plain = containerOptions(spec, { kind: 'docker', cgroup: 'v1' }, 'p');
	const other = containerOptions({ ...spec, ociRuntime: 'runsc' }, { kind: 'docker', cgroup: 'v2', apparmor: 'etabli' }, 'p');
	const { MemorySwappiness: _, ...host } = plain.HostConfig;
	assert.deepEqual(other, {
		...plain,
		HostConfig: { ...host, Runtime: 'runsc', SecurityOpt: ['no-new-privileges', 'seccomp=p', 'apparmor=etabli'] },
	});
});

test('Podman has words of its own for a home that is the learner’s, and for an open /proc, and reports them so', () => {
	const options = containerOptions(spec, { kind: 'podman', cgroup: 'v1', names: { hosts: '/h', resolv: '/r' } }, 'p');
	const { Tmpfs, SecurityOpt } = options.HostConfig;
	assert.deepEqual(SecurityOpt, ['no-new-privileges', 'seccomp=p', 'mask=/sys/firmware:/sys/devices/virtual/powercap', 'unmask=/proc/*']);
	assert.deepEqual([options.NetworkDisabled, 'MaskedPaths' in options.HostConfig], [undefined, false]);
	assert.deepEqual(Tmpfs, {
		'/home/learner': `rw,exec,nosuid,dev,size=${10 * MiB},mode=0700,notmpcopyup,U`,
		'/tmp': `rw,exec,nosuid,dev,size=${20 * MiB},mode=1777,notmpcopyup`,
		'/dev/shm': `rw,noexec,nosuid,nodev,size=${64 * MiB},mode=1777,notmpcopyup`,
		'/run': `rw,noexec,nosuid,nodev,size=${MiB},mode=0755,tmpcopyup`,
		'/var/tmp': `rw,exec,nosuid,dev,size=${20 * MiB},mode=1777,notmpcopyup`,
	});
	const { Tmpfs: service } = containerOptions({ ...spec, memoryFolders: [] }, { kind: 'podman', cgroup: 'v1' }, 'p').HostConfig;
	assert.deepEqual(Object.keys(service ?? {}), ['/run', '/tmp', '/var/tmp'], 'no place without a limit');
	const reported = (how: string): string => `${how.replace(',notmpcopyup', '')},rprivate`;
	const made = (change: (how: string) => string) =>
		({
			Config: { User: options.User },
			HostConfig: {
				...options.HostConfig,
				SecurityOpt: SecurityOpt?.slice(0, 2),
				Tmpfs: Object.fromEntries(Object.entries(Tmpfs ?? {}).map(([place, how]) => [place, change(how)])),
			},
		}) as unknown as ContainerInspectInfo;
	assert.deepEqual(deviations(options, made(reported)), []);
	const unheeding = deviations(
		options,
		made((how) => reported(how).replace(',U', '')),
	);
	assert.match(unheeding.join(), /^Tmpfs: /, 'one that drops "U" is noticed');
});

test('what heeds no request to end is killed at once: Podman would wait for it', () => {
	const { StopSignal, StopTimeout } = containerOptions({ ...spec, stopSeconds: 0 }, { kind: 'podman', cgroup: 'v2' }, undefined);
	assert.deepEqual({ StopSignal, StopTimeout }, { StopSignal: 'SIGKILL', StopTimeout: 0 });
});

test('a program of ours that needs nothing of all that has the engine’s own profile and covers', () => {
	const { HostConfig: host } = containerOptions(
		{ ...spec, seccomp: undefined, openProc: false, devices: [], cpus: undefined },
		{ kind: 'docker', cgroup: 'v2', apparmor: 'etabli' },
		undefined,
	);
	assert.deepEqual(host.SecurityOpt, ['no-new-privileges']);
	assert.deepEqual([host.Devices, host.NanoCpus, 'MaskedPaths' in host, 'ReadonlyPaths' in host], [[], 0, false, false]);
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
