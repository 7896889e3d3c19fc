/** The real agent with real shells. (Over 400 lines: the cases share one fixture, and each stands for itself.) */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { AgentGone, AgentRefused, type ScriptRequest, type StreamSink } from '../../sandbox-server/agent/agent.ts';
import { encode, part, request } from '../../sandbox-server/agent/codec.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { eventually } from '../fixtures/eventually.ts';
import { Sandbox, Screen } from './agent-harness.ts';

const noOutput = { output() {}, preamble() {}, resized() {}, live() {}, gap() {}, refused() {} };

function sandbox(t: TestContext): Sandbox {
	const made = new Sandbox();
	t.after(() => made.stop());
	return made;
}

async function started(t: TestContext, options?: Parameters<Sandbox['start']>[0]) {
	const made = sandbox(t);
	const agent = await made.start(options);
	return { made, agent };
}

/** Types a command, and waits until its end shows on the screen. The mark is split so that its echo is not taken for it. */
let marks = 0;
async function type(agent: Awaited<ReturnType<Sandbox['start']>>, term: number, screen: Screen, command: string): Promise<void> {
	const mark = `m${++marks}`;
	agent.input(term, Buffer.from(`${command}; echo "do""ne ${mark}"\r`));
	await screen.shows(`done ${mark}`);
}

async function replay(agent: Awaited<ReturnType<Sandbox['start']>>, term: number): Promise<Screen> {
	const screen = new Screen().attach(agent, term, { pacing: false, credit: 8 << 20 });
	await screen.until(() => screen.isLive);
	return screen;
}

/** Quiet until nothing more is on the way: what the live screen has is what the ring has. */
async function assertSameScreen(live: Screen, again: Screen): Promise<void> {
	await live.until(() => live.end >= again.end);
	await again.until(() => again.end >= live.end);
	for (const screen of [live, again]) await new Promise<void>((resolve) => screen.terminal.write('', resolve));
	assert.deepEqual(await again.look(), await live.look());
}

