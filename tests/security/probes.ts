/** What is tried from inside a sandbox, in its terminal and in those on the nodes of a cluster: each of it has to be refused. */
import assert from 'node:assert/strict';
import type { ClientTerminal } from '../../sandbox-server/tools/rehearsal/client-terminal.ts';
import { plainText } from '../../src/shared/control-sequences.ts';

export class Probes {
	/** Commands that were tried. */
	count = 0;
	readonly #terminal: ClientTerminal;

	constructor(terminal: ClientTerminal) {
		this.#terminal = terminal;
	}

	/** What a command prints, in lines; its own text not among them. */
	async prints(command: string): Promise<string[]> {
		this.count++;
		const output = plainText(await this.#terminal.run(`${command}; echo`)).replaceAll('\r', '');
		return (
			output
				.split('\n')
				.slice(1)
				.map((line) => line.trim())
				// The next prompt is the folder's name, on a node with the node's before it.
				.filter((line) => line && !/^[\w~.:/-]+[$#]$/.test(line))
		);
	}

	/** Every command fails; the one that succeeds is named. */
	async fail(commands: string[]): Promise<void> {
		for (const command of commands) {
			const lines = await this.prints(`(${command}) >/dev/null 2>&1 </dev/null && echo GOT-IN || echo refused`);
			assert.deepEqual(lines, ['refused'], command);
		}
	}
}

/** System calls by which others have got out, with their numbers (x86-64, arm64). */
const calls: Record<string, [number, number, string]> = {
	'add_key: the kernel’s key rings are shared by all users of one number': [248, 217, '"user","x","y",1,-2'],
	request_key: [249, 218, '"user","x",0,-2'],
	keyctl: [250, 219, '0,-2,1,0,0'],
	open_by_handle_at: [304, 265, '0,0,0'],
	bpf: [321, 280, '0,0,0'],
	perf_event_open: [298, 241, '0,0,-1,-1,0'],
	kexec_load: [246, 104, '0,0,0,0'],
	init_module: [175, 105, '0,0,0'],
	'clone3: its flags could not be filtered': [435, 435, '0,0'],
};

/** Rights that nobody here has. */
export const noRights = [
	'sudo -n true',
	'su -c true',
	'unshare -n true',
	'unshare -rn true',
	'unshare -C true',
	'chroot / true',
	'mknod ~/d c 1 1',
	'unshare -r mknod ~/d c 1 1',
];

/** Where clouds, networks and engines answer. */
export const addresses = [
	'169.254.169.254',
	'169.254.170.2',
	'100.100.100.200',
	'[fd00:ec2::254]',
	'10.0.0.1',
	'172.17.0.1',
	'192.168.0.1',
	'1.1.1.1',
	'localhost:2375',
	'localhost:2376',
	'localhost:22',
];
export const engines = [
	'getent hosts example.org',
	'bash -c "echo > /dev/udp/1.1.1.1/53"',
	'curl -sS -m 3 --unix-socket /var/run/docker.sock http://x/info',
	'curl -sS -m 3 --unix-socket /run/podman/podman.sock http://x/info',
];

/** /run/etabli and /opt/etabli cannot be changed. */
export const oursStays = [
	...[
		'touch /run/etabli/x',
		'ln -s /etc/passwd /run/etabli/x',
		'rm /run/etabli/agent.sock',
		'mv /run/etabli/agent.sock /run/etabli/y',
		'ln -sf /x /run/etabli/registry.sock',
		'mkdir /run/etabli/d',
		'chmod 777 /run/etabli',
	],
	...[
		'echo >> /opt/etabli/check.sh',
		'rm /opt/etabli/agent',
		'mount -o remount,rw /run/etabli',
		'unshare -rm mount -o remount,rw /run/etabli',
		'unshare -rm mount -o remount,rw,bind /opt/etabli',
		'unshare -rm umount /run/etabli',
	],
	'unshare -rm sh -c "mount -t tmpfs x /run/etabli && nsenter -t 1 -m ls /run/etabli"',
];

/** The agent cannot be ended, traced, read or stopped. */
export const agentLives = [
	...['KILL', 'STOP', 'TERM', 'HUP', 'INT', 'SEGV', 'ABRT', 'BUS'].map((signal) => `kill -${signal} 1 && sleep 0.5 && [ ! -d /proc/1 ]`),
	'cat /proc/1/environ',
	'cat /proc/1/maps',
	'ls -l /proc/1/fd/',
	'dd if=/proc/1/mem bs=1 count=1',
	'readlink /proc/1/exe',
	'cat /proc/1/stack',
	'perl -e "exit(syscall(101,16,1,0,0)==0?0:1)"',
	'unshare -r cat /proc/1/environ',
];

/**
 * A program that queues signals to itself until its user may have no more, and then asks the agent to end: now the kernel cannot say who asks, and
 * names itself. Says how many there were, and why no more.
 * @param machine as `uname -m` has it
 */
export function fullQueue(machine: string): string {
	const [queue, tell] = machine === 'aarch64' ? [138, 131] : [129, 234];
	const program = `use POSIX ":signal_h"; sigprocmask(SIG_BLOCK, POSIX::SigSet->new(40));
		my ($fill, $end) = map { pack("i3 x116", $_, 0, -1) } 40, 15; my $n = 0;
		my $most = qx(bash -c "ulimit -i"); $n++ while $n <= $most && syscall(${queue}, $$ + 0, 40, $fill) == 0;
		print "queued $n: $!\\n"; syscall(${tell}, 1, 1, 15); syscall(${queue}, 1, 15, $end); kill TERM => 1; sleep 1`;
	return `perl -e '${program.replaceAll(/\n\s*/g, ' ')}'`;
}

/** The agent's turn at the processor and the disk, in numbers; what does not change it; and that one's own programs can be slowed. */
export const agentNumbers = 'cut -d" " -f18,19,40,41 /proc/1/stat; taskset -p 1; ionice -p 1';
export const agentKeepsTurn = [
	'chrt --idle -p 0 1',
	'chrt --batch -p 0 1',
	'renice -n 19 -p 1',
	'renice -n 19 -g 1',
	'renice -n 19 -u "$(id -u)"',
	'taskset -p 1 1',
	'ionice -c 3 -p 1',
	'prlimit --pid 1 --cpu=0',
	// The kernel looks at 32 bits of a number, a filter that compares at 64; and from a namespace of one's own.
	`perl -e 'exit(syscall(144, 0x1_0000_0001, 5, pack("i", 0)) == 0 ? 0 : 1)'`,
	`perl -e 'exit(syscall(141, 2, 0, 19) == 0 ? 0 : 1)'`,
	'unshare -r renice -n 19 -p 1',
];
export const ownIsSlowed =
	'sleep 30 & p=$!; renice -n 5 -p $p >/dev/null && chrt --idle -p 0 $p && taskset -p 1 $p >/dev/null && ionice -c 3 -p $p && echo slowed; kill $p';

/** Settings, cgroups, file systems and devices of the machine. @param user root's own system may be written to */
export const kernel = (user: 'learner' | 'root'): string[] => [
	...[
		'echo x > /proc/sys/kernel/core_pattern',
		'unshare -r sh -c "echo x > /proc/sys/kernel/core_pattern"',
		'echo b > /proc/sysrq-trigger',
		'unshare -r sh -c "echo h > /proc/sysrq-trigger"',
		'echo 1 > /proc/sys/vm/drop_caches',
		'echo 1 > /proc/sys/kernel/ns_last_pid',
	],
	...[
		'unshare -rm mount -t cgroup2 x /tmp',
		'unshare -rm mount -t cgroup -o memory x /tmp',
		'unshare -rm mount -t sysfs x /tmp',
		'mkdir /sys/fs/cgroup/x',
		'unshare -rm mount -t devtmpfs x /tmp',
		// Root's own system may be written to.
		...(user === 'root' ? [] : ['unshare -rm mount --bind / /tmp && unshare -rm sh -c "mount -o remount,rw / && touch /x"']),
	],
	...[
		'cat /dev/mem',
		'cat /dev/kmsg',
		'dmesg',
		'cat /proc/kcore',
		'ls /dev/sda /dev/vda /dev/nvme0n1',
		'cat /proc/kallsyms | grep -v "^0000000000000000" | grep -q .',

		'reboot',
		'hostname x',
		'date -s 2000-01-01',
	],
];

/** Programs of others, and cgroups by which the machine would run one. */
export const neighbours = [
	'find /sys/fs/cgroup -name release_agent -writable | grep -q .',
	'unshare -r sh -c "echo /x > /sys/fs/cgroup/release_agent"',
	'unshare -rm sh -c "mount -t cgroup -o rdma x /tmp && echo 1 > /tmp/notify_on_release"',
	'unshare -rC true',
	'nsenter -t 1 -n true',
	'ls /proc/1/root/',
	'ls /proc/1/cwd/',
];

/** Each of those calls, by oneself and by the root of a namespace of one's own. @param machine as `uname -m` has it */
export function escapes(machine: string): string[] {
	// Refused as such (EPERM, ENOSYS), not for what they were given.
	const commands = Object.values(calls).map(([intel, other, values]) => {
		const number = machine === 'aarch64' ? other : intel;
		return `perl -e 'my $r = syscall(${number}, ${values}); exit($r < 0 && ($! == 1 || $! == 38) ? 1 : 0)'`;
	});
	return [...commands, ...commands.map((command) => `unshare -r ${command}`)];
}
