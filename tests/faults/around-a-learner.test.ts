/** What goes wrong around a learner, provoked for real: it stays where it is, is told in a sentence, and passes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../../sandbox-server/setup/paths.ts';
import type { ClientTerminal } from '../../sandbox-server/tools/rehearsal/client-terminal.ts';
import type { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { CuttableRuntime, ownStarts } from '../fixtures/cuttable-runtime.ts';
import { eventually } from '../fixtures/eventually.ts';
import { WholeServer } from '../fixtures/server.ts';

let server: WholeServer;
let neighbour: LearnerClient;
let desk: ClientTerminal;
before(async () => {
	server = await WholeServer.start();
	neighbour = await server.withTerminal();
	desk = await neighbour.terminal();
});
after(() => server?.stop());

let asked = 0;
/** Another learner notices nothing: what they type is answered. */
async function neighbourWorks(): Promise<void> {
	const question = ++asked;
	assert.match(await desk.run(`echo answer-$((${question} * 1000))`), new RegExp(`answer-${question}000`));
	assert.deepEqual([neighbour.notices, neighbour.errors], [[], []]);
}

/** What the learner does after a fault: a fresh sandbox in place of this one, with nothing of it left. */
async function resetAndGoOn(learner: LearnerClient): Promise<void> {
	const old = await server.sandboxes();
	await learner.post('/api/sandboxes/trial/reset', { progress: false });
	await learner.until(() => learner.sandbox.state === 'ready', 'a fresh sandbox');
	const terminal = await learner.terminal();
	assert.match(await terminal.run('ls -A ~ /tmp /dev/shm | wc -l; echo fresh'), /fresh/);
	const now = await server.sandboxes();
	assert.equal(now.filter((name) => !old.includes(name)).length, 1);
	assert.equal(now.length, old.length);
}

const told = (learner: LearnerClient, code: string) => learner.until(() => learner.notices.includes(code), `the notice ${code}`, 90_000);

const floods = [
	{
		title: 'a fork bomb',
		command: 'bomb() { bomb | bomb & }; bomb',
		notices: ['processes-full'],
	},
	{
		title: 'a memory hog',
		command: "python3 -c 'b = [bytearray(2**20) for _ in range(4000)]' || perl -e '$x = \"x\" x 2**30; $y = $x . $x' || tail /dev/zero",
		notices: ['memory-full'],
	},
	{
		title: 'filling the home and /tmp with bytes',
		command: 'cat /dev/zero > ~/fill; cat /dev/zero > /tmp/fill',
		notices: ['disk-full', 'disk-full'],
		sentences: [/\/home\/learner/, /\/tmp/],
	},
	{
		title: 'filling the home and /tmp with files',
		command: 'for place in ~ /tmp; do for i in $(seq 500); do : > $place/f$i || break; done; done 2>/dev/null',
		notices: ['disk-full', 'disk-full'],
		sentences: [/\/home\/learner/, /\/tmp/],
	},
] as const;

for (const { title, command, notices, ...rest } of floods) {
	test(`${title} stays in its sandbox, is told, and a reset brings a fresh one`, async () => {
		const learner = await server.withTerminal();
		const terminal = await learner.terminal();
		terminal.type(`${command}\r`);
		await learner.until(
			() => notices.every((code) => learner.notices.filter((one) => one === code).length >= notices.filter((one) => one === code).length),
			`the notices ${notices}`,
			90_000,
		);
		for (const sentence of 'sentences' in rest ? rest.sentences : [])
			assert.ok(
				learner.noticed.some((text) => sentence.test(text)),
				learner.noticed.join('\n'),
			);
		await neighbourWorks();
		await resetAndGoOn(learner);
		await neighbourWorks();
		await learner.goHome();
	});
}

