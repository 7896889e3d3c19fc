/**
 * The agent under fire: libFuzzer with address and undefined-behaviour sanitizers, bounded and with a fixed seed; then the real program,
 * built with the same sanitizers, at work.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { encode, part, request } from '../../sandbox-server/agent/codec.ts';
import { agentFolder, fuzzers } from '../../sandbox-server/guest/build.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';

const sanitize = ['-std=gnu11', '-g', '-O1', '-Wall', '-Wextra', '-Werror', '-fno-sanitize-recover=all'];
/** Inputs that each fuzzer tries, however long that takes here: about 10 s of processor time each. */
const runs = { frames: 20_000, modes: 50_000 };
/** A fuzzer that takes so long hangs, ms. */
const hangMs = 300_000;
let folder = '';

before(() => {
	folder = mkdtempSync(join(tmpdir(), 'etabli-fuzz-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** How the frames' harness takes a frame: which step, type from 0x81 on, length, body. See fuzz-frames.c. */
function step(frame: Buffer): Buffer {
	const body = frame.subarray(5);
	return Buffer.concat([Buffer.from([1, frame.readUInt8(4) - 0x81, body.length & 0xff, body.length >> 8]), body]);
}

function frameSeeds(): Record<string, Buffer> {
	const open = encode(
		request.open,
		part.u32(1),
		part.u16(80),
		part.u16(24),
		part.str('a/1'),
		part.str('/'),
		part.list(['sh']),
		part.list(['A=b']),
	);
	const attach = (stream: number, credit: number) =>
		encode(request.attach, part.u32(stream), part.u32(1), part.u64(0n), part.u32(credit), part.u8(stream % 2));
	const run = encode(
		request.run,
		part.u32(7),
		part.u32(1000),
		part.u32(5000),
		part.str('/'),
		part.str('x'),
		part.list(['A=b']),
		part.blob(Buffer.from('#!/bin/sh\n')),
	);
	const [one, seven] = [part.u32(1), part.u32(7)];
	const say = Buffer.from([6, 0, 0, 31, 200, ...Buffer.from('\x1b[?1049h\x1b[31m\x1b]0;t\x07é'.padEnd(200, 'x'))]);
	const terminal = [open, attach(1, 100), attach(2, 1 << 20), encode(request.input, one, Buffer.from('ls\r'))].map(step);
	const resize = step(encode(request.resize, one, part.u16(100), part.u16(30)));
	const credit = step(encode(request.credit, one, part.u32(9999)));
	return {
		terminal: Buffer.concat([...terminal, say, resize, say, credit, say, say, say, say, say, credit]),
		ended: Buffer.concat([...terminal, say, Buffer.from([5, 0, 1]), step(encode(request.close, one))]),
		script: Buffer.concat([
			step(run),
			step(encode(request.runStdin, seven, Buffer.from('in'))),
			step(encode(request.runGo, seven)),
			say,
			Buffer.from([5, 0, 0]),
		]),
		cancelled: Buffer.concat([
			step(run),
			step(encode(request.runGo, seven)),
			say,
			step(encode(request.cancel, seven)),
			Buffer.from([4, 200]),
		]),
		vitals: Buffer.concat([
			step(encode(request.vitalsEvery, part.u32(100))),
			Buffer.from([4, 200]),
			step(encode(request.detach, one)),
			step(encode(request.pace, one, part.u8(1))),
		]),
	};
}

const modeSeeds = {
	modes: Buffer.from(
		'\x10\x08\x1b[?1049h\x1b[?1000;1006h\x1b[3;9r\x1b(0\x0e\x1b[1;4:3;38;5;9;48;2;1;2;3;58:2::1:2:3m\x1b[4h\x1b=\x1b]2;title é\x07\x1b[5 q',
	),
	strings: Buffer.from('\xff\x17\x1bPq#0;2;0\x1b\\\x1b_x\x1b\\\x1b]8;;u\x1b\\\x1bc\x1b7\x1b8\x1b[!p\xff\x1b[?25l\xc2\x9b1m', 'latin1'),
};

/** Runs a fuzzer; returns how many inputs it tried. Fails with its report when it found something. */
function fuzz(name: keyof typeof fuzzers, seeds: Record<string, Buffer>): number {
	const program = join(folder, name);
	const { harness, under } = fuzzers[name];
	execFileSync('clang', [...sanitize, '-DFUZZ', '-fsanitize=fuzzer,address,undefined', '-o', program, ...harness, ...under], {
		cwd: agentFolder,
	});
	const corpus = join(folder, `${name}-corpus`);
	mkdirSync(corpus);
	for (const [file, bytes] of Object.entries(seeds)) writeFileSync(join(corpus, file), bytes);
	const limits = ['-seed=1', `-runs=${runs[name]}`, '-max_len=4096', `-timeout=${patience(10)}`, '-rss_limit_mb=2048'];
	const done = spawnSync(program, [...limits, '-print_final_stats=1', `-artifact_prefix=${folder}/`, corpus], {
		encoding: 'utf8',
		maxBuffer: 1 << 26,
		timeout: patience(hangMs),
	});
	assert.equal(done.status, 0, done.stderr.slice(-5000));
	return Number(/stat::number_of_executed_units:\s+(\d+)/.exec(done.stderr)?.[1]);
}

describe('the agent, fuzzed with sanitizers', { timeout: patience(900_000) }, () => {
	it('takes any frames, in any order', () => {
		assert.equal(fuzz('frames', frameSeeds()), runs.frames);
	});

	it('takes any output, and finds its modes again in the preamble', () => {
		assert.equal(fuzz('modes', modeSeeds), runs.modes);
	});

	it('works with sanitizers in it', () => {
		const flags = [...sanitize, '-fsanitize=address,undefined', '-fno-omit-frame-pointer'].join(' ');
		const { NODE_TEST_CONTEXT: _, ...env } = process.env;
		// Leaks cannot be looked for: that needs to trace the agent, which does not let itself be traced.
		const options = { ETABLI_AGENT_CC: 'clang', ETABLI_AGENT_FLAGS: flags, ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1' };
		const args = [
			'--test',
			'--test-reporter=tap',
			// While it runs nothing here looks at the time: one that hangs has to end, and be named, there.
			`--test-timeout=${patience(60_000)}`,
			'--test-name-pattern=^a script|replays|vanishes|overtakes|stalls|refuses what|16 terminals|on close|tells vital',
			join(import.meta.dirname, 'agent.test.ts'),
		];
		const done = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...env, ...options }, maxBuffer: 1 << 26 });
		assert.equal(done.status, 0, done.stdout.slice(-5000));
		assert.doesNotMatch(done.stdout + done.stderr, /AddressSanitizer|runtime error/);
		assert.match(done.stdout, /# pass (1[5-9]|[2-9]\d)\n# fail 0\n/);
	});
});