describe('a terminal', { timeout: patience(120_000) }, () => {
	it('shows what a shell prints, and tells how it ended', async (t) => {
		const { made, agent } = await started(t);
		const term = await made.shell(agent);
		const screen = new Screen().attach(agent, term);
		await type(agent, term, screen, 'echo "$HOME" é漢; stty size');
		assert.match(screen.text(), new RegExp(`${made.folder} é漢\n24 80\n`));
		agent.input(term, Buffer.from('echo bye; exit 3\r'));
		await agent.events.until(() => agent.events.ends.has(term));
		assert.deepEqual(agent.events.ends.get(term), { kind: 'exit', code: 3 });
		assert.equal(agent.terminals.get(term)?.alive, false);
		const again = await replay(agent, term);
		assert.match(again.text(), /\nbye\n/, 'the output of an ended shell stays readable');
	});

	it('waits for what it is given, once; what does not wait cannot be given anything', async (t) => {
		const { made, agent } = await started(t);
		const script = 'while IFS= read -r -d "" -u 3 value; do echo "<$value>"; done; stty size; sleep 100';
		const argv = ['bash', '-c', script];
		const ahead = { key: 'ahead', cols: 80, rows: 24, cwd: made.folder, argv, env: {}, waits: true };
		const given = { key: 'first/1', cols: 101, rows: 31, cwd: '/a folder', env: { A: '1', B: "'; exit\n$(x)" } };
		const term = await agent.open(ahead);
		agent.give(term, given);
		const screen = new Screen().attach(agent, term);
		await screen.shows('31 101');
		assert.match(screen.text(), /^<\/a folder>\n<A=1>\n<B='; exit\n\$\(x\)>\n31 101\n/);
		assert.deepEqual([screen.terminal.cols, screen.terminal.rows], [101, 31], 'no other size went before');
		await made.unlisten();
		const back = await made.listen();
		assert.equal(back.terminals.get(term)?.key, 'first/1');
		back.give(term, { ...given, key: 'second/1' });
		await back.events.until(() => back.events.ends.has(term));
		assert.deepEqual(back.events.ends.get(term), { kind: 'exit', code: 127 });
		const large = await back.open(ahead);
		back.give(large, { ...given, env: { A: 'x'.repeat(5000) } });
		await back.events.until(() => back.events.ends.has(large));
	});

	it('replays identically: colours, resizes, 5,000 lines, wide characters', async (t) => {
		const { made, agent } = await started(t);
		const term = await made.shell(agent);
		const live = new Screen().attach(agent, term);
		await type(agent, term, live, "printf '\\e[1;31mred\\e[0m \\e[48;2;1;2;3mrgb\\e[m é漢字 \\e[4:3mcurly\\e[m\\n'");
		await type(
			agent,
			term,
			live,
			'for i in $(seq 5000); do echo "line $i of a text that is rather long, so that it wraps when narrow"; done',
		);
		for (const [cols, rows] of [
			[40, 10],
			[120, 50],
			[80, 24],
		] as const) {
			agent.resize(term, cols, rows);
			await type(agent, term, live, 'stty size');
		}
		assert.match(live.text(), /10 40\n[\s\S]*50 120\n[\s\S]*24 80\n/);
		await assertSameScreen(live, await replay(agent, term));
	});

	it('replays the alternate screen with mouse, hidden cursor, scroll region and title', async (t) => {
		const { made, agent } = await started(t);
		const term = await made.shell(agent);
		const live = new Screen().attach(agent, term);
		await type(agent, term, live, 'seq 100');
		const modes = "\\e]2;un titre\\a\\e[?1049h\\e[?1003h\\e[?1006h\\e[?25l\\e[?1h\\e=\\e[5;10r\\e[3;7H\\e[5 q\\e[32mhe''re";
		agent.input(term, Buffer.from(`printf '${modes}'; read x\r`));
		await live.shows('here');
		const again = await replay(agent, term);
		assert.equal(again.terminal.buffer.active.type, 'alternate');
		assert.equal(again.terminal.modes.mouseTrackingMode, 'any');
		assert.equal(again.title, 'un titre');
		await assertSameScreen(live, again);
	});

	it('lives on when the server vanishes, and comes back identical', async (t) => {
		const { made, agent } = await started(t);
		const term = await made.shell(agent);
		const live = new Screen().attach(agent, term);
		await type(agent, term, live, "for i in $(seq 5000); do echo $i; done; printf '\\e[?2004h\\e[?1000h'");
		agent.input(term, Buffer.from('sleep 0.3; echo "writ""ten meanwhile"\r'));
		await made.unlisten();
		await agent.events.until(() => agent.events.isGone);
		assert.throws(() => agent.input(term, Buffer.from('x')), AgentGone);

		const back = await made.listen();
		assert.equal(back.boot, agent.boot);
		const info = back.terminals.get(term);
		assert.deepEqual([info?.key, info?.alive, info?.cols, info?.rows], ['lesson/1', true, 80, 24]);
		const whole = new Screen().attach(back, term);
		await whole.shows('written meanwhile');
		assert.match(whole.text(), /\n4999\n5000\n/);
		assert.equal(whole.terminal.modes.mouseTrackingMode, 'vt200');
		await type(back, term, whole, 'echo still there');
		await assertSameScreen(whole, await replay(back, term));
	});

	it('comes back by itself, also when its answer finds the server gone', { timeout: patience(30_000) }, async (t) => {
		const { made, agent } = await started(t);
		await made.unlisten();
		await agent.events.until(() => agent.events.isGone);

		// A server that is killed between its question and the answer, for sure: the agent stands still meanwhile.
		const dying = createServer();
		dying.listen(made.socket);
		const [socket] = (await once(dying, 'connection')) as [Socket];
		await once(socket, 'data');
		const pid = made.child?.pid ?? 0;
		process.kill(pid, 'SIGSTOP');
		socket.write(encode(request.close, part.u32(4711)));
		socket.destroy();
		dying.close();
		await once(dying, 'close');
		process.kill(pid, 'SIGCONT');

		// Nothing else happens that would wake it.
		assert.equal((await made.listen()).boot, agent.boot);
	});

	it('brings the modes of a ring that has wrapped', async (t) => {
		const { made, agent } = await started(t);
		const term = await made.shell(agent);
		const live = new Screen().attach(agent, term);
		const modes =
			'\\e]0;kept\\a\\e[?2004h\\e[?1002h\\e[?1006h\\e[?1h\\e=\\e[?25l\\e[?7l\\e[?45h\\e[?1004h\\e[4h\\e[3 q\\e)0\\e[1;3;38;5;200;48;2;9;8;7;4:3m';
		await type(agent, term, live, `printf '${modes}'; for i in $(seq 60000); do echo "$i ${'é'.repeat(40)}"; done`);
		const again = await replay(agent, term);
		assert.equal(again.preambles, 1);
		assert.ok(live.received > 5 << 20);
		assert.ok(again.received <= 4 << 20);
		await assertSameScreen(live, again);
	});

	it('brings the alternate screen and its scroll region of a ring that has wrapped', async (t) => {
		const { made, agent } = await started(t);
		const term = await made.shell(agent);
		const live = new Screen().attach(agent, term);
		const script = `printf '\\e[?1049h\\e[3;20r\\e[?6h\\e[35m\\e[1H'; for i in $(seq 60000); do printf '\\e[9;1H%s ${'x'.repeat(70)}\\n' $i; done; printf '\\e[2J\\e[5;9HE''ND'; read x`;
		agent.input(term, Buffer.from(`${script}\r`));
		await live.shows('END');
		const again = await replay(agent, term);
		assert.equal(again.terminal.buffer.active.type, 'alternate');
		// The normal screen beneath has left the ring; the one in front has been drawn anew since.
		const parts = async (screen: Screen) => ({ ...(await screen.look()), screen: screen.visible() });
		assert.deepEqual(await parts(again), await parts(live));
	});

	it('overtakes a slow viewer that does not pace, which ends with the same screen', async (t) => {
		const { made, agent } = await started(t);
		const term = await made.shell(agent);
		const fast = new Screen().attach(agent, term);
		const slow = new Screen();
		slow.giving = false;
		slow.attach(agent, term, { pacing: false, credit: 1000 });
		await type(agent, term, fast, 'seq 1000000');
		assert.equal(fast.gaps, 0);
		assert.ok(slow.received <= 1000);
		slow.giving = true;
		slow.credit(1 << 20);
		await slow.until(() => slow.isLive && slow.end === fast.end);
		assert.equal(slow.gaps, 1);
		await assertSameScreen(fast, slow);
	});

	it('stalls the program while a pacing viewer does not read, and Ctrl-C works all the same', async (t) => {
		const { made, agent } = await started(t);
		const term = await made.shell(agent);
		const stuck = new Screen();
		stuck.giving = false;
		stuck.attach(agent, term, { credit: 64 * 1024 });
		const watcher = new Screen().attach(agent, term, { pacing: false, credit: 8 << 20 });
		agent.input(term, Buffer.from('yes\r'));
		await watcher.until(() => watcher.received > 256 * 1024);
		await agent.run(script('sleep 0.3')); // time in which a program that is not stalled writes tens of megabytes
		agent.input(term, Buffer.from('\x03'));
		agent.input(term, Buffer.from('touch reached\r'));
		await agent.run(script(`until [ -e '${join(made.folder, 'reached')}' ]; do sleep 0.02; done`));
		assert.ok(stuck.received <= 64 * 1024);
		assert.ok(watcher.received < 1 << 20, `${watcher.received} bytes came though the viewer had stopped reading`);
		stuck.giving = true;
		stuck.credit(1 << 20);
		await type(agent, term, stuck, 'echo on we go');
	});

	it('does not stall, and stays bounded, when a program does not read what is typed', async (t) => {
		const { made, agent } = await started(t);
		const [deaf, other] = [await made.shell(agent), await made.shell(agent)];
		const screen = new Screen().attach(agent, deaf);
		agent.input(deaf, Buffer.from('stty raw -echo; echo "rea""dy"; sleep 1000\r'));
		await screen.shows('ready');
		const before = memory(made);
		for (let i = 0; i < 16; i++) agent.input(deaf, new Uint8Array(1 << 20).fill(120));
		await type(agent, other, new Screen().attach(agent, other), 'echo the other one answers');
		// What is kept of it is 8 MiB (INPUT_BYTES of agent.h).
		const cost = memory(made) - before;
		assert.ok(cost < 12 * 1024, `${cost} kB of memory that typing into nothing costs`);
	});

	it('takes no NUL for Ctrl-C, behind what is not read, where Ctrl-C has been turned off', async (t) => {
		const { made, agent } = await started(t);
		const term = await made.shell(agent);
		const screen = new Screen().attach(agent, term);
		const log = join(made.folder, 'signals');
		const deaf = `trap 'echo int >> ${log}' INT; trap 'echo winch >> ${log}' WINCH; echo "rea""dy"; while :; do sleep 0.05; done`;
		agent.input(term, Buffer.from(`stty -icanon -echo intr undef; bash -c '${deaf.replaceAll("'", `'"'"'`)}'\r`));
		await screen.shows('ready');
		agent.input(term, new Uint8Array(1 << 16).fill(120));
		agent.input(term, new Uint8Array(1));
		// Of two signals that wait, the shell takes that of the smaller number, an interrupt, first.
		agent.resize(term, 100, 30);
		await agent.run(script(`until [ -s '${log}' ]; do sleep 0.02; done`));
		assert.equal(readFileSync(log, 'utf8'), 'winch\n');
	});

	it('takes 16 terminals, refuses the next, and has room again after one is closed', async (t) => {
		const { made, agent } = await started(t);
		const all = await Promise.all(Array.from({ length: 16 }, () => made.shell(agent)));
		await assert.rejects(made.shell(agent), (error) => error instanceof AgentRefused && error.errno === 24);
		agent.close(all[0] ?? 0);
		await agent.events.until(() => agent.events.ends.has(all[0] ?? 0));
		// The session is watched for one second more; then its place is free.
		for (let opened = false; !opened; ) {
			opened = await made.shell(agent).then(
				() => true,
				() => agent.run(script('sleep 0.1')).then(() => false),
			);
		}
	});

	it('ends the shell and its programs on close, also those that ignore SIGHUP', async (t) => {
		const { made, agent } = await started(t);
		const term = await made.shell(agent);
		const screen = new Screen().attach(agent, term);
		await type(agent, term, screen, '(trap "" HUP; sleep 1001) & echo $! > stubborn; sleep 1002 & echo $! > plain');
		const pids = ['stubborn', 'plain'].map((name) => readFileSync(join(made.folder, name), 'utf8').trim());
		agent.close(term);
		assert.equal(agent.terminals.has(term), false);
		await agent.events.until(() => agent.events.ends.has(term));
		for (const pid of pids) await agent.run(script(`while [ -d /proc/${pid} ]; do sleep 0.02; done`));
		assert.ok(pids.every((pid) => !existsSync(`/proc/${pid}`)));
	});

	it('refuses what cannot be: a program that is not there, no program, a terminal that is not there', async (t) => {
		const { made, agent } = await started(t);
		const ask = { key: 'k', cols: 80, rows: 24, cwd: '/nowhere', argv: ['/no/such/shell'], env: {} };
		await assert.rejects(agent.open(ask), (error) => error instanceof AgentRefused && error.errno === 2);
		await assert.rejects(agent.open({ ...ask, argv: [] }), AgentRefused);
		await assert.rejects(agent.open({ ...ask, argv: ['x'.repeat(70_000)] }), AgentRefused);
		await assert.rejects(agent.open({ ...ask, cols: 0 }), AgentRefused);
		const refused = Promise.withResolvers<AgentRefused>();
		agent.attach({ term: 99, from: 'start', credit: 1, pacing: true }, { ...noOutput, refused: refused.resolve });
		assert.equal((await refused.promise).errno, 2);
		agent.input(99, Buffer.from('x'));
		agent.close(99);
		const term = await made.shell(agent);
		await type(agent, term, new Screen().attach(agent, term), 'echo nothing else was affected');
	});

	it('says so when one viewer too many comes, and shows the terminal to the next when one has left', async (t) => {
		const { made, agent } = await started(t);
		const term = await made.shell(agent);
		const attach = (sink: Partial<StreamSink>) => agent.attach({ term, from: 'live', credit: 1, pacing: false }, { ...noOutput, ...sink });
		const first = attach({});
		const refused = Promise.withResolvers<AgentRefused>();
		for (let count = 1; count <= 256; count++) attach({ refused: refused.resolve });
		assert.equal((await refused.promise).errno, 24);
		first.detach();
		const live = Promise.withResolvers<void>();
		attach({ live: live.resolve });
		await live.promise;
	});
});

function script(text: string, more: Partial<ScriptRequest> = {}): ScriptRequest {
	const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' };
	return { name: 'test', script: `#!/bin/bash\n${text}\n`, cwd: '/tmp', env, timeLimitMs: patience(60_000), outputLimit: 1 << 20, ...more };
}

function memory(made: Sandbox): number {
	return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${made.child?.pid}/status`, 'utf8'))?.[1]);
}

describe('a script', { timeout: patience(120_000) }, () => {
	it('gets its input, environment and folder, and tells its output and how it ended', async (t) => {
		const { made, agent } = await started(t);
		const stdin = Buffer.from('ligne\n'.repeat(700_000));
		const counted = await agent.run(
			script('wc -c; pwd; echo "$A-$HOME"; echo no >&2; exit 10', { stdin, cwd: made.folder, env: { A: 'é', PATH: '/usr/bin:/bin' } }),
		);
		assert.deepEqual(
			{ ...counted, ms: 0 },
			{ outcome: 'exited', code: 10, ms: 0, stdout: `${stdin.length}\n${made.folder}\né-\n`, stderr: 'no\n' },
		);
		const killed = await agent.run(script('kill -9 $$'));
		assert.deepEqual([killed.outcome, killed.code], ['signal', 9]);
	});

	it('is ended by its time limit, with everything it started', async (t) => {
		const { made, agent } = await started(t);
		const result = await agent.run(
			script('echo begun; sleep 1003 & echo $! > child; (sleep 1004 & wait); wait', { cwd: made.folder, timeLimitMs: patience(2000) }),
		);
		assert.deepEqual([result.outcome, result.stdout], ['time-limit', 'begun\n']);
		const child = readFileSync(join(made.folder, 'child'), 'utf8').trim();
		assert.equal(existsSync(`/proc/${child}`), false);
	});

	it('leaves what it started running when that may stay and it ended well; not otherwise', async (t) => {
		const { made, agent } = await started(t);
		const runs: [string, boolean, boolean][] = [
			['nohup sleep 1006 > log 2>&1 & echo $! > child', true, true],
			['sleep 1007 & echo $! > child; exit 0', true, true],
			['sleep 1008 & echo $! > child', false, false],
			['sleep 1009 & echo $! > child; exit 3', true, false],
			['sleep 1010 & echo $! > child; kill -9 $$', true, false],
			['sleep 1011 & echo $! > child; sleep 1012', true, false],
		];
		for (const [text, stays, alive] of runs) {
			const timeLimitMs = patience(/sleep 1012/.test(text) ? 2000 : 60_000);
			await agent.run(script(text, { cwd: made.folder, stays, timeLimitMs }));
			const child = Number(readFileSync(join(made.folder, 'child'), 'utf8'));
			assert.equal(existsSync(`/proc/${child}`), alive, text);
			if (alive) process.kill(child, 'SIGKILL');
		}
	});

	it('is ended by a time limit that is over before it has come to begin', async (t) => {
		const { agent } = await started(t);
		for (let i = 0; i < 40; i++) assert.equal((await agent.run(script('sleep 1005', { timeLimitMs: 1 }))).outcome, 'time-limit');
	});

	it('is ended by its output limit', async (t) => {
		const { agent } = await started(t);
		const result = await agent.run(script('yes', { outputLimit: 100_000 }));
		assert.deepEqual([result.outcome, result.stdout.length], ['output-limit', 100_000]);
	});

	it('streams bytes, more than a result would hold, to a taker that is slow, and waits for it', async (t) => {
		const { agent } = await started(t);
		const hash = createHash('sha256');
		const stdin = randomBytes(8_000_001);
		let [length, taking, most] = [0, 0, 0];
		const result = await agent.run(
			script('for i in 1 2 3 4 5; do cat /proc/$$/fd/0; done; echo told >&2', {
				stdin,
				outputLimit: 64 << 20,
				onOutput: (bytes) => {
					hash.update(bytes);
					length += bytes.length;
					most = Math.max(most, ++taking);
					if (length % 7 !== 0) return void taking--;
					return new Promise((resolve) => setImmediate(() => resolve(void taking--)));
				},
			}),
		);
		assert.deepEqual({ ...result, ms: 0 }, { outcome: 'exited', code: 0, ms: 0, stdout: '', stderr: 'told\n' });
		const expected = Buffer.concat(Array(5).fill(stdin));
		assert.equal(length, expected.length);
		assert.equal(hash.digest('hex'), createHash('sha256').update(expected).digest('hex'));
		assert.ok(most < 20, `${most} pieces were handed over while the taker was busy`);
	});

	it('ends when its output cannot be taken', async (t) => {
		const { made, agent } = await started(t);
		for (const onOutput of [() => Promise.reject(new Error('disk full')), () => assert.fail('disk full')]) {
			await assert.rejects(agent.run(script('echo $$ > pid; yes', { cwd: made.folder, outputLimit: 1 << 30, onOutput })), /disk full/);
			await agent.run(script('while [ -d /proc/$(cat pid) ]; do sleep 0.02; done', { cwd: made.folder }));
		}
	});

	it('does not wait for a child that it left behind', async (t) => {
		const { agent } = await started(t);
		const result = await agent.run(script('sleep 1005 & echo $!; setsid sleep 2 & exit 0'));
		assert.equal(result.outcome, 'exited');
		assert.equal(existsSync(`/proc/${result.stdout.trim()}`), false);
	});

	it('can be cancelled, before and after it starts', async (t) => {
		const { agent } = await started(t);
		assert.equal((await agent.run(script('sleep 1006', { signal: AbortSignal.abort() }))).outcome, 'cancelled');
		const abort = new AbortController();
		const running = agent.run(script('sleep 1006', { signal: abort.signal }));
		await agent.run(script('true'));
		abort.abort();
		assert.equal((await running).outcome, 'cancelled');
	});

	it('says why it could not start', async (t) => {
		const { agent } = await started(t);
		const cases: [Partial<ScriptRequest>, number][] = [
			[{ script: '#!/no/such/interpreter\n' }, 2],
			[{ script: 'no first line that says how' }, 8],
			[{ cwd: '/no/such/folder' }, 2],
			[{ stdin: new Uint8Array((16 << 20) + 1) }, 27],
			[{ script: `#!/bin/sh\n${'#'.repeat(1 << 20)}` }, 7],
		];
		for (const [more, code] of cases) {
			const result = await agent.run(script('true', more));
			assert.deepEqual([result.outcome, result.code], ['not-started', code]);
		}
	});

	it('waits its turn when eight run', async (t) => {
		const { made, agent } = await started(t);
		const results = await Promise.all(
			Array.from({ length: 30 }, (_, i) => agent.run(script(`sleep 0.05; echo ${i}`, { cwd: made.folder }))),
		);
		assert.deepEqual(
			results.map((result) => result.stdout),
			Array.from({ length: 30 }, (_, i) => `${i}\n`),
		);
	});

	it('ends with the connection', async (t) => {
		const { made, agent } = await started(t);
		const running = agent.run(script('echo $$ > pid; sleep 1007', { cwd: made.folder }));
		const rejected = assert.rejects(running, AgentGone);
		await agent.run(script('until [ -s pid ]; do sleep 0.02; done', { cwd: made.folder }));
		await made.unlisten();
		await rejected;
		const back = await made.listen();
		await back.run(script(`while [ -d /proc/$(cat pid) ]; do sleep 0.02; done`, { cwd: made.folder }));
	});
});

