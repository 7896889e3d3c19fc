/**
 * A seccomp profile as the kernel takes it: a program for its packet filter. An OCI runtime would translate it; here is none. One pure
 * function, in the simplest form: one call after the other, its rules in their order.
 */
import type { SeccompArgument, SeccompProfile, SeccompRule } from '../seccomp.ts';
import { callNumbers, highestCall } from './syscall-numbers.ts';

/** One instruction: what to do, where to go on when a comparison holds or not (so many further), a number. */
export interface Instruction {
	code: number;
	yes: number;
	no: number;
	k: number;
}

/** linux/bpf_common.h */
const LOAD = 0x20;
const AND = 0x54;
const IF_EQUAL = 0x15;
const IF_ABOVE = 0x25;
const RETURN = 0x06;
const JUMP = 0x05;

/** linux/seccomp.h: what is done, and where in its data things stand. */
const KILL = 0x8000_0000;
const ALLOW = 0x7fff_0000;
const ERROR = 0x0005_0000;
const atCall = 0;
const atArchitecture = 4;
const atArgument = (index: number): number => 16 + 8 * index;

/** linux/audit.h */
const architectures: Record<string, number> = { x64: 0xc000_003e, arm64: 0xc000_00b7 };
/** Calls of the x32 ABI have this bit; there is none with it elsewhere. */
const x32 = 0x4000_0000;
const ENOSYS = 38;

const load = (k: number): Instruction => ({ code: LOAD, yes: 0, no: 0, k });
const and = (k: number): Instruction => ({ code: AND, yes: 0, no: 0, k });
const giveBack = (k: number): Instruction => ({ code: RETURN, yes: 0, no: 0, k });
/** Goes on with the next one if it holds; otherwise `no` instructions are passed over. */
const ifEqual = (k: number, no: number): Instruction => ({ code: IF_EQUAL, yes: 0, no, k });

/** 32 bits of a value of 64. */
const low = (value: number): number => value % 2 ** 32;
const high = (value: number): number => Math.floor(value / 2 ** 32);

/** Parts that must all hold; the kernel gives an argument in halves. */
function comparison({ index, value, valueTwo, op }: SeccompArgument): Instruction[][] {
	const at = atArgument(index);
	if (op === 'SCMP_CMP_EQ')
		return [
			[load(at), ifEqual(low(value), 0)],
			[load(at + 4), ifEqual(high(value), 0)],
		];
	const parts: Instruction[][] = [[load(at), and(low(value)), ifEqual(low(valueTwo), 0)]];
	if (high(value) > 0) parts.push([load(at + 4), and(high(value)), ifEqual(high(valueTwo), 0)]);
	return parts;
}

function outcome({ action, errnoRet }: SeccompRule, otherwise: number): number {
	return action === 'SCMP_ACT_ALLOW' ? ALLOW : ERROR | (errnoRet ?? otherwise);
}

/** One rule of a call whose number has been compared: comes to the next one when an argument is another. */
function ruleCode(rule: SeccompRule, otherwise: number): Instruction[] {
	const code = [...(rule.args ?? []).flatMap(comparison).flat(), giveBack(outcome(rule, otherwise))];
	return code.map((one, at) => (one.code === IF_EQUAL ? { ...one, no: code.length - at - 1 } : one));
}

/** @param arch by Node's name @throws Error for one that is not known */
export function filterCode(profile: Pick<SeccompProfile, 'syscalls' | 'defaultErrnoRet'>, arch: string): Instruction[] {
	return program(profile.syscalls, arch, ERROR | profile.defaultErrnoRet);
}

/**
 * For steps of a build, by one who is root in a user namespace of one number: whatever would give a file or a process to another one does
 * nothing and says that it is done, since there is no other. Devices are not made either. (The idea is Charliecloud's: "zero-consistency
 * root emulation", doi:10.1145/3624062.3624585.)
 */
export function asIfRootCode(arch: string): Instruction[] {
	const done = (names: string, args?: SeccompArgument[]): SeccompRule => ({
		names: names.split(' '),
		action: 'SCMP_ACT_ERRNO',
		errnoRet: 0,
		...(args && { args }),
		comment: '',
	});
	// What is the kernel's or the user's own, and no build's: keys, and calls by which others have got out.
	const none: SeccompRule = {
		names: 'keyctl add_key request_key bpf io_uring_setup io_uring_enter io_uring_register userfaultfd perf_event_open'.split(' '),
		action: 'SCMP_ACT_ERRNO',
		errnoRet: 1,
		comment: '',
	};
	const type = (index: number, valueTwo: number): SeccompArgument => ({ index, value: 0o170000, valueTwo, op: 'SCMP_CMP_MASKED_EQ' });
	const devices = [0o020000, 0o060000];
	const rules = [
		none,
		done('chown fchown lchown fchownat setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups capset'),
		...devices.map((device) => done('mknod', [type(1, device)])),
		...devices.map((device) => done('mknodat', [type(2, device)])),
	];
	return program(rules, arch, ALLOW);
}

/** @param otherwise for calls that no rule takes */
function program(list: readonly SeccompRule[], arch: string, otherwise: number): Instruction[] {
	const architecture = architectures[arch];
	if (architecture === undefined) throw new Error(`no filter of system calls for the architecture "${arch}"`);
	const numbers = callNumbers(arch);
	const rules = new Map<number, SeccompRule[]>();
	for (const rule of list)
		for (const name of rule.names) {
			const number = numbers.get(name);
			if (number !== undefined) rules.set(number, [...(rules.get(number) ?? []), rule]);
		}
	const code: Instruction[] = [
		load(atArchitecture),
		{ code: IF_EQUAL, yes: 1, no: 0, k: architecture },
		giveBack(KILL),
		load(atCall),
		{ code: IF_ABOVE, yes: 0, no: 1, k: x32 - 1 },
		giveBack(KILL),
		// What no kernel had yet is missing: programs know what to do then.
		{ code: IF_ABOVE, yes: 0, no: 1, k: highestCall },
		giveBack(ERROR | ENOSYS),
	];
	for (const [number, its] of [...rules].sort(([a], [b]) => a - b)) {
		const body = its.flatMap((rule) => ruleCode(rule, otherwise & 0xffff));
		// What no rule takes ends here: the number has been overwritten by an argument.
		const open = its.every(({ args }) => args !== undefined);
		code.push(...block(number, open ? [...body, giveBack(otherwise)] : body));
	}
	return [...code, giveBack(otherwise)];
}

/** A comparison can pass over 255 instructions: longer ones by a jump. */
function block(number: number, body: Instruction[]): Instruction[] {
	if (body.length <= 255) return [ifEqual(number, body.length), ...body];
	return [{ code: IF_EQUAL, yes: 1, no: 0, k: number }, { code: JUMP, yes: 0, no: 0, k: body.length }, ...body];
}

/** As the kernel reads it: `struct sock_filter` after `struct sock_filter`. Both processors are little-endian. */
export function filterBytes(code: readonly Instruction[]): Buffer {
	const bytes = Buffer.alloc(8 * code.length);
	for (const [at, { code: what, yes, no, k }] of code.entries()) {
		bytes.writeUInt16LE(what, 8 * at);
		bytes.writeUInt8(yes, 8 * at + 2);
		bytes.writeUInt8(no, 8 * at + 3);
		bytes.writeUInt32LE(k, 8 * at + 4);
	}
	return bytes;
}
