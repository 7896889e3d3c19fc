/** What the command takes from outside: Node.js from a registry, and names that it says on the terminal. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createWebServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { root } from '../../sandbox-server/setup/paths.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';

const command = join(root, 'etabli');
/** What a person's shell has; nothing of this test run. */
const environment = { PATH: process.env['PATH'], HOME: process.env['HOME'], LANG: 'C.UTF-8', ETABLI_NODE: process.execPath };

async function etabli(args: readonly string[], { file = command, env = {} }: { file?: string; env?: NodeJS.ProcessEnv } = {}) {
	const child = spawn(file, args, {
		cwd: root,
		env: { ...environment, ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
		timeout: patience(120_000),
	});
	const said = { out: '', err: '' };
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		said.out += text;
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		said.err += text;
	});
	const [status] = (await once(child, 'close')) as [number | null];
	return { status, ...said };
}

function folder(t: TestContext): string {
	const path = mkdtempSync(join(tmpdir(), 'etabli cli '));
	t.after(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

test('a registry with another Node.js than ours: it is refused by its content, and nothing of it is run', {
	skip: !existsSync('/usr/bin/npm') && 'there is no npm',
}, async (t) => {
	const place = folder(t);
	mkdirSync(join(place, 'bin'));
	writeFileSync(join(place, 'bin/npm'), `#!/bin/sh\nPATH=/usr/bin:/bin exec /usr/bin/npm "$@"\n`);
	writeFileSync(join(place, 'bin/node'), '#!/bin/sh\nexit 1\n');
	mkdirSync(join(place, 'package/bin'), { recursive: true });
	writeFileSync(join(place, 'package/bin/node'), `#!/bin/sh\ntouch '${join(place, 'was run')}'\n`);
	for (const name of ['bin/npm', 'bin/node', 'package/bin/node']) chmodSync(join(place, name), 0o755);
	cpSync(command, join(place, 'etabli'));
	const version = /^\tnode_version=(.*)$/m.exec(readFileSync(command, 'utf8'))?.[1] ?? '';
	const asked: string[] = [];
	const registry = createWebServer((request, answer) => {
		asked.push(request.url ?? '');
		const name = /^\/([\w-]+)/.exec(request.url ?? '')?.[1] ?? '';
		if (request.url?.endsWith('.tgz'))
			return answer.end(execFileSync('tar', ['-czf', '-', '-C', place, 'package'], { maxBuffer: 2 ** 20 }));
		const dist = { tarball: `http://${request.headers.host}/${name}/-/${name}.tgz` };
		const versions = { [version]: { name, version, dist, bin: { node: 'bin/node' } } };
		return answer.setHeader('content-type', 'application/json').end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions }));
	}).listen(0, '127.0.0.1');
	await once(registry, 'listening');
	t.after(() => registry.close());
	writeFileSync(join(place, 'package/package.json'), JSON.stringify({ name: 'node', version }));
	const { port } = registry.address() as { port: number };
	const { status, err } = await etabli(['--help'], {
		file: join(place, 'etabli'),
		env: {
			PATH: `${join(place, 'bin')}:/usr/bin:/bin`,
			ETABLI_NODE: undefined,
			HOME: place,
			npm_config_registry: `http://127.0.0.1:${port}/`,
			npm_config_fetch_retries: '0',
		},
	});
	assert.ok(
		asked.some((url) => url.startsWith('/node-linux-')),
		`the registry was asked: ${asked.join(' ')}\n${err}`,
	);
	assert.equal(status, 1);
	assert.match(err, /EINTEGRITY[\s\S]*npm could not install/);
	assert.equal(existsSync(join(place, 'was run')), false);
	assert.deepEqual(readdirSync(join(place, '.etabli')), ['node.log']);
});