describe('the agent', { timeout: patience(240_000) }, () => {
	it('survives when no process is to be had', async (t) => {
		// Root is exempt from the limit of processes: another user, if we may become one.
		const uid = process.getuid?.() === 0 ? { uid: 54_321 } : {};
		const { made, agent } = await started(t, {
			wrap: ['bash', '-c', 'ulimit -u 1; exec "$@"', 'bash'],
			args: ['--forward', '39999:/nowhere.sock'],
			...uid,
		});
		await assert.rejects(made.shell(agent), (error) => error instanceof AgentRefused && error.errno === 11);
		const result = await agent.run(script('true'));
		assert.deepEqual([result.outcome, result.code], ['not-started', 11]);
		assert.equal(made.child?.exitCode, null);
	});

	it('forwards a port to a socket, both ways and half-closed, by a process while somebody asks, and again after it was killed', async (t) => {
		const socket = join(mkdtempSync(join(tmpdir(), 'etabli-')), 'service.sock');
		t.after(() => rmSync(dirname(socket), { recursive: true, force: true }));
		// Answers only when the asker has said all, with what it said.
		const service = createServer({ allowHalfOpen: true }, (peer) => void peer.pipe(peer));
		service.listen(socket);
		t.after(() => service.close());
		const port = await freePort();
		const { made } = await started(t, { args: ['--forward', `${port}:${socket}`] });
		const children = () => readFileSync(`/proc/${made.child?.pid}/task/${made.child?.pid}/children`, 'utf8').trim();
		const asked = Buffer.alloc(3 << 20, 'abc');
		assert.equal(children(), '', 'there is no process for a port that nobody has asked for anything');
		assert.ok((await askPort(port, asked)).equals(asked));
		process.kill(Number(children()), 'SIGKILL');
		assert.ok((await askPort(port, asked)).equals(asked));
		await eventually(() => children() === '', 'its end, once nobody asks any more');
		assert.ok((await askPort(port, asked)).equals(asked));
		assert.match(children(), /^\d+$/);
	});

	it('tells vital signs of the mounts it was given', async (t) => {
		const { made, agent } = await started(t, { args: ['--mount', '/tmp', '--mount', '/no/such/place'] });
		agent.vitalsEvery(100);
		await agent.events.until(() => agent.events.lastVitals !== undefined);
		const vitals = agent.events.lastVitals;
		assert.deepEqual(
			vitals?.mounts.map((mount) => mount.path),
			['/tmp', '/no/such/place'],
		);
		assert.ok((vitals?.mounts[0]?.bytes ?? 0) > 0);
		assert.equal(vitals?.mounts[1]?.bytes, 0);
		assert.equal(made.stderr, '');
	});

	it('tells vital signs once while they are the same, and again when asked', async (t) => {
		const { agent } = await started(t, { args: ['--mount', '/no/such/place'] });
		const told: string[] = [];
		agent.events.vitals = ({ memoryUsed: _, ...signs }) => void told.push(JSON.stringify(signs));
		agent.vitalsEvery(100);
		// On a slow machine it has had fewer chances to say the same twice.
		await new Promise((resolve) => setTimeout(resolve, 1000));
		const before = told.length;
		assert.ok(before > 0);
		for (const [index, signs] of told.entries()) assert.notEqual(signs, told[index - 1]);
		agent.vitalsEvery(100);
		await eventually(() => told.length > before, 'what was asked for');
	});

	it('ends cleanly, with every shell, when asked to', async (t) => {
		const { made, agent } = await started(t);
		const term = await made.shell(agent);
		const screen = new Screen().attach(agent, term);
		await type(agent, term, screen, 'echo $$ > shell');
		agent.shutdown();
		await agent.events.until(() => agent.events.isGone);
		await new Promise((resolve) => made.child?.once('exit', resolve));
		assert.equal(made.child?.exitCode, 0);
		// Whoever has it now, as process 1 of this machine, takes note of its end when it comes to it.
		const shell = readFileSync(join(made.folder, 'shell'), 'utf8').trim();
		await eventually(() => !existsSync(`/proc/${shell}`), 'the end of the shell');
	});
});

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	server.close();
	await once(server, 'close');
	return port;
}

/** Says all, then hears all; begins again while nobody listens. */
async function askPort(port: number, bytes: Buffer): Promise<Buffer> {
	for (;;) {
		const heard: Buffer[] = [];
		const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
		try {
			await once(socket, 'connect');
			socket.on('data', (piece: Buffer) => heard.push(piece));
			socket.end(bytes);
			await once(socket, 'end');
			return Buffer.concat(heard);
		} catch {
			// Not there (yet): the time until it is depends on the machine.
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	}
}
