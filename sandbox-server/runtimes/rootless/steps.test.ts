import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerSpec } from '../containers.ts';
import { carrySteps, commandSteps, stepsText } from './steps.ts';

const spec: ContainerSpec = {
	name: 'etabli-a',
	image: 'etabli-course-x:1',
	hostname: 'etabli',
	command: ['/opt/etabli/agent', '--mount', '/tmp'],
	owner: { uid: 1000, gid: 1000 },
	workingFolder: '/home/learner',
	env: { HOME: '/home/learner' },
	labels: {},
	mounts: [
		{ from: '/data/sandboxes/a', to: '/run/etabli', readOnly: true },
		{ from: '/data/registry', to: '/data', readOnly: false },
	],
	memoryFolders: [{ at: '/home/learner', bytes: 1024, files: 10, mode: '0700', owner: 1000, exec: true }],
	devices: ['/dev/fuse'],
	seccomp: undefined,
	openProc: true,
	memory: 2 ** 30,
	cpus: 1,
	processes: 256,
	resourceLimits: [{ name: 'core', soft: 0, hard: 0 }],
	oomScoreAdj: 100,
	stopSeconds: 0,
};
const traits = {
	rootFolder: '/images/x/root',
	imageEnv: ['HOME=/', 'LANG=fr_FR.UTF-8'],
	names: { hosts: '/b/hosts', resolv: '/b/resolv', hostname: '/b/hostname' },
	filter: '/b/filter',
	pidFile: '/b/pid',
	besides: 0,
};

test('a container, step by step: all of it, in this order', () => {
	const device = (path: string) => ['device', path, path];
	assert.deepEqual(carrySteps(spec, traits), [
		['user', '1000', '1000'],
		['name', 'etabli'],
		['root', '/images/x/root', 'ro,nosuid,nodev'],
		['in', '/home/learner'],
		['mount', 'proc', '/proc', 'nosuid,noexec,nodev', ''],
		['mount', 'tmpfs', '/dev', 'nosuid,noexec', 'mode=755,size=64k,nr_inodes=64'],
		...['/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom', '/dev/tty', '/dev/fuse'].map(device),
		['mount', 'devpts', '/dev/pts', 'nosuid,noexec', 'newinstance,ptmxmode=0666,mode=0620'],
		['link', 'pts/ptmx', '/dev/ptmx'],
		['link', '/proc/self/fd', '/dev/fd'],
		['link', '/proc/self/fd/0', '/dev/stdin'],
		['link', '/proc/self/fd/1', '/dev/stdout'],
		['link', '/proc/self/fd/2', '/dev/stderr'],
		['mount', 'mqueue', '/dev/mqueue', 'nosuid,noexec,nodev', ''],
		['mount', 'sysfs', '/sys', 'ro,nosuid,noexec,nodev', ''],
		['mount', 'tmpfs', '/home/learner', 'nosuid', 'size=1024,nr_inodes=10,mode=0700,uid=1000,gid=1000'],
		['bind', '/data/sandboxes/a', '/run/etabli', 'ro'],
		['bind', '/data/registry', '/data', 'rw'],
		['bind', '/b/hosts', '/etc/hosts', 'ro'],
		['bind', '/b/resolv', '/etc/resolv.conf', 'ro'],
		['bind', '/b/hostname', '/etc/hostname', 'ro'],
		['cover', '/sys/firmware'],
		['cover', '/sys/devices/virtual/powercap'],
		['put', '/proc/sys/net/ipv4/ip_unprivileged_port_start', '0'],
		['restrict', '/dev', 'ro'],
		['oom', '100'],
		['limit', '4', '0', '0'],
		['limit', '6', '256', '256'],
		['limit', '14', '0', '0'],
		['limit', '13', '0', '0'],
		['limit', '8', '65536', '65536'],
		['filter', '/b/filter'],
		['pid-file', '/b/pid'],
		['environment', 'LANG=fr_FR.UTF-8'],
		['environment', 'HOSTNAME=etabli'],
		['environment', 'HOME=/home/learner'],
		['argument', '/opt/etabli/agent'],
		['argument', '--mount'],
		['argument', '/tmp'],
	]);
});

test('where no container is to be nested, what /proc tells is covered; an old kernel counts all that the user has', () => {
	const covered = carrySteps({ ...spec, openProc: false }, { ...traits, besides: 40 });
	assert.ok(covered.some(([word, path]) => word === 'cover' && path === '/proc/kcore'));
	assert.ok(covered.some((step) => step.join() === 'limit,6,296,296'));
});

test('a word cannot become several, nor a step', () => {
	assert.equal(
		stepsText([
			['argument', 'a\tb\nroot\\n'],
			['in', '/'],
		]),
		'argument\ta\\tb\\nroot\\\\n\nin\t/\n',
	);
	assert.throws(() => stepsText([['in', '/\0']]), /zero byte/);
	assert.deepEqual(
		commandSteps(['cc', '-o']).map(([, word]) => word),
		['/bin/sh', '-c', 'exec "$@"', 'sh', 'cc', '-o'],
	);
});
