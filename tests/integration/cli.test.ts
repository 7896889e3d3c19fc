/** The command as a person types it: in the real shell, against the real machine; its data in a folder of the test. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
	chmodSync,
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { spawn as spawnTerminal } from 'node-pty';
import { ask } from '../../sandbox-server/setup/packages.ts';
import { root } from '../../sandbox-server/setup/paths.ts';
import { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';

interface Said {
	status: number | null;
	out: string;
	err: string;
}

const command = join(root, 'etabli');
/** What a person's shell has; nothing of this test run. */
const environment = { PATH: process.env['PATH'], HOME: process.env['HOME'], LANG: 'C.UTF-8', ETABLI_NODE: process.execPath };

function start(args: readonly string[], options: { env?: NodeJS.ProcessEnv; cwd?: string; file?: string } = {}) {
	const child = spawn(options.file ?? command, args, {
		cwd: options.cwd ?? root,
		env: { ...environment, ...options.env },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	// A start that hangs must not outlive its test.
	const limit = setTimeout(() => child.kill('SIGKILL'), patience(120_000));
	const said: Said = { status: null, out: '', err: '' };
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		said.out += text;
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		said.err += text;
	});
	const ended = once(child, 'close').then(([status]) => {
		clearTimeout(limit);
		said.status = status as number | null;
		return said;
	});
	return { child, said, ended };
}

const etabli = (args: readonly string[], options?: Parameters<typeof start>[1]): Promise<Said> => start(args, options).ended;

