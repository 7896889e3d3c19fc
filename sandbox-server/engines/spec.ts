/** The container of a sandbox: one pure function from what it is to be to what the engine is asked. */
import type { ContainerCreateOptions, HostConfig as DockerodeHostConfig } from 'dockerode';
import type { Limits } from '../../src/shared/course.ts';
import type { SandboxSpec } from './engine.ts';

/** What the options depend on besides the sandbox. */
export interface EngineTraits {
	kind: 'docker' | 'podman';
	cgroup: 'v1' | 'v2';
	/** Name of a loaded AppArmor profile that allows mount and userns; undefined where AppArmor is not in use. */
	apparmor?: string | undefined;
	/**
	 * Host files that stand at /etc/hosts and /etc/resolv.conf. With them the engine is asked for no network at all, and the runtime makes
	 * the network namespace with its loopback interface alone. Docker's own way to 'none' starts its own program five times for that: more
	 * than half of what a sandbox costs. Undefined: the engine's own way.
	 */
	names?: { hosts: string; resolv: string } | undefined;
}

/** The client's types lack a setting that the API has had since 1.41. */
type HostConfig = DockerodeHostConfig & { CgroupnsMode: 'private' };
export type ContainerOptions = ContainerCreateOptions & { HostConfig: HostConfig };

export const roleLabel = 'etabli.role';
export const sandboxRole = 'sandbox';

/** Learner and group in every image. Never 0: the kernel's settings in /proc are writable for uid 0 even without capabilities. */
const uid = 1000;
const home = '/home/learner';
/** Shared memory of MPI programs and the like, in bytes; counts as the sandbox's memory. */
const shmBytes = 64 * 1024 * 1024;
const shmFiles = 1000;
/** Open files of one process; below the hard limit of small machines, which an engine without CAP_SYS_RESOURCE cannot raise. */
const openFiles = 4096;

export const holderCommand = [
	'/opt/etabli/holder',
	'--socket',
	'/run/etabli/holder.sock',
	'--forward',
	'5000:/run/etabli/registry.sock',
	'--place',
	home,
	'--place',
	'/tmp',
];

/** Where an image for `user: root` holds the files of that system, all of them uid 1000's. */
export const systemFolder = '/.system';

/** The environment that every program of the sandbox starts with. */
export const sandboxEnv: Record<string, string> = {
	HOME: home,
	USER: 'learner',
	LOGNAME: 'learner',
	SHELL: '/bin/bash',
	LANG: 'fr_FR.UTF-8',
	PATH: '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin',
	// The registry at localhost:5000 speaks plain HTTP: it never leaves the machine.
	APPTAINER_NOHTTPS: '1',
	APPTAINER_TMPDIR: '/tmp',
	APPTAINER_CACHEDIR: `${home}/.apptainer/cache`,
};

/**
 * `dev` where programs are built: without it every `apptainer build` warns of a possible failure. It gives nothing away: device nodes need
 * CAP_MKNOD, and the device cgroup knows only the usual ones.
 */
function tmpfs(engine: EngineTraits, place: { bytes: number; files: number; mode: string; owner: number; exec: boolean }): string {
	const { bytes, files, mode, owner, exec } = place;
	const rights = ['rw', exec ? 'exec' : 'noexec', 'nosuid', exec ? 'dev' : 'nodev', `size=${bytes}`];
	// Podman knows neither nr_inodes nor owners. There the files' own memory (about 1 KiB each, charged to the sandbox) is the bound, and
	// the folder belongs to root but is open to the one user that there is.
	if (engine.kind === 'podman') return [...rights, `mode=${owner === 0 ? mode : '0777'}`].join(',');
	return [...rights, `nr_inodes=${files}`, `mode=${mode}`, `uid=${owner}`, `gid=${owner}`].join(',');
}

/**
 * Every place that the learner can write to: bounded in bytes and in files, gone with the sandbox.
 * The image makes /var/tmp a symbolic link to /tmp, so that both share one limit.
 */
function writablePlaces(limits: Limits, engine: EngineTraits): Record<string, string> {
	return {
		[home]: tmpfs(engine, { bytes: limits.home.size, files: limits.home.files, mode: '0700', owner: uid, exec: true }),
		'/tmp': tmpfs(engine, { bytes: limits.tmp.size, files: limits.tmp.files, mode: '1777', owner: 0, exec: true }),
		'/dev/shm': tmpfs(engine, { bytes: shmBytes, files: shmFiles, mode: '1777', owner: 0, exec: false }),
		...(engine.kind === 'podman' ? podmanPlaces(limits, engine) : {}),
	};
}

