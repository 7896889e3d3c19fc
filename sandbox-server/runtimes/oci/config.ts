/** A container in the words of the OCI runtime specification (config.json): one pure function from what it is to be. */
import type { ContainerSpec, HostMount, MemoryFolder } from '../containers.ts';
import { type SeccompProfile, seccompProfile } from '../seccomp.ts';

/** What the configuration depends on besides the container. */
export interface OciTraits {
	cgroup: 'v1' | 'v2';
	/** Swap can be limited: a kernel of cgroup v1 may have that switched off. */
	limitsSwap: boolean;
	/** Absolute path of the unpacked image. */
	rootFolder: string;
	/** The image's own environment, "NAME=value". */
	imageEnv: readonly string[];
	/** Where in the hierarchies of control groups it has its own. */
	cgroupPath: string;
	/** Files that stand at /etc/hosts, /etc/resolv.conf and /etc/hostname. */
	names: { hosts: string; resolv: string; hostname: string };
	/** Numbers of a device node of this machine. */
	device: (path: string) => { major: number; minor: number };
	/** Name of a loaded AppArmor profile that allows mount and userns; undefined where AppArmor is not in use. */
	apparmor?: string | undefined;
}

interface Mount {
	destination: string;
	type: string;
	source: string;
	options: string[];
}

interface Device {
	path: string;
	type: 'c';
	major: number;
	minor: number;
	fileMode: number;
	uid: number;
	gid: number;
}

/** The part of the specification that is used here. */
export interface OciConfig {
	ociVersion: string;
	process: {
		terminal: false;
		user: { uid: number; gid: number };
		args: string[];
		env: string[];
		cwd: string;
		/** None of any kind. */
		capabilities: Record<string, string[]>;
		rlimits: { type: string; soft: number; hard: number }[];
		noNewPrivileges: true;
		oomScoreAdj: number;
		apparmorProfile?: string;
	};
	root: { path: string; readonly: true };
	hostname: string;
	/** Labels: read again when our note of the container cannot be. */
	annotations: Record<string, string>;
	mounts: Mount[];
	linux: {
		namespaces: { type: string }[];
		cgroupsPath: string;
		rootfsPropagation: 'private';
		sysctl: Record<string, string>;
		resources: {
			devices: { allow: boolean; access: string; type?: 'c'; major?: number; minor?: number }[];
			memory: { limit: number; swap?: number; swappiness?: number };
			cpu?: { quota: number; period: number };
			pids: { limit: number };
		};
		devices: Device[];
		seccomp: Omit<SeccompProfile, 'syscalls'> & { syscalls: Omit<SeccompProfile['syscalls'][number], 'comment'>[] };
		maskedPaths: string[];
		readonlyPaths: string[];
	};
}

/** What the server may have got for itself and nobody else is to inherit: real time, a better turn at the processor, memory that is never swapped. */
const notInherited = [
	{ type: 'RLIMIT_RTPRIO', soft: 0, hard: 0 },
	{ type: 'RLIMIT_NICE', soft: 0, hard: 0 },
	// No more than any kernel gives: a server without CAP_SYS_RESOURCE cannot give more than it has.
	{ type: 'RLIMIT_MEMLOCK', soft: 64 * 1024, hard: 64 * 1024 },
];

/** µs in which a container may run for its share of them. */
const cpuPeriod = 100_000;

/** Covered where nothing in the container needs them. */
export const hidden = [
	'/proc/acpi',
	'/proc/asound',
	'/proc/kcore',
	'/proc/keys',
	'/proc/latency_stats',
	'/proc/timer_list',
	'/proc/timer_stats',
	'/proc/sched_debug',
	'/proc/scsi',
];
const unwritable = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
/** These can be covered in any case. */
export const alwaysHidden = ['/sys/firmware', '/sys/devices/virtual/powercap'];

const systemMounts: Mount[] = [
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
];

