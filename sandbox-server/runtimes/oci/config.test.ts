import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerSpec } from '../containers.ts';
import { seccompProfile } from '../seccomp.ts';
import { type OciTraits, ociConfig } from './config.ts';

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
	mounts: [{ from: '/data/one', to: '/run/etabli', readOnly: true }],
	memoryFolders: [
		{ at: '/home/learner', bytes: 10 * MiB, files: 500, mode: '0700', owner: 1000, exec: true },
		{ at: '/dev/shm', bytes: 64 * MiB, files: 1000, mode: '1777', owner: 0, exec: false },
	],
	devices: ['/dev/fuse'],
	seccomp: { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 1, architectures: ['SCMP_ARCH_X86_64'], syscalls: [] },
	openProc: true,
	memory: 256 * MiB,
	cpus: 0.5,
	processes: 100,
	resourceLimits: [{ name: 'nofile', soft: 1024, hard: 4096 }],
	oomScoreAdj: 100,
	stopSeconds: 2,
};
const traits: OciTraits = {
	cgroup: 'v1',
	limitsSwap: true,
	rootFolder: '/images/a/root',
	imageEnv: ['PATH=/bin', 'LANG=fr_FR.UTF-8', 'odd'],
	cgroupPath: '/etabli/sandbox-1',
	names: { hosts: '/b/hosts', resolv: '/b/resolv', hostname: '/b/hostname' },
	device: () => ({ major: 10, minor: 229 }),
};

test('a container on cgroup v1 is exactly this', () => {
	const bind = ['bind', 'rprivate', 'nosuid', 'nodev', 'ro'];
	assert.deepEqual(ociConfig(spec, traits), {
		ociVersion: '1.0.2',
		process: {
			terminal: false,
			user: { uid: 1000, gid: 1000 },
			args: ['/opt/etabli/agent', '--mount', '/tmp'],
			env: ['PATH=/bin', 'odd', 'HOSTNAME=etabli', 'HOME=/home/learner', 'LANG=C'],
			cwd: '/home/learner',
			capabilities: { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] },
			rlimits: [
				{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 4096 },
				{ type: 'RLIMIT_RTPRIO', soft: 0, hard: 0 },
				{ type: 'RLIMIT_NICE', soft: 0, hard: 0 },
				{ type: 'RLIMIT_MEMLOCK', soft: 65_536, hard: 65_536 },
			],
			noNewPrivileges: true,
			oomScoreAdj: 100,
		},
		root: { path: '/images/a/root', readonly: true },
		hostname: 'etabli',
		annotations: { 'etabli.role': 'sandbox' },
		mounts: [
			{ destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
			{ destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=64k', 'nr_inodes=64'] },
			{
				destination: '/dev/pts',
				type: 'devpts',
				source: 'devpts',
				options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
			},
			{ destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
			{ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro', 'nosuid', 'noexec', 'nodev'] },
			{ destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
			{
				destination: '/home/learner',
				type: 'tmpfs',
				source: 'tmpfs',
				options: ['rw', 'exec', 'nosuid', 'dev', `size=${10 * MiB}`, 'nr_inodes=500', 'mode=0700', 'uid=1000', 'gid=1000'],
			},
			{
				destination: '/dev/shm',
				type: 'tmpfs',
				source: 'tmpfs',
				options: ['rw', 'noexec', 'nosuid', 'nodev', `size=${64 * MiB}`, 'nr_inodes=1000', 'mode=1777', 'uid=0', 'gid=0'],
			},
			{ destination: '/run/etabli', type: 'bind', source: '/data/one', options: bind },
			{ destination: '/etc/hosts', type: 'bind', source: '/b/hosts', options: bind },
			{ destination: '/etc/resolv.conf', type: 'bind', source: '/b/resolv', options: bind },
			{ destination: '/etc/hostname', type: 'bind', source: '/b/hostname', options: bind },
		],
		linux: {
			namespaces: [{ type: 'mount' }, { type: 'network' }, { type: 'uts' }, { type: 'pid' }, { type: 'ipc' }, { type: 'cgroup' }],
			cgroupsPath: '/etabli/sandbox-1',
			rootfsPropagation: 'private',
			sysctl: { 'net.ipv4.ip_unprivileged_port_start': '0', 'net.ipv4.ping_group_range': '0 2147483647' },
			resources: {
				devices: [
					{ allow: false, access: 'rwm' },
					{ allow: true, access: 'rw', type: 'c', major: 10, minor: 229 },
				],
				memory: { limit: 256 * MiB, swap: 256 * MiB, swappiness: 0 },
				cpu: { quota: 50_000, period: 100_000 },
				pids: { limit: 100 },
			},
			devices: [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o666, uid: 0, gid: 0 }],
			seccomp: { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 1, architectures: ['SCMP_ARCH_X86_64'], syscalls: [] },
			maskedPaths: ['/sys/firmware', '/sys/devices/virtual/powercap'],
			readonlyPaths: [],
		},
	});
});

test('cgroup v2 and an AppArmor profile change only what they must', () => {
	const plain = ociConfig(spec, traits);
	const { swappiness: _, ...memory } = plain.linux.resources.memory;
	assert.deepEqual(ociConfig(spec, { ...traits, cgroup: 'v2', apparmor: 'etabli' }), {
		...plain,
		process: { ...plain.process, apparmorProfile: 'etabli' },
		linux: { ...plain.linux, resources: { ...plain.linux.resources, memory } },
	});
});

test('where swap cannot be limited, it is not asked for', () => {
	assert.deepEqual(ociConfig(spec, { ...traits, limitsSwap: false }).linux.resources.memory, { limit: 256 * MiB, swappiness: 0 });
});

test('a program of ours that needs nothing of all that sees as little of the kernel as can be', () => {
	const { process: main, linux } = ociConfig(
		{ ...spec, openProc: false, seccomp: undefined, devices: [], cpus: undefined },
		{ ...traits, apparmor: 'etabli' },
	);
	assert.equal('apparmorProfile' in main, false);
	assert.equal('cpu' in linux.resources, false);
	assert.deepEqual(linux.devices, []);
	assert.ok(linux.maskedPaths.includes('/proc/kcore') && linux.readonlyPaths.includes('/proc/sys'));
	assert.equal(linux.seccomp.syscalls.length, seccompProfile(process.arch).syscalls.length);
});