/** The launcher alone, on a machine without a Node.js that is new enough. @param programs name → its script */
async function bare(t: TestContext, programs: Record<string, string>) {
	const place = folder(t);
	mkdirSync(join(place, 'bin'));
	for (const [name, script] of Object.entries({ node: 'exit 1', ...programs }))
		writeFileSync(join(place, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
	cpSync(command, join(place, 'etabli'));
	const env = { PATH: `${join(place, 'bin')}:/usr/bin:/bin`, ETABLI_NODE: undefined, HOME: place };
	const said = await etabli(['--help'], { file: join(place, 'etabli'), env });
	return { ...said, installed: existsSync(join(place, '.etabli')) };
}

test('an npm that cannot read our lock is told apart from a network that fails', async (t) => {
	for (const [npm, what] of [
		['echo 6.14.4', 'is 6.14.4'],
		['exit 1', 'does not start'],
	] as const) {
		const { status, err, installed } = await bare(t, { npm });
		assert.equal(status, 1);
		assert.match(err, new RegExp(`^etabli: npm 7 or later is needed, and this machine's ${what}\\. Install Node\\.js .*PATH\\.\n$`));
		assert.equal(installed, false);
	}
	for (const version of ['7.0.0', '9.2.0', '10.9.4', '11.0.0-pre.1']) {
		const npm = `[ "$1" = --version ] && exec echo ${version}; echo asked >&2; exit 1`;
		assert.match((await bare(t, { npm })).err, /asked\netabli: npm could not install/, version);
	}
});

test('so it is where Node.js is there and only the packages are missing', async (t) => {
	const place = folder(t);
	for (const part of ['etabli', 'package.json', 'package-lock.json', 'sandbox-server', 'src'])
		cpSync(join(root, part), join(place, part), { recursive: true });
	mkdirSync(join(place, 'bin'));
	const lint = async (npm: string) => {
		writeFileSync(join(place, 'bin/npm'), `#!/bin/sh\n${npm}\n`, { mode: 0o755 });
		return etabli(['lint'], { file: join(place, 'etabli'), env: { PATH: `${join(place, 'bin')}:/usr/bin:/bin` } });
	};
	for (const [npm, what] of [
		['echo 6.14.4', 'is 6\\.14\\.4'],
		['exit 1', 'does not start'],
	] as const) {
		const { status, err } = await lint(npm);
		assert.equal(status, 1);
		assert.match(err, new RegExp(`npm 7 or later is needed, and \\S.*/bin/npm ${what}\\.\n.*first in PATH`));
		assert.doesNotMatch(err, /network/);
	}
	assert.match((await lint('[ "$1" = --version ] && exec echo 10.9.4; echo asked >&2; exit 1')).err, /asked[\s\S]*Check the network/);
});

test('a processor for which nothing can be brought: what to do is said, and npm is not asked', async (t) => {
	const npm = '[ "$1" = --version ] && exec echo 10.0.0; echo "$PWD" >&2; cat package.json >&2; exit 1';
	for (const machine of ['riscv64', 'i686', 'armv7l']) {
		const { status, err, installed } = await bare(t, { npm, uname: `echo ${machine}` });
		assert.equal(status, 1);
		assert.match(
			err,
			new RegExp(`^etabli: there is no Node\\.js to be brought for this processor \\(${machine}\\)\\..*set ETABLI_NODE\\.\n$`),
		);
		assert.equal(installed, false);
	}
	for (const [machine, name] of [
		['x86_64', 'x64'],
		['aarch64', 'arm64'],
		['arm64', 'arm64'],
	])
		assert.match((await bare(t, { npm, uname: `echo ${machine}` })).err, new RegExp(`npm:node-linux-${name}@`), machine);
});

test('what courses, files and folders are called is spelt out on the terminal, and obeyed by none', async (t) => {
	const evil = 'x\x1b[2J\x9b31m\u202egnp';
	const place = join(folder(t), evil);
	const spelt = /x\\u001b\[2J\\u009b31m\\u202egnp/;
	const unseen = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u;
	const look = async (args: readonly string[], of: 'out' | 'err') => {
		const said = await etabli(args);
		assert.match(said[of], spelt, args[0]);
		assert.doesNotMatch(said.out + said.err, unseen, args[0]);
	};
	mkdirSync(join(place, 'courses/one'), { recursive: true });
	await look(['lint', '--courses', join(place, 'none')], 'err');
	writeFileSync(join(place, 'courses/one/course.yaml'), `${JSON.stringify({ title: { fr: 'a', en: 'a' }, [evil]: 1 })}\n`);
	for (const json of [[], ['--json']]) await look(['lint', '--courses', join(place, 'courses'), ...json], 'out');
	mkdirSync(join(place, 'data/logs'), { recursive: true });
	writeFileSync(join(place, 'data/logs/events.log'), `2026-01-01 00:00:00 UTC  ${evil}\n`);
	await look(['events', '--data', join(place, 'data')], 'out');
	await look(['status', '--data', join(place, 'data')], 'err');
});
