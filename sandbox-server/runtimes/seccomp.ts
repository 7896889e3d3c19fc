/**
 * The sandboxes' own seccomp profile: what a learner's programs may ask of the kernel. Everything else answers EPERM.
 * Each group says what it is for; docs/decisions/0003-hardening.md says what was left out and why.
 * Names of system calls compared with the default profile of Docker (moby/profiles, June 2026).
 */
import { createHash } from 'node:crypto';

/** One argument of a system call, compared. `valueTwo` is what a masked comparison must equal. */
export interface SeccompArgument {
	index: number;
	value: number;
	valueTwo: number;
	op: 'SCMP_CMP_EQ' | 'SCMP_CMP_MASKED_EQ';
}

export interface SeccompRule {
	names: string[];
	action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO';
	errnoRet?: number;
	args?: SeccompArgument[];
	comment: string;
}

/** The form that Docker, Podman and OCI runtimes read. */
export interface SeccompProfile {
	defaultAction: 'SCMP_ACT_ERRNO';
	defaultErrnoRet: number;
	architectures: string[];
	syscalls: SeccompRule[];
}

const EPERM = 1;
const ENOSYS = 38;
const EPROTONOSUPPORT = 93;

const CLONE_NEWTIME = 0x0000_0080;
const CLONE_NEWCGROUP = 0x0200_0000;
const CLONE_NEWNET = 0x4000_0000;

