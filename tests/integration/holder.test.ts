/** The real holder with real shells. (Over 400 lines: the cases share one fixture, and each stands for itself.) */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { encode, part, request } from '../../sandbox-server/holder/codec.ts';
import { HolderGone, HolderRefused, type ScriptRequest } from '../../sandbox-server/holder/holder.ts';
import { Bench, Screen } from './holder-bench.ts';

const noOutput = { output() {}, preamble() {}, resized() {}, live() {}, gap() {} };

function bench(t: TestContext): Bench {
	const made = new Bench();
	t.after(() => made.stop());
	return made;
}

async function started(t: TestContext, options?: Parameters<Bench['start']>[0]) {
	const made = bench(t);
	const holder = await made.start(options);
	return { made, holder };
}

/** Types a command, and waits until its end shows on the screen. The mark is split so that its echo is not taken for it. */
let marks = 0;
async function type(holder: Awaited<ReturnType<Bench['start']>>, term: number, screen: Screen, command: string): Promise<void> {
	const mark = `m${++marks}`;
	holder.input(term, Buffer.from(`${command}; echo "do""ne ${mark}"\r`));
	await screen.shows(`done ${mark}`);
}

async function replay(holder: Awaited<ReturnType<Bench['start']>>, term: number): Promise<Screen> {
	const screen = new Screen().attach(holder, term, { pacing: false, credit: 8 << 20 });
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

describe('a terminal', { timeout: 120_000 }, () => {
	it('shows what a shell prints, and tells how it ended', async (t) => {
		const { made, holder } = await started(t);
		const term = await made.shell(holder);
		const screen = new Screen().attach(holder, term);
		await type(holder, term, screen, 'echo "$HOME" é漢; stty size');
		assert.match(screen.text(), new RegExp(`${made.folder} é漢\n24 80\n`));
		holder.input(term, Buffer.from('echo bye; exit 3\r'));
		await holder.events.until(() => holder.events.ends.has(term));
		assert.deepEqual(holder.events.ends.get(term), { kind: 'exit', code: 3 });
		assert.equal(holder.terminals.get(term)?.alive, false);
		const again = await replay(holder, term);
		assert.match(again.text(), /\nbye\n/, 'the output of an ended shell stays readable');
	});

	it('waits for what it is given, once; what does not wait cannot be given anything', async (t) => {
		const { made, holder } = await started(t);
		const script = 'while IFS= read -r -d "" -u 3 value; do echo "<$value>"; done; stty size; sleep 100';
		const argv = ['bash', '-c', script];
		const ahead = { key: 'ahead', cols: 80, rows: 24, cwd: made.folder, argv, env: {}, waits: true };
		const given = { key: 'first/1', cols: 101, rows: 31, cwd: '/a folder', env: { A: '1', B: "'; exit\n$(x)" } };
		const term = await holder.open(ahead);
		holder.give(term, given);
		const screen = new Screen().attach(holder, term);
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
		const { made, holder } = await started(t);
		const term = await made.shell(holder);
		const live = new Screen().attach(holder, term);
		await type(holder, term, live, "printf '\\e[1;31mred\\e[0m \\e[48;2;1;2;3mrgb\\e[m é漢字 \\e[4:3mcurly\\e[m\\n'");
		await type(
			holder,
			term,
			live,
			'for i in $(seq 5000); do echo "line $i of a text that is rather long, so that it wraps when narrow"; done',
		);
		for (const [cols, rows] of [
			[40, 10],
			[120, 50],
			[80, 24],
		] as const) {
			holder.resize(term, cols, rows);
			await type(holder, term, live, 'stty size');
		}
		assert.match(live.text(), /10 40\n[\s\S]*50 120\n[\s\S]*24 80\n/);
		await assertSameScreen(live, await replay(holder, term));
	});

	it('replays the alternate screen with mouse, hidden cursor, scroll region and title', async (t) => {
		const { made, holder } = await started(t);
		const term = await made.shell(holder);
		const live = new Screen().attach(holder, term);
		await type(holder, term, live, 'seq 100');
		const modes = '\\e]2;un titre\\a\\e[?1049h\\e[?1003h\\e[?1006h\\e[?25l\\e[?1h\\e=\\e[5;10r\\e[3;7H\\e[5 q\\e[32mhere';
		holder.input(term, Buffer.from(`printf '${modes}'; read x\r`));
		await live.shows('here');
		const again = await replay(holder, term);
		assert.equal(again.terminal.buffer.active.type, 'alternate');
		assert.equal(again.terminal.modes.mouseTrackingMode, 'any');
		assert.equal(again.title, 'un titre');
		await assertSameScreen(live, again);
	});

	it('lives on when the server vanishes, and comes back identical', async (t) => {
		const { made, holder } = await started(t);
		const term = await made.shell(holder);
		const live = new Screen().attach(holder, term);
		await type(holder, term, live, "for i in $(seq 5000); do echo $i; done; printf '\\e[?2004h\\e[?1000h'");
		holder.input(term, Buffer.from('sleep 0.3; echo "writ""ten meanwhile"\r'));
		await made.unlisten();
		await holder.events.until(() => holder.events.isGone);
		assert.throws(() => holder.input(term, Buffer.from('x')), HolderGone);

		const back = await made.listen();
		assert.equal(back.boot, holder.boot);
		const info = back.terminals.get(term);
		assert.deepEqual([info?.key, info?.alive, info?.cols, info?.rows], ['lesson/1', true, 80, 24]);
		const whole = new Screen().attach(back, term);
		await whole.shows('written meanwhile');
		assert.match(whole.text(), /\n4999\n5000\n/);
		assert.equal(whole.terminal.modes.mouseTrackingMode, 'vt200');
		await type(back, term, whole, 'echo still there');
		await assertSameScreen(whole, await replay(back, term));
	});

	it('comes back by itself, also when its answer finds the server gone', { timeout: 30_000 }, async (t) => {
		const { made, holder } = await started(t);
		await made.unlisten();
		await holder.events.until(() => holder.events.isGone);

		// A server that is killed between its question and the answer, for sure: the holder stands still meanwhile.
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
		assert.equal((await made.listen()).boot, holder.boot);
	});

	it('brings the modes of a ring that has wrapped', async (t) => {
		const { made, holder } = await started(t);
		const term = await made.shell(holder);
		const live = new Screen().attach(holder, term);
		const modes =
			'\\e]0;kept\\a\\e[?2004h\\e[?1002h\\e[?1006h\\e[?1h\\e=\\e[?25l\\e[?7l\\e[?45h\\e[?1004h\\e[4h\\e[3 q\\e)0\\e[1;3;38;5;200;48;2;9;8;7;4:3m';
		await type(holder, term, live, `printf '${modes}'; for i in $(seq 60000); do echo "$i ${'é'.repeat(40)}"; done`);
		const again = await replay(holder, term);
		assert.equal(again.preambles, 1);
		assert.ok(live.received > 5 << 20);
		assert.ok(again.received <= 4 << 20);
		await assertSameScreen(live, again);
	});

	it('brings the alternate screen and its scroll region of a ring that has wrapped', async (t) => {
		const { made, holder } = await started(t);
		const term = await made.shell(holder);
		const live = new Screen().attach(holder, term);
		const script = `printf '\\e[?1049h\\e[3;20r\\e[?6h\\e[35m\\e[1H'; for i in $(seq 60000); do printf '\\e[9;1H%s ${'x'.repeat(70)}\\n' $i; done; printf '\\e[2J\\e[5;9HE''ND'; read x`;
		holder.input(term, Buffer.from(`${script}\r`));
		await live.shows('END');
		const again = await replay(holder, term);
		assert.equal(again.terminal.buffer.active.type, 'alternate');
		// The normal screen beneath has left the ring; the one in front has been drawn anew since.
		const parts = async (screen: Screen) => ({ ...(await screen.look()), screen: screen.visible() });
		assert.deepEqual(await parts(again), await parts(live));
	});

	it('overtakes a slow viewer that does not pace, which ends with the same screen', async (t) => {
		const { made, holder } = await started(t);
		const term = await made.shell(holder);
		const fast = new Screen().attach(holder, term);
		const slow = new Screen();
		slow.giving = false;
		slow.attach(holder, term, { pacing: false, credit: 1000 });
		await type(holder, term, fast, 'seq 1000000');
		assert.equal(fast.gaps, 0);
		assert.ok(slow.received <= 1000);
		slow.giving = true;
		slow.credit(1 << 20);
		await slow.until(() => slow.isLive && slow.end === fast.end);
		assert.equal(slow.gaps, 1);
		await assertSameScreen(fast, slow);
	});

	it('stalls the program while a pacing viewer does not read, and Ctrl-C works all the same', async (t) => {
		const { made, holder } = await started(t);
		const term = await made.shell(holder);
		const stuck = new Screen();
		stuck.giving = false;
		stuck.attach(holder, term, { credit: 64 * 1024 });
		const watcher = new Screen().attach(holder, term, { pacing: false, credit: 8 << 20 });
		holder.input(term, Buffer.from('yes\r'));
		await watcher.until(() => watcher.received > 256 * 1024);
		await holder.run(script('sleep 0.3')); // time in which a program that is not stalled writes tens of megabytes
		holder.input(term, Buffer.from('\x03'));
		holder.input(term, Buffer.from('touch reached\r'));
		await holder.run(script(`until [ -e '${join(made.folder, 'reached')}' ]; do sleep 0.02; done`));
		assert.ok(stuck.received <= 64 * 1024);
		assert.ok(watcher.received < 1 << 20, `${watcher.received} bytes came though the viewer had stopped reading`);
		stuck.giving = true;
		stuck.credit(1 << 20);
		await type(holder, term, stuck, 'echo on we go');
	});

	it('does not stall, and stays bounded, when a program does not read what is typed', async (t) => {
		const { made, holder } = await started(t);
		const [deaf, other] = [await made.shell(holder), await made.shell(holder)];
		const screen = new Screen().attach(holder, deaf);
		holder.input(deaf, Buffer.from('stty raw -echo; echo "rea""dy"; sleep 1000\r'));
		await screen.shows('ready');
		const before = memory(made);
		for (let i = 0; i < 16; i++) holder.input(deaf, new Uint8Array(1 << 20).fill(120));
		await type(holder, other, new Screen().attach(holder, other), 'echo the other one answers');
		assert.ok(memory(made) - before < 4096, 'kB of memory that typing into nothing costs');
	});

	it('takes 16 terminals, refuses the next, and has room again after one is closed', async (t) => {
		const { made, holder } = await started(t);
		const all = await Promise.all(Array.from({ length: 16 }, () => made.shell(holder)));
		await assert.rejects(made.shell(holder), (error) => error instanceof HolderRefused && error.errno === 24);
		holder.close(all[0] ?? 0);
		await holder.events.until(() => holder.events.ends.has(all[0] ?? 0));
		// The session is watched for one second more; then its place is free.
		for (let opened = false; !opened; ) {
			opened = await made.shell(holder).then(
				() => true,
				() => holder.run(script('sleep 0.1')).then(() => false),
			);
		}
	});

	it('ends the shell and its programs on close, also those that ignore SIGHUP', async (t) => {
		const { made, holder } = await started(t);
		const term = await made.shell(holder);
		const screen = new Screen().attach(holder, term);
		await type(holder, term, screen, '(trap "" HUP; sleep 1001) & echo $! > stubborn; sleep 1002 & echo $! > plain');
		const pids = ['stubborn', 'plain'].map((name) => readFileSync(join(made.folder, name), 'utf8').trim());
		holder.close(term);
		assert.equal(holder.terminals.has(term), false);
		await holder.events.until(() => holder.events.ends.has(term));
		for (const pid of pids) await holder.run(script(`while [ -d /proc/${pid} ]; do sleep 0.02; done`));
		assert.ok(pids.every((pid) => !existsSync(`/proc/${pid}`)));
	});

	it('refuses what cannot be: a program that is not there, no program, a terminal that is not there', async (t) => {
		const { made, holder } = await started(t);
		const ask = { key: 'k', cols: 80, rows: 24, cwd: '/nowhere', argv: ['/no/such/shell'], env: {} };
		await assert.rejects(holder.open(ask), (error) => error instanceof HolderRefused && error.errno === 2);
		await assert.rejects(holder.open({ ...ask, argv: [] }), HolderRefused);
		await assert.rejects(holder.open({ ...ask, argv: ['x'.repeat(70_000)] }), HolderRefused);
		await assert.rejects(holder.open({ ...ask, cols: 0 }), HolderRefused);
		holder.attach({ term: 99, from: 'start', credit: 1, pacing: true }, noOutput);
		holder.input(99, Buffer.from('x'));
		holder.close(99);
		const term = await made.shell(holder);
		await type(holder, term, new Screen().attach(holder, term), 'echo nothing else was affected');
	});
});

function script(text: string, more: Partial<ScriptRequest> = {}): ScriptRequest {
	const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' };
	return { name: 'test', script: `#!/bin/bash\n${text}\n`, cwd: '/tmp', env, timeLimitMs: 60_000, outputLimit: 1 << 20, ...more };
}

function memory(made: Bench): number {
	return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${made.child?.pid}/status`, 'utf8'))?.[1]);
}

describe('a script', { timeout: 120_000 }, () => {
	it('gets its input, environment and folder, and tells its output and how it ended', async (t) => {
		const { made, holder } = await started(t);
		const stdin = Buffer.from('ligne\n'.repeat(700_000));
		const counted = await holder.run(
			script('wc -c; pwd; echo "$A-$HOME"; echo no >&2; exit 10', { stdin, cwd: made.folder, env: { A: 'é', PATH: '/usr/bin:/bin' } }),
		);
		assert.deepEqual(
			{ ...counted, ms: 0 },
			{ outcome: 'exited', code: 10, ms: 0, stdout: `${stdin.length}\n${made.folder}\né-\n`, stderr: 'no\n' },
		);
		const killed = await holder.run(script('kill -9 $$'));
		assert.deepEqual([killed.outcome, killed.code], ['signal', 9]);
	});

	it('is ended by its time limit, with everything it started', async (t) => {
		const { made, holder } = await started(t);
		const result = await holder.run(
			script('echo begun; sleep 1003 & echo $! > child; (sleep 1004 & wait); wait', { cwd: made.folder, timeLimitMs: 2000 }),
		);
		assert.deepEqual([result.outcome, result.stdout], ['time-limit', 'begun\n']);
		const child = readFileSync(join(made.folder, 'child'), 'utf8').trim();
		assert.equal(existsSync(`/proc/${child}`), false);
	});

	it('is ended by a time limit that is over before it has come to begin', async (t) => {
		const { holder } = await started(t);
		for (let i = 0; i < 40; i++) assert.equal((await holder.run(script('sleep 1005', { timeLimitMs: 1 }))).outcome, 'time-limit');
	});

	it('is ended by its output limit', async (t) => {
		const { holder } = await started(t);
		const result = await holder.run(script('yes', { outputLimit: 100_000 }));
		assert.deepEqual([result.outcome, result.stdout.length], ['output-limit', 100_000]);
	});

	it('streams bytes, more than a result would hold, to a taker that is slow, and waits for it', async (t) => {
		const { holder } = await started(t);
		const hash = createHash('sha256');
		const stdin = randomBytes(8_000_001);
		let [length, taking, most] = [0, 0, 0];
		const result = await holder.run(
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
		const { made, holder } = await started(t);
		for (const onOutput of [() => Promise.reject(new Error('disk full')), () => assert.fail('disk full')]) {
			await assert.rejects(holder.run(script('echo $$ > pid; yes', { cwd: made.folder, outputLimit: 1 << 30, onOutput })), /disk full/);
			await holder.run(script('while [ -d /proc/$(cat pid) ]; do sleep 0.02; done', { cwd: made.folder }));
		}
	});

	it('does not wait for a child that it left behind', async (t) => {
		const { holder } = await started(t);
		const result = await holder.run(script('sleep 1005 & echo $!; setsid sleep 2 & exit 0'));
		assert.equal(result.outcome, 'exited');
		assert.equal(existsSync(`/proc/${result.stdout.trim()}`), false);
	});

	it('can be cancelled, before and after it starts', async (t) => {
		const { holder } = await started(t);
		assert.equal((await holder.run(script('sleep 1006', { signal: AbortSignal.abort() }))).outcome, 'cancelled');
		const abort = new AbortController();
		const running = holder.run(script('sleep 1006', { signal: abort.signal }));
		await holder.run(script('true'));
		abort.abort();
		assert.equal((await running).outcome, 'cancelled');
	});

	it('says why it could not start', async (t) => {
		const { holder } = await started(t);
		const cases: [Partial<ScriptRequest>, number][] = [
			[{ script: '#!/no/such/interpreter\n' }, 2],
			[{ script: 'no first line that says how' }, 8],
			[{ cwd: '/no/such/folder' }, 2],
			[{ stdin: new Uint8Array((16 << 20) + 1) }, 27],
			[{ script: `#!/bin/sh\n${'#'.repeat(1 << 20)}` }, 7],
		];
		for (const [more, code] of cases) {
			const result = await holder.run(script('true', more));
			assert.deepEqual([result.outcome, result.code], ['not-started', code]);
		}
	});

	it('waits its turn when eight run', async (t) => {
		const { made, holder } = await started(t);
		const results = await Promise.all(
			Array.from({ length: 30 }, (_, i) => holder.run(script(`sleep 0.05; echo ${i}`, { cwd: made.folder }))),
		);
		assert.deepEqual(
			results.map((result) => result.stdout),
			Array.from({ length: 30 }, (_, i) => `${i}\n`),
		);
	});

	it('ends with the connection', async (t) => {
		const { made, holder } = await started(t);
		const running = holder.run(script('echo $$ > pid; sleep 1007', { cwd: made.folder }));
		const rejected = assert.rejects(running, HolderGone);
		await holder.run(script('until [ -s pid ]; do sleep 0.02; done', { cwd: made.folder }));
		await made.unlisten();
		await rejected;
		const back = await made.listen();
		await back.run(script(`while [ -d /proc/$(cat pid) ]; do sleep 0.02; done`, { cwd: made.folder }));
	});
});

