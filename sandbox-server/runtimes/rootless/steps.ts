/**
 * A container in the words of guest/agent/carry.c, which makes it for somebody who is not root: one pure function from what it is to be.
 * In a user namespace of one number everything belongs to the learner; what keeps them from writing is that mounts are read-only.
 */
import type { ContainerSpec, HostMount, MemoryFolder, ResourceLimit } from '../containers.ts';
import { alwaysHidden, environment, hidden } from '../oci/config.ts';

/** What the steps depend on besides the container. */
export interface CarryTraits {
	/** Absolute path of the unpacked image. */
	rootFolder: string;
	/** The image's own environment, "NAME=value". */
	imageEnv: readonly string[];
	/** Files that stand at /etc/hosts, /etc/resolv.conf and /etc/hostname. */
	names: { hosts: string; resolv: string; hostname: string };
	/** File of the filter of system calls, as the kernel takes it. */
	filter: string;
	/** Where the number of its main process is written. */
	pidFile: string;
	/** Processes and threads that count beside the container's own: of an old kernel, all that this user has on the machine. */
	besides: number;
}

/** Words of one step. */
export type Step = readonly string[];

/** Linux's numbers of limits (asm-generic/resource.h), the same on both processors. */
const limitNumbers: Record<ResourceLimit['name'] | 'rtprio' | 'nice' | 'memlock', number> = {
	core: 4,
	nproc: 6,
	nofile: 7,
	memlock: 8,
	msgqueue: 12,
	nice: 13,
	rtprio: 14,
};

/** As in oci/config.ts: what this server may have for itself and nobody else is to inherit. */
const notInherited: { name: keyof typeof limitNumbers; most: number }[] = [
	{ name: 'rtprio', most: 0 },
	{ name: 'nice', most: 0 },
	{ name: 'memlock', most: 64 * 1024 },
];

const harmlessDevices = ['/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom', '/dev/tty'];

const links: Step[] = [
	['link', 'pts/ptmx', '/dev/ptmx'],
	['link', '/proc/self/fd', '/dev/fd'],
	['link', '/proc/self/fd/0', '/dev/stdin'],
	['link', '/proc/self/fd/1', '/dev/stdout'],
	['link', '/proc/self/fd/2', '/dev/stderr'],
];

/** A program without a path is looked for by a shell. */
export function commandSteps(command: readonly string[]): Step[] {
	const whole = command[0]?.includes('/') ? command : ['/bin/sh', '-c', 'exec "$@"', 'sh', ...command];
	return whole.map((argument): Step => ['argument', argument]);
}

/** A /dev of the harmless ones, and of some more. */
export function deviceSteps(more: readonly string[]): Step[] {
	return [
		['mount', 'tmpfs', '/dev', 'nosuid,noexec', 'mode=755,size=64k,nr_inodes=64'],
		...[...harmlessDevices, ...more].map((path): Step => ['device', path, path]),
		['mount', 'devpts', '/dev/pts', 'nosuid,noexec', 'newinstance,ptmxmode=0666,mode=0620'],
		...links,
	];
}

/** All of it is the container's one user's: the kernel knows no other number there. */
function memoryStep({ at, bytes, files, mode, exec }: MemoryFolder, { uid, gid }: ContainerSpec['owner']): Step {
	const bounds = [`size=${bytes}`, `nr_inodes=${files}`, `mode=${mode}`, `uid=${uid}`, `gid=${gid}`];
	return ['mount', 'tmpfs', at, exec ? 'nosuid' : 'nosuid,noexec,nodev', bounds.join(',')];
}

const bindStep = ({ from, to, readOnly }: HostMount): Step => ['bind', from, to, readOnly ? 'ro' : 'rw'];

function limitSteps({ resourceLimits, processes }: ContainerSpec, besides: number): Step[] {
	const step = (name: keyof typeof limitNumbers, soft: number, hard: number): Step => [
		'limit',
		`${limitNumbers[name]}`,
		`${soft}`,
		`${hard}`,
	];
	const most = processes + besides;
	return [
		// Where there are no control groups, this is what bounds processes.
		...resourceLimits.filter(({ name }) => name !== 'nproc').map(({ name, soft, hard }) => step(name, soft, hard)),
		step('nproc', most, most),
		...notInherited.map(({ name, most: value }) => step(name, value, value)),
	];
}

/** The steps, in the order in which they are taken. */
export function carrySteps(spec: ContainerSpec, traits: CarryTraits): Step[] {
	const { owner } = spec;
	const { hosts, resolv, hostname } = traits.names;
	const names: HostMount[] = [
		{ from: hosts, to: '/etc/hosts', readOnly: true },
		{ from: resolv, to: '/etc/resolv.conf', readOnly: true },
		{ from: hostname, to: '/etc/hostname', readOnly: true },
	];
	return [
		['user', `${owner.uid}`, `${owner.gid}`],
		['name', spec.hostname],
		['root', traits.rootFolder, 'ro,nosuid,nodev'],
		['in', spec.workingFolder],
		// First: by it the folders and files of the machine are found that come after.
		['mount', 'proc', '/proc', 'nosuid,noexec,nodev', ''],
		...deviceSteps(spec.devices),
		['mount', 'mqueue', '/dev/mqueue', 'nosuid,noexec,nodev', ''],
		['mount', 'sysfs', '/sys', 'ro,nosuid,noexec,nodev', ''],
		...spec.memoryFolders.map((folder) => memoryStep(folder, owner)),
		...[...spec.mounts, ...names].map(bindStep),
		...[...(spec.openProc ? [] : hidden), ...alwaysHidden].map((path): Step => ['cover', path]),
		['put', '/proc/sys/net/ipv4/ip_unprivileged_port_start', '0'],
		['restrict', '/dev', 'ro'],
		['oom', `${Math.max(0, spec.oomScoreAdj)}`],
		...limitSteps(spec, traits.besides),
		['filter', traits.filter],
		['pid-file', traits.pidFile],
		...environment(spec, traits.imageEnv).map((entry): Step => ['environment', entry]),
		...commandSteps(spec.command),
	];
}

const escapes: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\\': '\\\\' };

/** The file of steps. @throws Error for a word with a zero byte, which no path and no argument can have */
export function stepsText(steps: readonly Step[]): string {
	const written = (word: string): string => {
		if (word.includes('\0')) throw new Error(`a word with a zero byte in it: ${JSON.stringify(word)}`);
		return word.replace(/[\t\n\\]/g, (letter) => escapes[letter] ?? letter);
	};
	return `${steps.map((words) => words.map(written).join('\t')).join('\n')}\n`;
}
