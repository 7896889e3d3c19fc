/** The translated profile, run as the kernel would. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SeccompProfile, seccompProfile } from '../seccomp.ts';
import { filterBytes, filterCode, type Instruction } from './filter.ts';
import { callNumbers } from './syscall-numbers.ts';

const architecture = { x64: 0xc000_003e, arm64: 0xc000_00b7 };
const allowed = 0x7fff_0000;
const error = (number: number): number => 0x0005_0000 + number;
const killed = 0x8000_0000;

/** What the kernel does with seccomp's data. */
function judge(code: readonly Instruction[], call: number, args: readonly bigint[] = [], arch: number = architecture.x64): number {
	const data = Buffer.alloc(64);
	data.writeUInt32LE(call, 0);
	data.writeUInt32LE(arch, 4);
	for (const [index, value] of args.entries()) data.writeBigUInt64LE(value, 16 + 8 * index);
	let accumulator = 0;
	for (let at = 0; at < code.length; at++) {
		const { code: what, yes, no, k } = code[at] as Instruction;
		if (what === 0x20) accumulator = data.readUInt32LE(k);
		else if (what === 0x54) accumulator = (accumulator & k) >>> 0;
		else if (what === 0x15) at += accumulator === k ? yes : no;
		else if (what === 0x25) at += accumulator > k ? yes : no;
		else if (what === 0x05) at += k;
		else if (what === 0x06) return k;
		else assert.fail(`an instruction that is none: ${what}`);
	}
	return assert.fail('it runs over its end');
}

/** What the profile itself says, rule by rule. */
function expected(profile: SeccompProfile, name: string, args: readonly bigint[]): number {
	for (const rule of profile.syscalls) {
		if (!rule.names.includes(name)) continue;
		const holds = (rule.args ?? []).every(({ index, value, valueTwo, op }) => {
			const given = args[index] ?? 0n;
			return op === 'SCMP_CMP_EQ' ? given === BigInt(value) : (given & BigInt(value)) === BigInt(valueTwo);
		});
		if (holds) return rule.action === 'SCMP_ACT_ALLOW' ? allowed : error(rule.errnoRet ?? profile.defaultErrnoRet);
	}
	return error(profile.defaultErrnoRet);
}

/** Telling ones: bits of namespaces, process 1 and others, families of sockets, halves beyond 32 bits. */
const values = [0n, 1n, 2n, 3n, 9n, 10n, 16n, 0x80n, 0x4000_0000n, 0x1000_0000n, 0xffff_ffffn, 0x1_0000_0001n, 0x1_0000_0000n, 0x3f_ffffn];

describe('filter of system calls', () => {
	const profile = seccompProfile('x64');
	const code = filterCode(profile, 'x64');
	const numbers = callNumbers('x64');

	it('says of every call and of telling arguments what the profile says', () => {
		let tried = 0;
		for (const [name, number] of numbers)
			for (const first of values)
				for (const second of values) {
					const args = [first, second, second === 9n ? 9n : 0n];
					assert.equal(judge(code, number, args), expected(profile, name, args), `${name}(${args.join(', ')})`);
					tried++;
				}
		assert.ok(tried > 50_000, `${tried} tried`);
	});

	it('knows every name of the profile, of this processor or the other', () => {
		const other = callNumbers('arm64');
		for (const name of profile.syscalls.flatMap(({ names }) => names)) assert.ok(numbers.has(name) || other.has(name), name);
	});

	it('refuses what is not listed, misses what does not exist yet, kills what speaks another tongue', () => {
		assert.equal(judge(code, 169), error(1), 'reboot');
		assert.equal(judge(code, 4000), error(38));
		assert.equal(judge(code, 0x4000_0001), killed, 'x32');
		assert.equal(judge(code, 0, [], 0x4000_0003), killed, '32 bits');
		assert.equal(judge(filterCode(seccompProfile('arm64'), 'arm64'), 63, [], architecture.arm64), allowed, 'read');
	});

	it('fits into the kernel, each jump within its bounds', () => {
		assert.ok(code.length < 4096, `${code.length} instructions`);
		const bytes = filterBytes(code);
		assert.equal(bytes.length, 8 * code.length);
		for (const { yes, no } of code) assert.ok(yes <= 255 && no <= 255);
	});

	it('refuses a processor that nobody has tried', () => {
		assert.throws(() => filterCode(profile, 'riscv64'), /riscv64/);
	});
});