test('shared memory cannot be filled beyond its limit, in bytes and in files', async () => {
	const learner = await server.withTerminal();
	const terminal = await learner.terminal();
	const output = await terminal.run(
		'cat /dev/zero > /dev/shm/fill; stat -c "bytes %s" /dev/shm/fill; rm /dev/shm/fill; for i in $(seq 3000); do : > /dev/shm/f$i || break; done 2>/dev/null; echo "files $(ls /dev/shm | wc -l)"',
	);
	assert.ok(Number(/bytes (\d+)/.exec(output)?.[1]) <= 64 * 2 ** 20, output);
	assert.ok(Number(/files (\d+)/.exec(output)?.[1]) <= 1000, output);
	await neighbourWorks();
	await learner.goHome();
});

test('nothing else of the sandbox can be written to', async () => {
	const learner = await server.withTerminal();
	const terminal = await learner.terminal();
	const places = await terminal.run(
		'find / -xdev -writable \\( -type d -o -type f \\) -not -path "/proc/*" 2>/dev/null | grep -v "^/home/learner\\|^/tmp" | head; df --output=target | tail -n +2 | while read -r m; do [ -w "$m" ] && echo "W:$m"; done',
	);
	const writable = [...places.matchAll(/^W:(\S+)\r?$/gm)].map(([, place]) => place).sort();
	assert.deepEqual(
		writable.filter((place) => !['/home/learner', '/tmp', '/dev/shm', '/dev/mqueue'].includes(place ?? '')),
		[],
		places,
	);
	await learner.goHome();
});

/** Resident memory of the server, bytes. */
function memory(): number {
	return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) * 1024;
}

test('endless output with a page that does not keep up: it waits, the server does not grow, Ctrl-C ends it', async () => {
	const learner = await server.withTerminal();
	const terminal = await learner.terminal();
	await terminal.run('echo ready');
	const before = memory();
	learner.acknowledges = false;
	const from = terminal.bytes;
	terminal.type('yes a line that never ends\r');
	// The window is 256 KiB: then it waits.
	await learner.until(() => terminal.bytes - from > 200 * 1024, 'the window to fill up');
	for (let round = 0; round < 5; round++) await neighbourWorks();
	assert.ok(terminal.bytes - from <= 300 * 1024, `${terminal.bytes - from} bytes were sent without an answer`);
	// As fast as it can be read, for 50 MB.
	learner.acknowledges = true;
	learner.send({ type: 'ack', channel: terminal.channel, bytes: 256 * 1024 });
	await learner.until(() => terminal.bytes - from > 50 * 2 ** 20, '50 MB of output', 120_000);
	await neighbourWorks();
	assert.ok(memory() - before < 150 * 2 ** 20, `the server grew by ${Math.round((memory() - before) / 2 ** 20)} MB`);
	const prompts = terminal.prompts;
	terminal.type('\x03');
	await learner.until(() => terminal.prompts > prompts, 'the prompt after Ctrl-C');
	assert.match(await terminal.run('echo and on'), /and on/);
	await learner.goHome();
});

test('checks that hang, flood, crash or end oddly: an error with a sentence, and the learner goes on', async () => {
	const learner = await server.withTerminal({ lesson: 'broken' });
	const terminal = await learner.terminal();
	const all = ['hangs', 'floods', 'crashes', 'odd-end'];
	const reports = await Promise.all(all.map((step) => learner.check(step)));
	for (const { state, message = '' } of reports) {
		assert.equal(state, 'error');
		assert.match(message, /not your doing/);
		assert.doesNotMatch(message, /secret|line that never|SEGV/);
	}
	assert.match(reports[0]?.message ?? '', /in time/);
	assert.equal((await learner.check('lingers')).state, 'passed');
	// A page is told of each, and the step after them can be passed.
	await learner.until(() => all.every((step) => learner.steps.get(step)?.state === 'error'), 'the page to be told of each');
	const left = await terminal.run('touch works.txt; echo "left: $(ps -eo args | grep -c "[s]leep 987654")"');
	assert.match(left, /left: 0\r/, 'no program of a check is left');
	await learner.until(
		() => learner.steps.get('works')?.state === 'passed',
		'the last step, checked by itself after the broken ones',
		90_000,
	);
	await learner.goHome();
});