function folder(t: TestContext): string {
	const path = mkdtempSync(join(tmpdir(), 'etabli cli '));
	t.after(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

/** A server that is for reading only: quick, and needs no engine. */
function reading(data: string, ...more: string[]): string[] {
	return ['up', '--engine', 'none', '--port', '0', '--data', data, '--courses', join(root, 'tests/fixtures/courses'), ...more];
}

async function until(said: Said, pattern: RegExp, ended: Promise<Said>): Promise<RegExpExecArray> {
	let over = false;
	ended.then(() => {
		over = true;
	}, assert.ifError);
	for (;;) {
		const found = pattern.exec(said.out);
		if (found) return found;
		assert.equal(over, false, `it ended: ${said.out}${said.err}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

test('help: of everything and of each command', async () => {
	const all = await etabli(['--help']);
	assert.equal(all.status, 0);
	for (const name of ['up', 'down', 'doctor', 'test', 'dev']) {
		assert.match(all.out, new RegExp(`^  ${name} `, 'm'));
		const one = await etabli([name, '--help']);
		assert.deepEqual([one.status, one.err], [0, '']);
		assert.match(one.out, new RegExp(`^Usage: \\./etabli ${name}`));
	}
});

test('what is not known gets a sentence with the nearest match, and status 2', async () => {
	const rows: [string[], RegExp][] = [
		[['upp'], /Unknown command "upp"\. Did you mean "up"\?/],
		[['up', '--prot', '1'], /Unknown option "--prot"\. Did you mean "--port"\?/],
		[['up', 'now'], /"now" is too much/],
		[['up', '--port', 'http'], /--port is a whole number, not "http"/],
		[['test', 'integratoin'], /Did you mean "integration"\?/],
	];
	for (const [args, expected] of rows) {
		const { status, err } = await etabli(args);
		assert.equal(status, 2, args.join(' '));
		assert.match(err, expected);
		assert.doesNotMatch(err, /\bat .*:\d+:\d+/);
	}
});

test('it works from anywhere, through a symbolic link, in a folder with spaces', async (t) => {
	const place = folder(t);
	symlinkSync(command, join(place, 'a link'));
	symlinkSync('a link', join(place, 'another'));
	const { status, out } = await etabli(['--help'], { cwd: place, file: join(place, 'another') });
	assert.equal(status, 0);
	assert.match(out, /^Établi/);
});

test('no Node.js and no npm: one sentence with what to type', async (t) => {
	const place = folder(t);
	mkdirSync(join(place, 'bin'));
	for (const name of ['sh', 'dirname', 'readlink', 'apt-get', 'id', 'mkdir', 'tail', 'rm']) {
		const path = ['/usr/bin', '/bin'].map((each) => join(each, name)).find((each) => existsSync(each));
		if (path) symlinkSync(path, join(place, 'bin', name));
	}
	cpSync(command, join(place, 'etabli'));
	const { status, err } = await etabli(['up'], { file: join(place, 'etabli'), env: { PATH: join(place, 'bin'), ETABLI_NODE: undefined } });
	assert.equal(status, 1);
	assert.match(err, /^etabli: Node\.js and npm 7 or later are needed\. Type: (sudo )?apt-get install -y nodejs npm\n$/);
});

test('ETABLI_NODE that is no Node.js is refused in a sentence', async () => {
	const { status, err } = await etabli(['--help'], { env: { ETABLI_NODE: '/bin/true-not-there' } });
	assert.equal(status, 1);
	assert.match(err, /^etabli: ETABLI_NODE=\/bin\/true-not-there is not a Node\.js/);
});

test('an npm that fails leaves nothing half done, and says where to look', async (t) => {
	const place = folder(t);
	mkdirSync(join(place, 'bin'));
	writeFileSync(join(place, 'bin/npm'), '#!/bin/sh\n[ "$1" != --version ] || { echo 10.9.2; exit; }\necho "npm error network"; exit 1\n');
	// A Node.js that is too old.
	writeFileSync(join(place, 'bin/node'), '#!/bin/sh\nexit 1\n');
	for (const name of ['npm', 'node']) chmodSync(join(place, 'bin', name), 0o755);
	cpSync(command, join(place, 'etabli'));
	const { status, err } = await etabli(['up'], {
		file: join(place, 'etabli'),
		env: { PATH: `${join(place, 'bin')}:/usr/bin:/bin`, ETABLI_NODE: undefined },
	});
	assert.equal(status, 1);
	assert.match(err, /npm error network/);
	assert.match(err, /npm could not install the package node-linux-\w+@24\.\d+\.\d+ /);
	assert.deepEqual(readdirSync(join(place, '.etabli')), ['node.log']);
});

test('with --json, what is told on the way goes where it is in no program’s way', async (t) => {
	const place = folder(t);
	for (const part of [
		'etabli',
		'package.json',
		'package-lock.json',
		'sandbox-server',
		'src',
		'tests/fixtures/courses',
		'tests/fixtures/killercoda',
	])
		cpSync(join(root, part), join(place, part), { recursive: true });
	mkdirSync(join(place, 'bin'));
	writeFileSync(
		join(place, 'bin/npm'),
		`#!/bin/sh\n[ "$1" != --version ] || exec echo 10.9.4\necho added packages; ln -s '${join(root, 'node_modules')}' node_modules\n`,
	);
	chmodSync(join(place, 'bin/npm'), 0o755);
	const options = { file: join(place, 'etabli'), cwd: place, env: { PATH: `${join(place, 'bin')}:${environment.PATH}` } };
	const courses = ['--courses', 'tests/fixtures/courses'];
	for (const [args, key] of [
		[['lint', '--json', ...courses], 'problems'],
		[['import', 'killercoda', 'tests/fixtures/killercoda/garden', '--into', 'made', '--json'], 'scenarios'],
	] as const) {
		rmSync(join(place, 'node_modules'), { force: true });
		const { out, err, status } = await etabli(args, options);
		assert.equal(status, 0, err);
		assert.match(err, /Packages/);
		assert.ok(Array.isArray(JSON.parse(out)[key]), key);
	}
});

test('a port that is taken: one sentence before any work', async (t) => {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	const { port } = server.address() as { port: number };
	const { status, out, err } = await etabli(['up', '--port', String(port), '--data', folder(t)]);
	assert.equal(status, 1);
	assert.equal(out, '');
	assert.match(err, new RegExp(`Port ${port} of 127\\.0\\.0\\.1 is taken by another program\\.\n.*--port ${port + 1}`));
});

test('a data folder that cannot be: one sentence before any work', async (t) => {
	const place = folder(t);
	writeFileSync(join(place, 'file'), '');
	const { status, out, err } = await etabli(reading(join(place, 'file/data')));
	assert.equal(status, 1);
	assert.equal(out, '');
	assert.match(err, /Something else is in the way: could not write into the data folder .*file\/data\.\n.*--data/);
});

test('a read-only data folder: one sentence (also for root, whom only the kernel stops)', async () => {
	const { status, err } = await etabli(reading('/proc/etabli'));
	assert.equal(status, 1);
	assert.match(err, /That is no place for files: could not write into the data folder \/proc\/etabli/);
});

test('a configuration file: used, and its mistakes named with their line', async (t) => {
	const place = folder(t);
	const file = join(place, 'my.yaml');
	writeFileSync(file, 'host: 127.0.0.1\nprot: 80\n');
	const { status, err } = await etabli(['up', '--config', file, '--data', join(place, 'data')]);
	assert.equal(status, 2);
	assert.match(err, /my\.yaml:2/);
	assert.match(err, /port/);
});

test('a whole life in reading mode: ready, a second start refused, Ctrl-C, started again at once, stopped by down', async (t) => {
	const data = join(folder(t), 'data');
	const first = start(reading(data));
	t.after(() => first.child.kill('SIGKILL'));
	const [, address = ''] = await until(first.said, /ready: (http:\/\/127\.0\.0\.1:\d+)\//, first.ended);
	assert.equal((await fetch(`${address}/healthz`)).status, 200);
	const page = await fetch(`${address}/fr/`);
	assert.equal(page.status, 200);
	assert.match(await page.text(), /lang="fr"/);

	const second = await etabli(reading(data));
	assert.equal(second.status, 1);
	assert.ok(second.err.includes(`already running at ${address}`), second.err);

	first.child.kill('SIGINT');
	assert.equal((await first.ended).status, 0);
	await assert.rejects(fetch(`${address}/healthz`));

	const again = start(reading(data));
	t.after(() => again.child.kill('SIGKILL'));
	const [, next = ''] = await until(again.said, /ready: (http:\/\/127\.0\.0\.1:\d+)\//, again.ended);
	assert.doesNotMatch(again.said.out, /Building/);
	const down = await etabli(['down', '--data', data]);
	assert.equal(down.status, 0, down.err);
	assert.match(down.out, /Stopping the server at/);
	assert.equal((await again.ended).status, 0);
	await assert.rejects(fetch(`${next}/healthz`));
	assert.match((await etabli(['down', '--data', data])).out, /Nothing was running/);
});

test('an engine that does not answer: said once, the lessons are served all the same, and learners are told that it is awaited', async (t) => {
	const data = join(folder(t), 'data');
	const { child, said, ended } = start([...reading(data), '--engine', 'unix:///nowhere/docker.sock']);
	t.after(() => child.kill('SIGKILL'));
	const [, address = ''] = await until(said, /ready: (http:\/\/127\.0\.0\.1:\d+)\//, ended);
	assert.match(said.out, /The container engine at unix:\/\/\/nowhere\/docker\.sock does not answer/);
	assert.match(said.out, /have them as soon as it answers/);
	assert.equal((await fetch(`${address}/en/`)).status, 200);
	const learner = await new LearnerClient({ address, course: 'demo', lesson: 'first', language: 'en' }).connect();
	assert.equal(learner.sandbox.state, 'unavailable');
	assert.match(learner.sandbox.reason ?? '', /keep trying/);
	await learner.disconnect();
	child.kill('SIGTERM');
	assert.equal((await ended).status, 0);
});

test('interrupted while preparing: it says so, leaves no mark of a running server, and the next start works', async (t) => {
	const data = join(folder(t), 'data');
	const { child, said, ended } = start(reading(data));
	await until(said, /Building the site/, ended);
	child.kill('SIGINT');
	const { status, out } = await ended;
	assert.equal(status, 130);
	assert.match(out, /Interrupted\. Run \.\/etabli up again/);
	assert.equal(existsSync(join(data, 'run/server.json')), false);
	assert.equal(existsSync(join(data, 'stamps/site')), false);
	const again = start(reading(data));
	t.after(() => again.child.kill('SIGKILL'));
	await until(again.said, /ready: /, again.ended);
	again.child.kill('SIGINT');
	await again.ended;
});

test('a mistake in a course stops the start with file and remedy', async (t) => {
	const place = folder(t);
	cpSync(join(root, 'tests/fixtures/courses'), join(place, 'courses'), { recursive: true });
	const file = join(place, 'courses/demo/course.yaml');
	writeFileSync(file, readFileSync(file, 'utf8').replace('title:', 'titel:'));
	const { status, err } = await etabli([
		'up',
		'--engine',
		'none',
		'--port',
		'0',
		'--data',
		join(place, 'data'),
		'--courses',
		dirname(dirname(file)),
	]);
	assert.equal(status, 1);
	assert.match(err, /course\.yaml/);
	assert.match(err, /title/);
});

test('doctor: a table with a remedy for each thing that is wrong; status 1 when something failed', async (t) => {
	const { status, out } = await etabli(['doctor', '--data', folder(t), '--engine', 'unix:///nowhere.sock']);
	assert.equal(status, 1);
	assert.match(out, /✗ failed {3}Container engine +none answers \(unix:\/\/\/nowhere\.sock: .*\)\n +→ /);
	for (const subject of [
		'Node.js',
		'npm',
		'Control groups',
		'User namespaces',
		'/dev/fuse',
		'AppArmor',
		'Disk of the data',
		'Memory',
		'Port 8080',
		'Clock',
	])
		assert.ok(out.includes(subject), subject);
	assert.match(out, /\d+ ok, \d+ warnings?, \d+ failed\n$/);
});

test('a question is asked of a person at a terminal: no means no, and Enter means yes', async (t) => {
	const place = folder(t);
	const script = join(place, 'ask.ts');
	writeFileSync(
		script,
		`import { ask } from ${JSON.stringify(join(root, 'sandbox-server/setup/packages.ts'))};
import { asker } from ${JSON.stringify(join(root, 'sandbox-server/cli/asker.ts'))};
console.log('answer: ' + await ask(asker(false), 'Install and start Docker?'));
`,
	);
	const answer = (keys: string): Promise<string> =>
		new Promise((resolve) => {
			const terminal = spawnTerminal(process.execPath, [script], { env: { ...environment } as Record<string, string>, cwd: place });
			let text = '';
			let asked = false;
			terminal.onData((data) => {
				text += data;
				if (asked || !text.includes('[Y/n] ')) return;
				asked = true;
				terminal.write(keys);
			});
			terminal.onExit(() => resolve(text));
		});
	assert.match(await answer('n\r'), /Install and start Docker\? \[Y\/n\] .*answer: false/s);
	assert.match(await answer('\r'), /answer: true/);
	assert.match(await answer('what\roui\r'), /answer: true/);
	// Ctrl-D: whoever goes away has not agreed.
	assert.match(await answer('\u0004'), /answer: false/);
});

test('with nobody there, nobody is asked', async () => {
	assert.equal(await ask({ yes: false, interactive: false, input: process.stdin, output: process.stdout }, 'Install?'), true);
});
