/** `./etabli compare` with what this machine has, and with runtimes that are bad in every way: each is told, none stops the others. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { root } from '../../sandbox-server/setup/paths.ts';
import { contenders } from '../../sandbox-server/tools/comparison/contenders/index.ts';
import { ociRuntime } from '../../sandbox-server/tools/comparison/contenders/oci-runtime.ts';
import { makeSmallRoot } from '../../sandbox-server/tools/comparison/root-files.ts';
import { quickScale } from '../../sandbox-server/tools/comparison/rows/row.ts';
import { runComparison } from '../../sandbox-server/tools/comparison/run.ts';
import { comparisonSchema } from '../../src/shared/comparison/comparison.ts';
import { rowWords } from '../../src/shared/comparison/words.ts';

function folder(t: TestContext): string {
	const path = mkdtempSync(join(tmpdir(), 'cmp-'));
	// An ordinary user has to get through.
	chmodSync(path, 0o755);
	t.after(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

/** The real command, with files and a data folder of its own. */
function start(place: string, ...args: string[]) {
	const env = { ...process.env, ETABLI_NODE: process.execPath, ETABLI_ENGINE: 'none', TMPDIR: place };
	// As a careful caller has it: others could read nothing that is made.
	const command = ['-c', 'umask 077 && exec "$@"', 'sh', join(root, 'etabli'), 'compare', '--data', join(place, 'data'), ...args];
	return spawn('sh', command, { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What a run below this folder would have left. */
function left(place: string): string[] {
	const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
	const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
	const lines = processes.flatMap((pid) => {
		const { cmdline, environ, cwd } = traces(pid);
		return [cmdline, ...environ.split('\0'), cwd].map((text) => text && `process ${pid}: ${text}`);
	});
	return [...mounts, ...lines, ...readdirSync(place).filter((name) => name.startsWith('ec-'))].filter(
		(line) => /\bec-[0-9a-f]{8}/.test(line) && (line.includes(place) || line.startsWith('ec-')),
	);
}

/** Control groups of a run, and the folder above them where nobody else has any. */
function groupsOf(mark: string): string[] {
	const find = (...args: string[]) => spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', ...args], { encoding: 'utf8' }).stdout.split('\n');
	const above = find('-name', 'etabli-compare').filter(
		(path) => path !== '' && readdirSync(path, { withFileTypes: true }).every((one) => !one.isDirectory()),
	);
	return [...find('-name', `*${mark}*`).filter(Boolean), ...above];
}

const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--'];

/** An ordinary user of this machine may make namespaces. */
function nobodyMay(): boolean {
	const make = ['unshare', '--user', '--map-root-user', '--mount', '--pid', '--fork', 'true'];
	return process.getuid?.() === 0 && spawnSync('setpriv', [...nobody, ...make]).status === 0;
}

/** Where a process may name what it belongs to: some say it in their environment alone. */
function traces(pid: string): { cmdline: string; environ: string; cwd: string } {
	const read = (get: () => string): string => {
		try {
			return get();
		} catch {
			// It has ended meanwhile, or is another user's.
			return '';
		}
	};
	const [cmdline, environ] = ['cmdline', 'environ'].map((name) => read(() => readFileSync(`/proc/${pid}/${name}`, 'utf8')));
	return { cmdline: cmdline ?? '', environ: environ ?? '', cwd: read(() => readlinkSync(`/proc/${pid}/cwd`)) };
}

test('every cell has a figure or an answer with how it was measured, or a reason; nothing is left', async (t) => {
	const place = folder(t);
	const child = start(place, '--quick');
	let said = '';
	for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
	const [status] = await once(child, 'close');
	assert.equal(status, 0, said);
	const comparison = comparisonSchema.parse(JSON.parse(readFileSync(join(place, 'data/comparison/comparison.json'), 'utf8')));
	assert.deepEqual(comparison.left, []);
	assert.deepEqual(
		comparison.rows.map(({ id }) => id),
		Object.keys(rowWords),
	);
	const ids = comparison.contenders.map(({ id }) => id).sort();
	for (const { id, cells } of comparison.rows) {
		assert.deepEqual(Object.keys(cells).sort(), ids, id);
		for (const [who, cell] of Object.entries(cells)) {
			if (cell.kind === 'none') continue;
			assert.ok(cell.how.length > 0, `${id} of ${who}`);
			if (cell.kind === 'figure') assert.ok(cell.value >= cell.low && cell.value <= cell.high && cell.samples > 0, `${id} of ${who}`);
		}
	}
	const reference = comparison.contenders.find(({ id }) => id === 'unshare');
	assert.equal(reference?.absence, undefined, JSON.stringify(reference));
	for (const id of ['startMedian', 'syscalls', 'untar', 'read', 'atOnce', 'mount', 'ordinaryUser']) {
		const cell = comparison.rows.find((row) => row.id === id)?.cells['unshare'];
		// On a machine that is very slow there may be no time for it, which is said.
		assert.ok(cell?.kind === 'figure' || cell?.kind === 'answer' || cell?.reason === 'late', `${id}: ${JSON.stringify(cell)}`);
	}
	const asUser = comparison.rows.find(({ id }) => id === 'ordinaryUser')?.cells['unshare'];
	if (asUser?.kind === 'answer' && nobodyMay()) assert.equal(asUser.answer, 'yes', asUser.said);
	for (const { name, absence } of comparison.contenders) assert.ok(!absence || said.includes(`${name}: `), `${name} is told`);
	const text = readFileSync(join(place, 'data/comparison/comparison.md'), 'utf8');
	for (const { name } of comparison.contenders) assert.ok(text.includes(name), name);
	assert.deepEqual(left(place), []);
	const docker = spawnSync('docker', ['ps', '-a', '--format', '{{.Names}}'], { encoding: 'utf8' });
	const mark = /ec-([0-9a-f]{8})/.exec(JSON.stringify(comparison))?.[1];
	assert.ok(mark === undefined || !docker.stdout?.includes(mark), docker.stdout);
});

/** A run in the midst of it is sent these at once. */
async function interrupted(place: string, who: string, ...signals: NodeJS.Signals[]) {
	const child = start(place, who);
	let said = '';
	const begun = new Promise<void>((resolve) => {
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding('utf8').on('data', (text: string) => {
				said += text;
				if (said.includes('what is possible inside')) resolve();
			});
	});
	const closed = once(child, 'close');
	await Promise.race([begun, closed]);
	const mark = readdirSync(place).find((name) => name.startsWith('ec-')) ?? assert.fail(said);
	for (const signal of signals) child.kill(signal);
	const [status] = await closed;
	assert.deepEqual(left(place), [], said);
	assert.deepEqual(groupsOf(mark), [], said);
	assert.ok(!existsSync(join(place, 'data/comparison')));
	return { status, said };
}

test('Ctrl-C ends everything that was started, and saves nothing', async (t) => {
	const { status, said } = await interrupted(folder(t), 'runc', 'SIGINT');
	assert.equal(status, 130, said);
	assert.match(said, /everything that was started has ended/);
});

test('the second Ctrl-C leaves nothing either, a daemon of its own included', async (t) => {
	// Two of the same may come as one.
	const { status, said } = await interrupted(folder(t), 'containerd', 'SIGINT', 'SIGTERM');
	assert.ok(status === 130 || status === 143, said);
	assert.match(said, /Ended at once: what was started is killed/);
	assert.doesNotMatch(said, /etabli down|Still there/);
});

test('Apptainer runs as an ordinary user although the files stand where only root gets at them', async (t) => {
	if (!nobodyMay()) return t.skip('needs root, and a machine where an ordinary user may make namespaces');
	const place = folder(t);
	const files = join(place, 'images/root');
	makeSmallRoot(files);
	chmodSync(join(place, 'images'), 0o700);
	// Stands for this machine's own: does what it is asked as an ordinary user alone.
	writeFileSync(
		join(place, 'apptainer'),
		`#!/bin/sh
[ "$1" = --version ] && { echo 'apptainer version 1.3.0'; exit; }
[ "$(id -u)" = 65534 ] || exit 1
while [ "$1" != /mnt ] && [ "$1" != / ]; do shift; done
while [ "$1" != / ]; do shift; done
root=$2; shift 2
exec unshare --user --map-root-user chroot "$root" "$@"
`,
		{ mode: 0o755 },
	);
	chmodSync(join(place, 'apptainer'), 0o755);
	const path = process.env['PATH'];
	process.env['PATH'] = `${place}:${path}`;
	t.after(() => {
		process.env['PATH'] = path;
	});
	const taken = await runComparison({
		contenders: contenders.filter(({ id }) => id === 'unshare' || id === 'apptainer'),
		unreached: [],
		files: { kind: 'given', name: 'root', folder: files, reference: undefined },
		scale: { ...quickScale, starts: 1, atOnce: 1 },
		bounds: { version: 20, start: 20, work: 20 },
		seconds: 600,
		root: true,
		signal: t.signal,
		cutShort: () => undefined,
		around: (_title, work) => work(() => undefined),
	});
	const apptainer = taken.contenders.find(({ id }) => id === 'apptainer');
	assert.equal(apptainer?.note, 'asNobody', JSON.stringify(apptainer));
	assert.equal(apptainer?.absence, undefined);
	const cell = taken.rows.find(({ id }) => id === 'ordinaryUser')?.cells['apptainer'];
	assert.equal(cell?.kind === 'answer' && cell.answer, 'yes', JSON.stringify(cell));
	assert.ok(!JSON.stringify(taken).includes(files), 'nobody else reads where the files stand');
	assert.deepEqual(taken.left, []);
});

/** Runtimes by how they are bad, as shell scripts, and what is said of each. */
const bad: Record<string, { script: string; reason: string }> = {
	'never-answers': { script: 'exec sleep 1000', reason: 'hangs' },
	'prints-rubbish': { script: 'head -c 3000 /dev/urandom', reason: 'rubbish' },
	'says-another-name': { script: 'echo "otherc version 9.9"', reason: 'rubbish' },
	'is-too-old': { script: 'echo "badc version 0.9.1"', reason: 'tooOld' },
	'cannot-run-at-all': { script: 'echo "libwhatever.so: not found" >&2; exit 127', reason: 'rubbish' },
	'writes-half-a-spec': { script: ok('printf "{\\"process" > config.json', 'exit 1'), reason: 'noStart' },
	'dies-at-start': { script: ok(spec(), 'echo "cannot make namespaces" >&2; exit 1'), reason: 'noStart' },
	'says-yes-and-does-nothing': { script: ok(spec(), 'exit 0'), reason: 'noStart' },
	'hangs-at-start': { script: ok(spec(), 'exec sleep 1000'), reason: 'hangs' },
	floods: { script: ok(spec(), 'exec yes'), reason: 'hangs' },
};

function spec(): string {
	return `printf '{"process":{"args":[],"cwd":"/"},"root":{"path":"x"}}' > config.json`;
}

function ok(atSpec: string, atRun: string): string {
	return `case "$*" in --version) echo "badc version 1.2.3";; *spec*) ${atSpec};; *delete*) exit 1;; *) ${atRun};; esac`;
}

test('a runtime that is missing, too old, prints rubbish, dies or hangs is told as such, and the others go on', async (t) => {
	const place = folder(t);
	const programs = join(place, 'bin');
	mkdirSync(programs);
	for (const [name, { script }] of Object.entries(bad)) {
		writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`);
		chmodSync(join(programs, name), 0o755);
	}
	const path = process.env['PATH'];
	process.env['PATH'] = `${programs}:${path}`;
	t.after(() => {
		process.env['PATH'] = path;
	});
	const make = (name: string) =>
		ociRuntime({
			id: name,
			program: name,
			packages: 'none',
			version: /badc version (\S+)/,
			least: '1.0',
			options: [{ args: [], groups: false }],
			features: true,
		});
	const taken = await runComparison({
		// Whoever comes after all of them is reached.
		contenders: [...['is-missing', ...Object.keys(bad)].map(make), ...contenders.filter(({ id }) => id === 'unshare')],
		unreached: [],
		files: undefined,
		scale: { ...quickScale, starts: 1, atOnce: 1 },
		// A hang is what is waited for here; a machine that is slow makes no other of them hang less.
		bounds: { version: 1, start: 1, work: 5 },
		seconds: 600,
		root: process.getuid?.() === 0,
		signal: t.signal,
		cutShort: () => undefined,
		around: (_title, work) => work(() => undefined),
	});
	const reasons = Object.fromEntries(taken.contenders.map(({ id, absence }) => [id, absence?.kind === 'none' ? absence.reason : 'ran']));
	const { unshare, ...others } = reasons;
	const expected = Object.fromEntries(Object.entries(bad).map(([name, { reason }]) => [name, reason]));
	// On a machine that has no time even for a shell script all of them hang, which is as well.
	for (const [name, reason] of Object.entries({ 'is-missing': 'missing', ...expected }))
		assert.ok(others[name] === reason || (others[name] === 'hangs' && name !== 'is-missing'), `${name}: ${others[name]}, not ${reason}`);
	assert.ok(unshare === 'ran' || unshare === 'hangs' || unshare === 'noStart', unshare);
	assert.ok(taken.contenders.at(-1)?.version !== undefined || unshare === 'hangs');
	for (const { cells } of taken.rows)
		for (const name of Object.keys(others)) assert.equal(cells[name]?.kind, 'none', 'no figure of what never ran');
	assert.deepEqual(taken.left, []);
});