/** Podman puts a tmpfs without a limit there unless another is asked for. /var/tmp lands on /tmp, by the image's symbolic link. */
function podmanPlaces(limits: Limits, engine: EngineTraits): Record<string, string> {
	return {
		'/run': tmpfs(engine, { bytes: 1024 * 1024, files: 100, mode: '0755', owner: 0, exec: false }),
		'/var/tmp': tmpfs(engine, { bytes: limits.tmp.size, files: limits.tmp.files, mode: '1777', owner: 0, exec: true }),
	};
}

function hostConfig(spec: SandboxSpec, engine: EngineTraits, seccomp: string): HostConfig {
	const { limits } = spec;
	return {
		...(spec.runtime === undefined ? {} : { Runtime: spec.runtime }),

		// Rights: none.
		CapDrop: ['ALL'],
		Privileged: false,
		SecurityOpt: ['no-new-privileges', `seccomp=${seccomp}`, ...(engine.apparmor === undefined ? [] : [`apparmor=${engine.apparmor}`])],
		// Apptainer mounts a /proc of its own, which the kernel allows only while nothing of the outer one is covered. The covers over
		// /sys can stay.
		MaskedPaths: ['/sys/firmware', '/sys/devices/virtual/powercap'],
		ReadonlyPaths: [],
		Devices: [{ PathOnHost: '/dev/fuse', PathInContainer: '/dev/fuse', CgroupPermissions: 'rw' }],

		// Surroundings: its own, and nothing else's.
		NetworkMode: 'none',
		// 'none': private, and no /dev/shm but ours. Podman has only 'private', and lets ours take the place of its own.
		IpcMode: engine.kind === 'podman' ? 'private' : 'none',
		CgroupnsMode: 'private',
		// Not the host's name servers, which Docker would write into the sandbox although it cannot reach them. Podman refuses the setting here.
		...(engine.kind === 'docker' && !engine.names ? { Dns: ['127.0.0.1'] } : {}),
		Init: false,

		// Files.
		ReadonlyRootfs: true,
		Binds: [
			`${spec.sockets}:/run/etabli:ro`,
			`${spec.guest}:/opt/etabli:ro`,
			...(engine.names ? [`${engine.names.hosts}:/etc/hosts:ro`, `${engine.names.resolv}:/etc/resolv.conf:ro`] : []),
		],
		Tmpfs: writablePlaces(limits, engine),
		LogConfig: { Type: 'none', Config: {} },

		// Limits.
		Memory: limits.memory,
		MemorySwap: limits.memory,
		// cgroup v2 has no such setting; there MemorySwap alone forbids swap.
		...(engine.cgroup === 'v1' ? { MemorySwappiness: 0 } : {}),
		NanoCpus: Math.round(limits.cpus * 1e9),
		PidsLimit: limits.processes,
		Ulimits: [
			{ Name: 'nofile', Soft: 1024, Hard: openFiles },
			{ Name: 'core', Soft: 0, Hard: 0 },
			// POSIX message queues draw on one quota for all sandboxes (same uid).
			{ Name: 'msgqueue', Soft: 0, Hard: 0 },
			// Podman asks for a million processes of its own accord, more than a machine without CAP_SYS_RESOURCE may give. All sandboxes
			// count together here (same uid); each one's own limit is PidsLimit.
			...(engine.kind === 'podman' ? [{ Name: 'nproc', Soft: 16_384, Hard: 16_384 }] : []),
		],
		// This is the holder's; it starts everything else at 500. So when a sandbox, or the whole machine, runs out of memory the learner's
		// programs go first, then the holders, and the server and the engine last.
		OomScoreAdj: 100,
		RestartPolicy: { Name: 'no' },
	};
}

/**
 * What to ask of the engine for this sandbox.
 * @param seccomp the profile as the engine wants it: JSON for Docker, a file's path for Podman
 * @param entrypoint another main process than the holder, for tests of the container alone
 */
export function containerOptions(
	spec: SandboxSpec,
	engine: EngineTraits,
	seccomp: string,
	entrypoint: string[] = spec.user === 'root' ? [...holderCommand, '--root', systemFolder] : holderCommand,
): ContainerOptions {
	return {
		name: spec.name,
		Image: spec.image,
		Hostname: 'etabli',
		...(engine.names && { NetworkDisabled: true }),
		User: `${uid}:${uid}`,
		WorkingDir: home,
		Entrypoint: entrypoint,
		Cmd: [],
		Env: Object.entries(sandboxEnv).map(([key, value]) => `${key}=${value}`),
		Labels: { ...spec.labels, [roleLabel]: sandboxRole },
		Tty: false,
		OpenStdin: false,
		AttachStdin: false,
		AttachStdout: false,
		AttachStderr: false,
		StopSignal: 'SIGTERM',
		StopTimeout: 2,
		HostConfig: hostConfig(spec, engine, seccomp),
	};
}