describe('the holder', { timeout: 240_000 }, () => {
	it('survives when no process is to be had', async (t) => {
		// Root is exempt from the limit of processes: another user, if we may become one.
		const uid = process.getuid?.() === 0 ? { uid: 54_321 } : {};
		const { made, holder } = await started(t, {
			wrap: ['bash', '-c', 'ulimit -u 1; exec "$@"', 'bash'],
			args: ['--forward', '39999:/nowhere.sock'],
			...uid,
		});
		await assert.rejects(made.shell(holder), (error) => error instanceof HolderRefused && error.errno === 11);
		const result = await holder.run(script('true'));
		assert.deepEqual([result.outcome, result.code], ['not-started', 11]);
		assert.equal(made.child?.exitCode, null);
	});

	it('forwards a port to a socket, both ways and half-closed, and again after the forwarder was killed', async (t) => {
		const socket = join(mkdtempSync(join(tmpdir(), 'etabli-')), 'service.sock');
		t.after(() => rmSync(dirname(socket), { recursive: true, force: true }));
		// Answers only when the asker has said all, with what it said.
		const service = createServer({ allowHalfOpen: true }, (peer) => void peer.pipe(peer));
		service.listen(socket);
		t.after(() => service.close());
		const port = await freePort();
		const { made } = await started(t, { args: ['--forward', `${port}:${socket}`] });
		const asked = Buffer.alloc(3 << 20, 'abc');
		assert.ok((await askPort(port, asked)).equals(asked));
		const [forwarder] = readFileSync(`/proc/${made.child?.pid}/task/${made.child?.pid}/children`, 'utf8').trim().split(' ');
		process.kill(Number(forwarder), 'SIGKILL');
		assert.ok((await askPort(port, asked)).equals(asked));
	});

	it('tells vital signs of the places it was given', async (t) => {
		const { made, holder } = await started(t, { args: ['--place', '/tmp', '--place', '/no/such/place'] });
		holder.vitalsEvery(100);
		await holder.events.until(() => holder.events.lastVitals !== undefined);
		const vitals = holder.events.lastVitals;
		assert.deepEqual(
			vitals?.places.map((place) => place.path),
			['/tmp', '/no/such/place'],
		);
		assert.ok((vitals?.places[0]?.bytes ?? 0) > 0);
		assert.equal(vitals?.places[1]?.bytes, 0);
		assert.equal(made.stderr, '');
	});

	it('ends cleanly, with every shell, when asked to', async (t) => {
		const { made, holder } = await started(t);
		const term = await made.shell(holder);
		const screen = new Screen().attach(holder, term);
		await type(holder, term, screen, 'echo $$ > shell');
		holder.shutdown();
		await holder.events.until(() => holder.events.isGone);
		await new Promise((resolve) => made.child?.once('exit', resolve));
		assert.equal(made.child?.exitCode, 0);
		assert.equal(existsSync(`/proc/${readFileSync(join(made.folder, 'shell'), 'utf8').trim()}`), false);
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
