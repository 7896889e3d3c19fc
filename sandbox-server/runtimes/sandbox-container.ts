/** The container of a sandbox: one pure function from what the sandbox is to be. */
import type { Limits } from '../../src/shared/course/course.ts';
import { isGvisor } from '../../src/shared/course/oci-runtimes.ts';
import { type ContainerSpec, type MemoryFolder, roleLabel, sandboxRole } from './containers.ts';
import type { SandboxSpec } from './runtime.ts';
import { seccompProfile } from './seccomp.ts';

/** Folders of the machine that the sandbox sees. */
export interface SandboxMounts {
	/** The sandbox's own, mounted at /run/etabli: its transport. */
	transport: string;
	/** The agent, shell settings and check helpers, mounted at /opt/etabli. */
	guest: string;
	/** A number (uid and gid) of its own, and the files that then stand at /etc/passwd and /etc/group; undefined: the image's, which all share. */
	learner?: { id: number; passwd: string; group: string } | undefined;
}

/** Learner and group in every image, and in sandboxes that have no number of their own. Never 0: the kernel's settings in /proc are writable for uid 0 even without capabilities. */
const sharedId = 1000;
const home = '/home/learner';
/** Shared memory of MPI programs and the like, in bytes; counts as the sandbox's memory. */
const shmBytes = 64 * 1024 * 1024;
const shmFiles = 1000;
/** Open files of one process; below the hard limit of small machines, which an engine without CAP_SYS_RESOURCE cannot raise. */
const openFiles = 4096;

/** Opening /dev/tty fails there with EIO; a shell's standard input is the same terminal. For guest/marks.bash. */
const gvisorEnv: Record<string, string> = { ETABLI_DEV_TTY: '/dev/fd/0' };

/**
 * Processes and threads of the machine that gVisor may have for each of the sandbox's, and besides. Measured, 20240729 on two processors: 33 before the first, then 2 to 3
 * for each. It ends, and the sandbox with it, when it is refused one; so learners come to their own limit first, which it counts itself.
 */
const gvisorProcesses = { each: 4, besides: 128 };

/** Processes and threads of the machine that a sandbox may have, whose learner may have `processes`. Pure. */
export function machineProcesses(ociRuntime: string | undefined, processes: number): number {
	return isGvisor(ociRuntime) ? processes * gvisorProcesses.each + gvisorProcesses.besides : processes;
}

const agentCommand = [
	'/opt/etabli/agent',
	'--socket',
	'/run/etabli/agent.sock',
	'--forward',
	'5000:/run/etabli/registry.sock',
	'--dial',
	'/run/etabli/preview.sock',
	'--mount',
	home,
	'--mount',
	'/tmp',
];

/** What each sandbox calls itself. */
export const hostname = 'etabli';

/**
 * What stands in /etc/hosts and /etc/resolv.conf: itself, and nobody to ask. A machine finds its own name: `mpirun`, Python and Java programs and
 * `sudo` look for it, and wait when nobody answers.
 */
export const nameTexts = {
	hosts: `127.0.0.1\tlocalhost ${hostname}\n::1\tlocalhost ip6-localhost ip6-loopback\n`,
	resolv: 'nameserver 127.0.0.1\n',
};

/** Where an image for `user: root` holds the files of that system, all of them uid 1000's. */
export const systemFolder = '/.system';

/** The environment that every program of the sandbox starts with. */
export const sandboxEnv: Record<string, string> = {
	HOME: home,
	USER: 'learner',
	LOGNAME: 'learner',
	SHELL: '/bin/bash',
	LANG: 'C.UTF-8',
	PATH: '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin',
	// The registry at localhost:5000 speaks plain HTTP: it never leaves the machine.
	APPTAINER_NOHTTPS: '1',
	APPTAINER_TMPDIR: '/tmp',
	APPTAINER_CACHEDIR: `${home}/.apptainer/cache`,
};

/**
 * Every place that the learner can write to: bounded in bytes and in files, gone with the sandbox.
 * The image makes /var/tmp a symbolic link to /tmp, so that both share one limit.
 */
function memoryFolders(limits: Limits, owner: number): MemoryFolder[] {
	return [
		{ at: home, bytes: limits.home.size, files: limits.home.files, mode: '0700', owner, exec: true },
		{ at: '/tmp', bytes: limits.tmp.size, files: limits.tmp.files, mode: '1777', owner: 0, exec: true },
		{ at: '/dev/shm', bytes: shmBytes, files: shmFiles, mode: '1777', owner: 0, exec: false },
	];
}

/**
 * What to ask for.
 * @param command another main process than the agent, for tests of the container alone
 */
export function sandboxContainer(spec: SandboxSpec, mounts: SandboxMounts, command?: string[]): ContainerSpec {
	const { limits } = spec;
	const { learner } = mounts;
	const id = learner?.id ?? sharedId;
	const gvisor = isGvisor(spec.ociRuntime);
	return {
		name: spec.name,
		image: spec.image,
		ociRuntime: spec.ociRuntime,
		hostname,
		command: command ?? (spec.user === 'root' ? [...agentCommand, '--root', systemFolder] : agentCommand),
		owner: { uid: id, gid: id },
		workingFolder: home,
		env: gvisor ? { ...sandboxEnv, ...gvisorEnv } : sandboxEnv,
		labels: { ...spec.labels, [roleLabel]: sandboxRole },
		mounts: [
			{ from: mounts.transport, to: '/run/etabli', readOnly: true },
			{ from: mounts.guest, to: '/opt/etabli', readOnly: true },
			...(learner
				? [
						{ from: learner.passwd, to: '/etc/passwd', readOnly: true },
						{ from: learner.group, to: '/etc/group', readOnly: true },
					]
				: []),
		],
		memoryFolders: memoryFolders(limits, id),
		devices: ['/dev/fuse'],
		seccomp: seccompProfile(process.arch),
		// Apptainer mounts a /proc of its own, which the kernel allows only while nothing of the outer one is covered.
		openProc: true,
		memory: limits.memory,
		cpus: limits.cpus,
		processes: machineProcesses(spec.ociRuntime, limits.processes),
		resourceLimits: [
			{ name: 'nofile', soft: 1024, hard: openFiles },
			{ name: 'core', soft: 0, hard: 0 },
			// POSIX message queues draw on one quota for all sandboxes of a user.
			{ name: 'msgqueue', soft: 0, hard: 0 },
			...(gvisor ? [{ name: 'nproc' as const, soft: limits.processes, hard: limits.processes }] : []),
		],
		// This is the agent's; it starts everything else at 500. So when a sandbox, or the whole machine, runs out of memory the learner's
		// programs go first, then the agents, and the server and the engine last.
		oomScoreAdj: 100,
		// The agent heeds no signal, and what was to be kept has been fetched by then.
		stopSeconds: 0,
	};
}
