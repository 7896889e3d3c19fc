/** A container in the words of Docker's API, which Podman speaks too: one pure function from what it is to be to what is asked. */
import type { ContainerCreateOptions, HostConfig as DockerodeHostConfig } from 'dockerode';
import type { ContainerSpec, MemoryFolder } from '../containers.ts';

/** What the options depend on besides the container. */
export interface EngineTraits {
	kind: 'docker' | 'podman';
	cgroup: 'v1' | 'v2';
	/** Name of a loaded AppArmor profile that allows mount and userns; undefined where AppArmor is not in use. */
	apparmor?: string | undefined;
	/**
	 * Host files that stand at /etc/hosts and /etc/resolv.conf. With them Docker is asked for no network at all, and the OCI runtime makes
	 * the network namespace with its loopback interface alone. Docker's own way to 'none' starts its own program five times for that: more
	 * than half of what a sandbox costs. Undefined: the engine's own way.
	 */
	names?: { hosts: string; resolv: string } | undefined;
}

/** The client's types lack a setting that the API has had since 1.41. */
type HostConfig = DockerodeHostConfig & { CgroupnsMode: 'private' };
export type ContainerOptions = ContainerCreateOptions & { HostConfig: HostConfig };

/** Podman's words for a folder that starts empty, as with every other engine, or with what the image has there. */
export const podmanEmpty = 'notmpcopyup';
const podmanKept = 'tmpcopyup';

/** `kept`: with the image's own files. */
type Folder = MemoryFolder & { kept?: true };

/**
 * `dev` where programs are built: without it every `apptainer build` warns of a possible failure. It gives nothing away: device nodes need
 * CAP_MKNOD, and the device cgroup knows only the usual ones.
 */
function tmpfs({ kind }: EngineTraits, { bytes, files, mode, owner, exec, kept }: Folder): string {
	const rights = ['rw', exec ? 'exec' : 'noexec', 'nosuid', exec ? 'dev' : 'nodev', `size=${bytes}`];
	// Podman knows neither nr_inodes nor numbers of owners. There the files' own memory (about 1 KiB each, charged to the container) is the
	// bound, and "U" makes the folder the container's user's, which is the only owner besides root that we ask for.
	if (kind === 'podman') return [...rights, `mode=${mode}`, kept ? podmanKept : podmanEmpty, ...(owner === 0 ? [] : ['U'])].join(',');
	return [...rights, `nr_inodes=${files}`, `mode=${mode}`, `uid=${owner}`, `gid=${owner}`].join(',');
}

/**
 * Podman puts a tmpfs without a limit at these places of every container, unless another is asked for. /run keeps what the image has there:
 * programs find their sockets by its links. /var/tmp lands on /tmp, by the image's link.
 */
function podmanFolders(folders: readonly MemoryFolder[]): Folder[] {
	const small = { bytes: 1024 * 1024, files: 100, owner: 0, exec: false, kept: true } as const;
	const run = { ...small, at: '/run', mode: '0755' };
	const tmp = folders.find(({ at }) => at === '/tmp') ?? { ...small, at: '/tmp', mode: '1777' };
	const all = [run, tmp, { ...tmp, at: '/var/tmp' }];
	return all.filter(({ at }) => !folders.some((folder) => folder.at === at));
}

/** Paths of /sys that stay covered where those of /proc cannot. */
const covers = ['/sys/firmware', '/sys/devices/virtual/powercap'];