function memoryMount({ at, bytes, files, mode, owner, exec }: MemoryFolder): Mount {
	// `dev` where programs are built: without it every `apptainer build` warns of a possible failure. Nobody can make a device there.
	const rights = ['rw', exec ? 'exec' : 'noexec', 'nosuid', exec ? 'dev' : 'nodev'];
	const bounds = [`size=${bytes}`, `nr_inodes=${files}`, `mode=${mode}`, `uid=${owner}`, `gid=${owner}`];
	return { destination: at, type: 'tmpfs', source: 'tmpfs', options: [...rights, ...bounds] };
}

/** What is mounted below it is another's, and would not be read-only. */
function bindMount({ from, to, readOnly }: HostMount): Mount {
	return { destination: to, type: 'bind', source: from, options: ['bind', 'rprivate', 'nosuid', 'nodev', readOnly ? 'ro' : 'rw'] };
}

/** The image's, then ours in its place. */
export function environment(spec: ContainerSpec, imageEnv: readonly string[]): string[] {
	const own = { HOSTNAME: spec.hostname, ...spec.env };
	const kept = imageEnv.filter((entry) => !Object.hasOwn(own, entry.slice(0, Math.max(0, entry.indexOf('=')))));
	return [...kept, ...Object.entries(own).map(([name, value]) => `${name}=${value}`)];
}

/** @returns config.json of the bundle, all that the runtime is told about the container */
export function ociConfig(spec: ContainerSpec, traits: OciTraits): OciConfig {
	const { hosts, resolv, hostname } = traits.names;
	const names: HostMount[] = [
		{ from: hosts, to: '/etc/hosts', readOnly: true },
		{ from: resolv, to: '/etc/resolv.conf', readOnly: true },
		{ from: hostname, to: '/etc/hostname', readOnly: true },
	];
	const devices = spec.devices.map((path): Device => ({ path, type: 'c', ...traits.device(path), fileMode: 0o666, uid: 0, gid: 0 }));
	const { syscalls, ...profile } = spec.seccomp ?? seccompProfile(process.arch);
	return {
		ociVersion: '1.0.2',
		process: {
			terminal: false,
			user: spec.owner,
			args: spec.command,
			env: environment(spec, traits.imageEnv),
			cwd: spec.workingFolder,
			capabilities: { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] },
			rlimits: [
				...spec.resourceLimits.map(({ name, soft, hard }) => ({ type: `RLIMIT_${name.toUpperCase()}`, soft, hard })),
				...notInherited,
			],
			noNewPrivileges: true,
			oomScoreAdj: spec.oomScoreAdj,
			...(traits.apparmor !== undefined && spec.openProc && { apparmorProfile: traits.apparmor }),
		},
		root: { path: traits.rootFolder, readonly: true },
		hostname: spec.hostname,
		annotations: spec.labels,
		mounts: [...systemMounts, ...spec.memoryFolders.map(memoryMount), ...[...spec.mounts, ...names].map(bindMount)],
		linux: {
			// A network of its own has its loopback interface and nothing else.
			namespaces: ['mount', 'network', 'uts', 'pid', 'ipc', 'cgroup'].map((type) => ({ type })),
			cgroupsPath: traits.cgroupPath,
			rootfsPropagation: 'private',
			sysctl: { 'net.ipv4.ip_unprivileged_port_start': '0', 'net.ipv4.ping_group_range': '0 2147483647' },
			resources: {
				devices: [
					// The runtime adds the usual harmless ones.
					{ allow: false, access: 'rwm' },
					...devices.map(({ type, major, minor }) => ({ allow: true, access: 'rw', type, major, minor })),
				],
				// `swap` is both together. cgroup v2 has no swappiness; there this alone forbids swap.
				memory: { limit: spec.memory, ...(traits.limitsSwap && { swap: spec.memory }), ...(traits.cgroup === 'v1' && { swappiness: 0 }) },
				...(spec.cpus !== undefined && { cpu: { quota: Math.round(spec.cpus * cpuPeriod), period: cpuPeriod } }),
				pids: { limit: spec.processes },
			},
			devices,
			seccomp: { ...profile, syscalls: syscalls.map(({ comment: _, ...rule }) => rule) },
			maskedPaths: spec.openProc ? alwaysHidden : [...hidden, ...alwaysHidden],
			readonlyPaths: spec.openProc ? [] : unwritable,
		},
	};
}