test('the engine is away when the server starts: it is up at once, who waits is told, and has a sandbox when the engine comes', async (t) => {
	const engine = await CuttableRuntime.make();
	const early = new WholeServer(engine.options);
	t.after(async () => {
		await engine.open();
		await early.stop();
		await engine.stop();
	});
	await early.serve();
	const learner = await early.learner().connect();
	await learner.until(() => learner.sandbox.state === 'unavailable', 'to be told that there is none to be had');
	assert.match(learner.sandbox.reason ?? '', /keep trying/);
	learner.send({ type: 'start' });
	await engine.open();
	await learner.until(() => learner.sandbox.state === 'ready', 'the sandbox asked for meanwhile', 90_000);
	assert.match(await (await learner.terminal()).run('echo here'), /here/);
	await eventually(() => /The container engine answers/.test(early.said), 'the server to say so');

	// The same with a sandbox of the run before: it goes on, and its learner needs no engine.
	await early.kill('SIGKILL');
	await engine.cut();
	await early.serve();
	await learner.connect();
	await learner.until(() => learner.sandbox.state === 'ready', 'the same sandbox');
	assert.match(await (await learner.terminal()).run('echo still'), /still/);
	await engine.open();
	const other = await early.withTerminal();
	assert.match(await (await other.terminal()).run('echo new'), /new/);
});

test('the engine goes while learners work: shells go on, pages are told, and it comes back by itself', {
	skip: ownStarts && 'a server that starts sandboxes itself needs no engine meanwhile: the next test',
}, async (t) => {
	const engine = await CuttableRuntime.make();
	await engine.open();
	const away = await WholeServer.start(engine.options);
	t.after(async () => {
		await engine.open();
		await away.stop();
		await engine.stop();
	});
	const learner = await away.withTerminal();
	const terminal = await learner.terminal();
	await terminal.run('before=kept');
	const other = await away.learner().connect();

	await engine.cut();
	await told(learner, 'engine-away');
	await other.until(() => other.sandbox.state === 'unavailable', 'to be told that there is none to be had');
	assert.match(other.sandbox.reason ?? '', /keep trying/);
	assert.match(await terminal.run('echo "still $before"'), /still kept/);
	await terminal.run('touch done.txt');
	await learner.until(() => learner.steps.get('write')?.state === 'passed', 'checks to go on');
	// Another terminal of a sandbox that runs needs no engine either; a new sandbox does, and waits for it.
	assert.match(await (await learner.terminal('2')).run('echo second'), /second/);
	other.send({ type: 'start' });
	await assert.rejects(learner.post('/api/sandboxes/trial/reset', { progress: false }), /503 .*engine-away/);
	await learner.until(() => learner.sandbox.state === 'ready', 'what could not be reset to be there still');
	const shell = await learner.terminal();
	const page = await fetch(`${away.address}/healthz`);
	assert.equal(page.status, 200);

	await engine.open();
	await other.until(() => other.sandbox.state === 'ready', 'the sandbox asked for meanwhile', 90_000);
	assert.match(await (await other.terminal()).run('echo here'), /here/);
	assert.match(await shell.run('echo "again $before"'), /again kept/);
	assert.equal((await away.sandboxes()).length, 2);

	// The other way to be gone: it accepts, and says nothing.
	engine.fallSilent();
	await learner.until(() => learner.notices.filter((code) => code === 'engine-away').length === 2, 'to be told once more');
	assert.match(await shell.run('echo "silent $before"'), /silent kept/);
	engine.speak();
	const third = await away.learner().connect();
	third.send({ type: 'start' });
	await third.until(() => third.sandbox.state === 'ready', 'a sandbox after the silence', 90_000);
});