function hostConfig(spec: ContainerSpec, engine: EngineTraits, seccomp: string | undefined): HostConfig {
	const isPodman = engine.kind === 'podman';
	const folders: Folder[] = isPodman ? [...spec.memoryFolders, ...podmanFolders(spec.memoryFolders)] : spec.memoryFolders;
	const names = engine.names && [
		{ from: engine.names.hosts, to: '/etc/hosts', readOnly: true },
		{ from: engine.names.resolv, to: '/etc/resolv.conf', readOnly: true },
	];
	return {
		...(spec.ociRuntime === undefined ? {} : { Runtime: spec.ociRuntime }),

		// Rights: none.
		CapDrop: ['ALL'],
		Privileged: false,
		SecurityOpt: [
			'no-new-privileges',
			...(seccomp === undefined ? [] : [`seccomp=${seccomp}`]),
			...(engine.apparmor === undefined || !spec.openProc ? [] : [`apparmor=${engine.apparmor}`]),
			...(isPodman && spec.openProc ? [`mask=${covers.join(':')}`, 'unmask=/proc/*'] : []),
		],
		// Podman does not heed these two.
		...(spec.openProc && !isPodman ? { MaskedPaths: covers, ReadonlyPaths: [] } : {}),
		Devices: spec.devices.map((path) => ({ PathOnHost: path, PathInContainer: path, CgroupPermissions: 'rw' })),

		// Surroundings: its own, and nothing else's.
		NetworkMode: 'none',
		// 'none': private, and no /dev/shm but ours. Podman has only 'private', and lets ours take the place of its own.
		IpcMode: isPodman ? 'private' : 'none',
		CgroupnsMode: 'private',
		// Not the host's name servers, which Docker would write into the container although it cannot reach them. Podman refuses the setting here.
		...(!isPodman && !engine.names ? { Dns: ['127.0.0.1'] } : {}),
		Init: false,

		// Files.
		ReadonlyRootfs: true,
		Binds: [...spec.mounts, ...(names ?? [])].map(({ from, to, readOnly }) => `${from}:${to}:${readOnly ? 'ro' : 'rw'}`),
		Tmpfs: Object.fromEntries(folders.map((folder) => [folder.at, tmpfs(engine, folder)])),
		LogConfig: { Type: 'none', Config: {} },

		// Limits.
		Memory: spec.memory,
		MemorySwap: spec.memory,
		// cgroup v2 has no such setting; there MemorySwap alone forbids swap.
		...(engine.cgroup === 'v1' ? { MemorySwappiness: 0 } : {}),
		// 0: as many as there are.
		NanoCpus: Math.round((spec.cpus ?? 0) * 1e9),
		PidsLimit: spec.processes,
		Ulimits: [
			...spec.resourceLimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
			// Podman asks for a million processes of its own accord, more than a machine without CAP_SYS_RESOURCE may give. Sandboxes
			// that share a number count together here; each one's own limit is PidsLimit.
			...(isPodman && !spec.resourceLimits.some(({ name }) => name === 'nproc') ? [{ Name: 'nproc', Soft: 16_384, Hard: 16_384 }] : []),
		],
		OomScoreAdj: spec.oomScoreAdj,
		RestartPolicy: { Name: 'no' },
	};
}

/**
 * What to ask of the engine for this container.
 * @param seccomp the profile as the engine wants it: JSON for Docker, a file's path for Podman; undefined: its own
 */
export function containerOptions(spec: ContainerSpec, engine: EngineTraits, seccomp: string | undefined): ContainerOptions {
	const { uid, gid } = spec.owner;
	return {
		name: spec.name,
		Image: spec.image,
		Hostname: spec.hostname,
		...(engine.names && engine.kind === 'docker' && { NetworkDisabled: true }),
		User: `${uid}:${gid}`,
		WorkingDir: spec.workingFolder,
		Entrypoint: spec.command,
		Cmd: [],
		Env: Object.entries(spec.env).map(([key, value]) => `${key}=${value}`),
		Labels: spec.labels,
		Tty: false,
		OpenStdin: false,
		AttachStdin: false,
		AttachStdout: false,
		AttachStderr: false,
		// Podman asks for the end and waits even when a removal is forced.
		StopSignal: spec.stopSeconds === 0 ? 'SIGKILL' : 'SIGTERM',
		StopTimeout: spec.stopSeconds,
		HostConfig: hostConfig(spec, engine, seccomp),
	};
}
