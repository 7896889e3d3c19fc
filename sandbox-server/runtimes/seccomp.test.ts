import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SeccompRule, seccompProfile } from './seccomp.ts';

const profile = seccompProfile('x64');

/** What the profile answers to a call, by its own rules: 'allow' or an errno. */
function answer(name: string, args: bigint[] = []): 'allow' | number {
	const matches = (rule: SeccompRule): boolean =>
		rule.names.includes(name) &&
		(rule.args ?? []).every(({ index, value, valueTwo, op }) => {
			const argument = args[index] ?? 0n;
			return op === 'SCMP_CMP_EQ' ? argument === BigInt(value) : (argument & BigInt(value)) === BigInt(valueTwo);
		});
	const rule = profile.syscalls.find(matches);
	if (!rule) return profile.defaultErrnoRet;
	return rule.action === 'SCMP_ACT_ALLOW' ? 'allow' : (rule.errnoRet ?? profile.defaultErrnoRet);
}

const NEWUSER = 0x1000_0000n;
const NEWNS = 0x0002_0000n;
const NEWPID = 0x2000_0000n;
const NEWIPC = 0x0800_0000n;
const NEWUTS = 0x0400_0000n;
const NEWNET = 0x4000_0000n;
const NEWCGROUP = 0x0200_0000n;
const NEWTIME = 0x80n;

test('Apptainer’s namespaces can be made, a network or cgroup namespace cannot, in whatever company', () => {
	for (const call of ['clone', 'unshare']) {
		assert.equal(answer(call, [NEWUSER | NEWNS | NEWPID | NEWIPC | NEWUTS]), 'allow', call);
		assert.equal(answer(call, [NEWNET]), 1, call);
		assert.equal(answer(call, [NEWUSER | NEWNS | NEWNET]), 1, call);
		assert.equal(answer(call, [NEWUSER | NEWCGROUP]), 1, call);
	}
	assert.equal(answer('unshare', [NEWUSER | NEWTIME]), 1);
	assert.equal(answer('clone', [17n]), 'allow', 'fork: the exit signal shares bits with the flags');
});

test('calls with which libraries try first are absent, so that they fall back', () => {
	for (const call of ['clone3', 'io_uring_setup', 'io_uring_enter', 'io_uring_register', 'io_setup']) assert.equal(answer(call), 38, call);
});

test('what no learner needs is refused', () => {
	const refused = `keyctl add_key request_key bpf perf_event_open userfaultfd ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp
		init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff acct quotactl syslog iopl ioperm
		open_by_handle_at fanotify_init settimeofday clock_settime adjtimex clock_adjtime chroot vhangup modify_ldt memfd_secret
		lookup_dcookie nfsservctl mq_open mq_unlink move_pages migrate_pages mbind set_mempolicy remap_file_pages uselib ustat sysfs
		_sysctl create_module get_kernel_syms query_module afs_syscall security tuxcall socketcall ipc`;
	for (const call of refused.split(/\s+/)) assert.equal(answer(call), 1, call);
});

test('sockets: unix, IPv4, IPv6 and questions about routes', () => {
	for (const family of [1n, 2n, 10n, 16n]) assert.equal(answer('socket', [family, 1n, 0n]), 'allow', `family ${family}`);
	for (const [family, expected] of [
		[1n, 'allow'],
		[2n, 1],
		[16n, 1],
		[30n, 1],
	] as const)
		assert.equal(answer('socketpair', [family, 1n, 0n]), expected, `pairs of family ${family}`);
	for (const protocol of [12n, 15n, 21n]) assert.equal(answer('socket', [16n, 3n, protocol]), 1, `netlink ${protocol}`);
	assert.equal(answer('socket', [16n, 3n, 9n]), 93, 'the audit log: as where there is none, so that useradd goes on');
	for (const family of [17n, 38n, 40n, 44n, 29n, 21n]) assert.equal(answer('socket', [family, 1n, 0n]), 1, `family ${family}`);
});

test('priorities: of one’s own programs, never of the agent, however its number is written', () => {
	const process = [0n, 2n, 3n, 4n, 5n, 255n, 32_768n, 65_537n, 2_097_152n, 4_194_303n, 0x1_0000_0000n];
	const agent = [1n, 0x1_0000_0001n, 0xffff_ffff_0000_0001n];
	for (const call of ['sched_setaffinity', 'sched_setattr', 'sched_setparam', 'sched_setscheduler']) {
		for (const pid of process) assert.equal(answer(call, [pid]), 'allow', `${call} ${pid}`);
		for (const pid of agent) assert.equal(answer(call, [pid]), 1, `${call} ${pid}`);
	}
	for (const [call, kinds, everybody] of [
		['setpriority', [0n, 1n], 2n],
		['ioprio_set', [1n, 2n], 3n],
	] as const) {
		for (const kind of [...kinds, 0x1_0000_0000n | kinds[0]]) {
			for (const pid of process) assert.equal(answer(call, [kind, pid]), 'allow', `${call} ${kind} ${pid}`);
			for (const pid of agent) assert.equal(answer(call, [kind, pid]), 1, `${call} ${kind} ${pid}`);
		}
		for (const user of [0n, 1000n]) assert.equal(answer(call, [everybody, user]), 1, 'all of a user’s programs: the agent is one');
	}
});

test('no call stands in two unconditional groups, and each group says why', () => {
	const seen = new Set<string>();
	for (const { names, args, comment } of profile.syscalls) {
		assert.ok(comment.length > 20, `${names[0]}: ${comment}`);
		for (const name of args ? [] : names) {
			assert.ok(!seen.has(name), name);
			seen.add(name);
		}
	}
});

test('only the native ABI, and only known processors', () => {
	assert.deepEqual(profile.architectures, ['SCMP_ARCH_X86_64']);
	assert.deepEqual(seccompProfile('arm64').architectures, ['SCMP_ARCH_AARCH64']);
	assert.throws(() => seccompProfile('mips'), /mips/);
});