test('the engine that builds images goes while the server starts sandboxes itself: nobody notices, and sandboxes are to be had', {
	skip: !ownStarts && 'of --engine oci alone',
}, async (t) => {
	const builder = await CuttableRuntime.make();
	await builder.open();
	const alone = await WholeServer.start(builder.options);
	t.after(async () => {
		await builder.open();
		await alone.stop();
		await builder.stop();
	});
	const learner = await alone.withTerminal();
	await (await learner.terminal()).run('before=kept');
	for (const go of [() => builder.cut(), () => builder.open().then(() => builder.fallSilent())]) {
		await go();
		const newcomer = await alone.withTerminal();
		assert.match(await (await newcomer.terminal()).run('echo here'), /here/);
		await learner.post('/api/sandboxes/trial/reset', { progress: false });
		await learner.until(() => learner.sandbox.state === 'ready', 'a fresh sandbox');
		assert.match(await (await learner.terminal()).run('echo "fresh $before."'), /fresh \./);
		assert.deepEqual([learner.notices, newcomer.notices], [[], []]);
		await newcomer.goHome();
	}
});

test('a sandbox that ends by itself is told as lost, and another can be had', async () => {
	const others = await server.sandboxes();
	const learner = await server.withTerminal();
	await (await learner.terminal()).run('touch /tmp/this-one');
	const own = (await server.sandboxes()).find((name) => !others.includes(name)) ?? '';
	const pid = await (await server.engine()).pid(own);
	assert.ok(pid);
	process.kill(pid, 'SIGKILL');
	await learner.until(() => learner.sandbox.state === 'lost', 'to be told of the loss');
	assert.match(learner.sandbox.reason ?? '', /Start another one/);
	await learner.start();
	assert.match(await (await learner.terminal()).run('ls /tmp/this-one'), /No such file|cannot access|Aucun fichier/);
	await neighbourWorks();
	await learner.goHome();
});

/** A command of `etabli`, as typed; its exit status and all it said. */
async function etabli(...args: string[]): Promise<{ status: number | null; said: string }> {
	const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'sandbox-server/cli/main.ts', ...args], {
		cwd: root,
		env: { ...process.env, NODE_TEST_CONTEXT: undefined },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let said = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text));
	await once(child, 'close');
	return { status: child.exitCode, said };
}

test('a start that cannot be says why in a sentence, and what to do', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const taken = createServer();
	await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
	t.after(() => taken.close());
	const port = String((taken.address() as { port: number }).port);
	const none = ['--engine', 'none', '--data'];

	const busy = await etabli('up', ...none, join(folder, 'data'), '--port', port);
	assert.match(busy.said, new RegExp(`Port ${port} .*taken by another program`));
	assert.match(busy.said, /--port/);

	writeFileSync(join(folder, 'file'), '');
	const inTheWay = await etabli('up', ...none, join(folder, 'file/data'));
	assert.match(inTheWay.said, /could not write into the data folder .*file\/data/);
	// Root may write anywhere but here.
	const readOnly = await etabli('up', ...none, '/sys/etabli');
	assert.match(readOnly.said, /could not write into the data folder \/sys\/etabli/);

	const nowhere = await etabli('up', ...none, join(folder, 'data'), '--host', '192.0.2.1');
	assert.match(nowhere.said, /no address 192\.0\.2\.1/);
	const wrong = await etabli('up', '--port', 'eighty', '--data', join(folder, 'data'));
	assert.match(wrong.said, /--port .*whole number/);
	for (const { status, said } of [busy, inTheWay, readOnly, nowhere, wrong]) {
		assert.ok(status !== 0 && status !== null, said);
		assert.doesNotMatch(said, /\n\s+at .*\(.*:\d+:\d+\)/, 'no stack trace');
	}
});

test('a second server on the same data folder is refused in a sentence, and the first goes on', async () => {
	await assert.rejects(WholeServer.start({ data: server.data }), (error: Error) => {
		assert.match(error.message, /already|another|use/i);
		assert.doesNotMatch(error.message, /\n\s+at .*\(.*:\d+:\d+\)/);
		return true;
	});
	await neighbourWorks();
});