const words = (text: string): string[] => text.trim().split(/\s+/);
const allow = (comment: string, text: string, args?: SeccompArgument[]): SeccompRule => ({
	names: words(text),
	action: 'SCMP_ACT_ALLOW',
	...(args ? { args } : {}),
	comment,
});
const missing = (comment: string, text: string): SeccompRule => ({
	names: words(text),
	action: 'SCMP_ACT_ERRNO',
	errnoRet: ENOSYS,
	comment,
});
const equals = (index: number, value: number): SeccompArgument => ({ index, value, valueTwo: 0, op: 'SCMP_CMP_EQ' });
/** True when none of `bits` is set in the argument. */
const without = (index: number, bits: number): SeccompArgument => ({ index, value: bits, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' });

/** Linux gives process numbers below 2^22 (PID_MAX_LIMIT). */
const bitsOfProcess = 22;

/**
 * Any process but number 1, the agent. A filter can compare for "is not 1", but all 64 bits of the argument, of which the kernel then takes
 * 32: 0x1_0000_0001 would slip through. So, bit by bit: it is not 1 if its lowest bit is not set, or if another one is.
 */
const notTheAgent = (comment: string, text: string, index: number, more: SeccompArgument[] = []): SeccompRule[] => {
	const bits = Array.from({ length: bitsOfProcess - 1 }, (_, at) => 2 ** (at + 1));
	const tests = [
		without(index, 1),
		...bits.map((bit): SeccompArgument => ({ index, value: bit, valueTwo: bit, op: 'SCMP_CMP_MASKED_EQ' })),
	];
	return tests.map((test) => allow(comment, text, [...more, test]));
};
/** The low 32 bits, which are what the kernel looks at. */
const exactly = (index: number, value: number): SeccompArgument => ({
	index,
	value: 0xffff_ffff,
	valueTwo: value,
	op: 'SCMP_CMP_MASKED_EQ',
});

const ordinary: SeccompRule[] = [
	allow(
		'files: open, read, write, names, attributes; the usual checks of owner and mode decide',
		`access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64 fallocate fchdir
		fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstatfs fsync
		ftruncate futimesat getcwd getdents getdents64 getxattr getxattrat ioctl lchown lgetxattr link linkat listxattr listxattrat
		llistxattr lremovexattr lseek lsetxattr lstat mkdir mkdirat mknod mknodat name_to_handle_at newfstatat open openat openat2 pread64
		preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv removexattr removexattrat rename renameat
		renameat2 rmdir sendfile setxattr setxattrat splice stat statfs statx symlink symlinkat sync sync_file_range syncfs tee truncate
		umask unlink unlinkat utime utimensat utimes vmsplice write writev`,
	),
	allow(
		'memory of one’s own; how much there is, is the sandbox’s limit',
		`brk madvise map_shadow_stack membarrier memfd_create mincore mlock mlock2 mlockall mmap mprotect mremap mseal msync munlock
		munlockall munmap pkey_alloc pkey_free pkey_mprotect`,
	),
	allow(
		'processes, threads, signals, scheduling within the limits of the sandbox',
		`arch_prctl execve execveat exit exit_group fork futex futex_requeue futex_wait futex_waitv futex_wake getcpu getpgid getpgrp
		getpid getppid getpriority getrlimit get_robust_list getrusage getsid gettid ioprio_get kill pause pidfd_open
		pidfd_send_signal prctl process_mrelease restart_syscall rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo
		rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_getaffinity sched_getattr sched_getparam
		sched_get_priority_max sched_get_priority_min sched_getscheduler sched_rr_get_interval sched_yield
		setpgid setrlimit set_robust_list setsid set_tid_address sigaltstack
		tgkill times tkill vfork wait4 waitid`,
	),
	allow(
		'who one is; with no capability these can only give rights up',
		`capget capset getegid geteuid getgid getgroups getresgid getresuid getuid setfsgid setfsuid setgid setgroups setregid
		setresgid setresuid setreuid setuid`,
	),
	allow(
		'waiting and time; the clock cannot be set',
		`alarm clock_getres clock_gettime clock_nanosleep epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd
		eventfd2 getitimer gettimeofday inotify_add_watch inotify_init inotify_init1 inotify_rm_watch nanosleep poll ppoll pselect6
		select setitimer signalfd signalfd4 time timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create
		timerfd_gettime timerfd_settime`,
	),
	allow(
		'pipes, System V memory, semaphores and messages (MPI uses them); all charged to the sandbox’s memory',
		'pipe pipe2 msgctl msgget msgrcv msgsnd semctl semget semop semtimedop shmat shmctl shmdt shmget',
	),
	allow(
		'sockets that exist; which kinds can be made is decided below',
		`accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg sendmsg sendto
		setsockopt shutdown`,
	),
	allow(
		'the machine’s name, load and randomness; programs that confine themselves further',
		`getrandom sysinfo uname seccomp landlock_add_rule landlock_create_ruleset landlock_restrict_self listmount statmount`,
	),
];

const limited: SeccompRule[] = [
	allow('unix sockets: the registry, MPI, agents', 'socket', [equals(0, 1)]),
	allow('pairs of unix sockets, of no other family', 'socketpair', [equals(0, 1)]),
	allow('IPv4, of which the sandbox has only loopback', 'socket', [equals(0, 2)]),
	allow('IPv6, of which the sandbox has only loopback', 'socket', [equals(0, 10)]),
	allow('netlink for questions about interfaces and routes (getaddrinfo, ip), no other netlink family', 'socket', [
		equals(0, 16),
		equals(2, 0),
	]),
	allow('limits of one’s own: another process, the agent above all, could be given a CPU limit that kills it', 'prlimit64', [equals(0, 0)]),
	...notTheAgent(
		'processor and turn of one’s own programs, not of the agent: made idle, it would no longer answer while anything else runs',
		'sched_setaffinity sched_setattr sched_setparam sched_setscheduler',
		0,
	),
	...notTheAgent('niceness of one’s own programs, one at a time', 'setpriority', 1, [exactly(0, 0)]),
	...notTheAgent('niceness of a group of them; of all of a user’s programs it cannot be set: the agent is one', 'setpriority', 1, [
		exactly(0, 1),
	]),
	...notTheAgent('turn at the disk of one’s own programs', 'ioprio_set', 1, [exactly(0, 1)]),
	...notTheAgent('turn at the disk of a group of them', 'ioprio_set', 1, [exactly(0, 2)]),
	allow('personality: the ordinary one', 'personality', [equals(0, 0)]),
	allow('personality: asking which one', 'personality', [equals(0, 0xffff_ffff)]),
];

/** What unprivileged Apptainer needs on top: user, mount, PID, IPC and UTS namespaces of its own, and mounts inside them. */
const apptainer: SeccompRule[] = [
	allow(
		'new namespaces, but never a network namespace (it opens most of the kernel’s network code to its root) nor a cgroup namespace',
		'clone',
		[without(0, CLONE_NEWNET | CLONE_NEWCGROUP)],
	),
	allow('the same for unshare, which could make a time namespace too', 'unshare', [
		without(0, CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWTIME),
	]),
	allow('joining a running instance; building from a definition file. The kernel asks for rights over the namespace joined', 'setns'),
	allow(
		'mounting SIF files, overlays and bind mounts in a namespace of one’s own; outside it the kernel refuses for want of capabilities',
		'mount umount2 pivot_root fsopen fsconfig fsmount fspick move_mount open_tree mount_setattr',
	),
	allow('apptainer --hostname, in a UTS namespace of one’s own', 'sethostname setdomainname'),
];

const absent: SeccompRule[] = [
	{
		names: ['socket'],
		action: 'SCMP_ACT_ERRNO',
		errnoRet: EPROTONOSUPPORT,
		args: [equals(0, 16), equals(2, 9)],
		comment: 'the audit log: useradd and the like go on without where there is none, and give up where it is refused',
	},
	missing('its flags are in memory, where a filter cannot look: programs fall back to clone', 'clone3'),
	missing(
		'a large and young part of the kernel; programs fall back to ordinary reads and writes',
		'io_uring_setup io_uring_enter io_uring_register',
	),
	missing(
		'asynchronous I/O of the old kind draws on one quota for the whole host',
		'io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents',
	),
];

/** By Node's names for them. */
const architectures: Record<string, string> = { x64: 'SCMP_ARCH_X86_64', arm64: 'SCMP_ARCH_AARCH64' };

/**
 * The profile for a processor architecture by Node's name for it. Only the native 64-bit ABI is accepted: a 32-bit call ends the process
 * (its own system call table would need a list of its own).
 * @throws Error for an architecture that the project has not been tried on
 */
export function seccompProfile(arch: string): SeccompProfile {
	const architecture = architectures[arch];
	if (!architecture)
		throw new Error(`no seccomp profile for the architecture "${arch}": known are ${Object.keys(architectures).join(', ')}`);
	return {
		defaultAction: 'SCMP_ACT_ERRNO',
		defaultErrnoRet: EPERM,
		architectures: [architecture],
		syscalls: [...ordinary, ...limited, ...apptainer, ...absent],
	};
}

/**
 * What the profile is called in a kubelet's folder of profiles. The same for every architecture: the server that asks for it may run on another one
 * than the node, whose agent has put its own there. Another name when the profile is another, so that two versions of Établi share a node.
 */
export function seccompFileName(): string {
	const all = Object.keys(architectures).map((arch) => seccompProfile(arch));
	return `etabli/sandbox-${createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 16)}.json`;
}
