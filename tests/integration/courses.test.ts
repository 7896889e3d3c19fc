/** Courses as units of their own: outside the checkout, with their own images and versions, and taken to a machine without internet. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { connectEngine } from '../../sandbox-server/runtimes/find-engine.ts';
import type { Images } from '../../sandbox-server/setup/images.ts';
import { root } from '../../sandbox-server/setup/paths.ts';
import { Step } from '../../sandbox-server/setup/progress.ts';
import { which } from '../../sandbox-server/setup/run.ts';
import { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { checkImages, loadImages } from '../../sandbox-server/tools/transfer/images.ts';

const engine = process.env['ETABLI_TEST_ENGINE'] ?? '';
const demo = join(root, 'tests/fixtures/courses/demo');
const command = join(root, 'etabli');
const env = { ...process.env, ETABLI_NODE: process.execPath, ETABLI_ENGINE: engine, NODE_TEST_CONTEXT: undefined };
/** ms; a machine that others use takes its time. */
const patienceMs = patience(600_000);

function place(t: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-units-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

function type(...args: string[]): { status: number | null; said: string } {
	const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8', timeout: patienceMs });
	return { status, said: stdout + stderr };
}

/** A course whose machine knows its name. */
function course(path: string, name: string, version = ''): string {
	cpSync(demo, path, { recursive: true });
	appendFileSync(join(path, 'course.yaml'), `name: ${name}\npool: 0\n${version}`);
	writeFileSync(join(path, 'image/Dockerfile'), `ARG BASE\nFROM \${BASE}\nRUN echo ${name} > /etc/which-course\n`);
	return path;
}

function git(path: string, ...args: string[]): string {
	const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
	return execFileSync('git', [...identity, ...args], { cwd: path, encoding: 'utf8' }).trim();
}

/** Images of courses that a test has made up. */
function removeImages(t: TestContext, ...names: string[]): void {
	t.after(async () => {
		const { images } = await connectEngine({ url: engine, stateDir: tmpdir() });
		for (const name of names) for (const tag of await images.names(`etabli-course-${name}`)) await images.untag(tag);
	});
}

test('two courses from two places, one of them a repository outside the checkout, each with its own image, on one server', async (t) => {
	const folder = place(t);
	const repository = course(join(folder, 'Repository.git'), 'unit-one', 'version: 2.1.0\n');
	writeFileSync(join(repository, 'README.md'), '# A course\n');
	git(repository, 'init', '-q');
	git(repository, 'add', '.');
	git(repository, 'commit', '-qm', 'one');
	const commit = git(repository, 'rev-parse', 'HEAD').slice(0, 8);
	course(join(folder, 'many/unit-two'), 'unit-two');
	removeImages(t, 'unit-one', 'unit-two');
	const data = join(folder, 'data');
	const places = ['--courses', repository, '--courses', join(folder, 'many')];
	const server = spawn(command, ['up', '--data', data, '--port', '0', '--yes', ...places], { cwd: root, env });
	const ended = once(server, 'close');
	let said = '';
	const learners: LearnerClient[] = [];
	try {
		const address = await new Promise<string>((resolve, reject) => {
			for (const stream of [server.stdout, server.stderr]) {
				stream.setEncoding('utf8').on('data', (text: string) => {
					said += text;
					const found = /Établi is ready: (\S+?)\/\s/.exec(said)?.[1];
					if (found) resolve(found);
				});
			}
			server.once('close', () => reject(new Error(said)));
		});
		for (const name of ['unit-one', 'unit-two']) {
			const learner = await new LearnerClient({ address, course: name, lesson: 'first', language: 'en' }).connect();
			learners.push(learner);
			await learner.start();
			assert.match(await (await learner.terminal()).run('cat /etc/which-course'), new RegExp(name));
		}
		const page = await (await fetch(`${address}/fr/unit-one/first/`)).text();
		assert.match(page, new RegExp(`version 2\\.1\\.0 \\(${commit}\\)`));
		assert.doesNotMatch(await (await fetch(`${address}/fr/unit-two/first/`)).text(), /course-version/);
		assert.match(type('status', '--data', data).said, new RegExp(`unit-one +0 +0 +2\\.1\\.0 \\(${commit}\\)`));
	} finally {
		for (const learner of learners) await learner.disconnect();
		server.kill('SIGTERM');
		await ended;
	}
	assert.equal(git(repository, 'status', '--porcelain', '--ignored'), '', 'nothing was written there');
});

test('two courses of one name are refused in one sentence, with both places', (t) => {
	const folder = place(t);
	const [a, b] = [course(join(folder, 'a'), 'same'), course(join(folder, 'b'), 'same')];
	const { status, said } = type('lint', '--courses', a, '--courses', b);
	assert.equal(status, 1);
	assert.match(said, new RegExp(`Two courses are called "same": ${a} and ${b}\\.\n {2}→ Give one of them another name`));
});

test('an image that was built with --mirror is called on the other machine as it is without', async (t) => {
	const folder = place(t);
	const { images: store } = await connectEngine({ url: engine, stateDir: folder });
	const [saved, as] = ['etabli-base:aaaaaaaaaaaa', 'etabli-base:bbbbbbbbbbbb'];
	const images = JSON.parse(process.env['ETABLI_TEST_IMAGES'] ?? '{}') as Partial<Images>;
	await store.tag(images.seeds?.[0]?.image ?? '', saved);
	t.after(() => store.untag(as));
	const bytes = await buffer(await store.save([saved]));
	await checkImages(Readable.from([bytes]) as AsyncIterable<Buffer>, [saved]);
	const step = new Step(() => undefined);
	await loadImages({ store, stream: Readable.from([bytes]), images: [{ saved, as }], step });
	assert.ok(await store.inspect(as));
	assert.equal(await store.inspect(saved), undefined);
});

/** Why no second engine can be had here; undefined: it can. */
function whyNoSecondEngine(): string | undefined {
	if (process.getuid?.() !== 0) return 'a second container engine needs root';
	const missing = ['dockerd', 'docker', 'unshare', 'ip', 'curl'].find((program) => which(program) === undefined);
	return missing && `there is no ${missing}`;
}

test('export here, import there: an engine with no image, a network with nobody in it, no npm', {
	skip: whyNoSecondEngine(),
}, async (t) => {
	const folder = place(t);
	const courses = join(folder, 'courses');
	assert.equal(type('new', 'course', 'unit-three', '--courses', courses).status, 0);
	appendFileSync(join(courses, 'unit-three/course.yaml'), '\nversion: 1.2.0\n');
	removeImages(t, 'unit-three');
	const archive = join(folder, 'export.tar');
	const options = ['--courses', courses, '--data', join(folder, 'data'), '--yes'];
	const exported = type('export', archive, '--course', 'unit-three', ...options);
	assert.equal(exported.status, 0, exported.said);
	assert.match(exported.said, /Made: .*export\.tar, \d+\.\d MiB\n {2}unit-three 1\.2\.0\n {2}SHA-256 [0-9a-f]{64}\n/);
	const again = type('export', archive, ...options);
	assert.deepEqual([again.status, /exists already/.test(again.said)], [1, true], again.said);

	const notices = execFileSync('tar', ['-xOf', archive, 'etabli/THIRD-PARTY-NOTICES.txt'], { encoding: 'utf8', maxBuffer: 2 ** 26 });
	for (const part of [
		/^Node\.js is licensed/m,
		/^fastify \d/m,
		/^@img\/sharp-libvips-linux-.*LGPL/m,
		/GNU C\nLibrary/,
		/^ +GNU LESSER GENERAL PUBLIC LICENSE/m,
	])
		assert.match(notices, part);
	assert.match(notices, /^Image etabli-course-unit-three:[\s\S]*?snapshot\.debian\.org\/package\/bash\//m);

	const half = join(folder, 'half.tar');
	execFileSync('sh', ['-c', `head -c ${Math.floor(statSync(archive).size * 0.7)} '${archive}' > '${half}'`]);
	const there = join(folder, 'there');
	mkdirSync(there);
	const script = join(import.meta.dirname, '../fixtures/offline-machine.sh');
	const quiet = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: there, LANG: 'C.UTF-8' };
	const result = spawnSync('unshare', ['-n', 'sh', script, there, archive, half], { env: quiet, encoding: 'utf8', timeout: patienceMs });
	const said = result.stdout + result.stderr;
	if (/NO SECOND ENGINE/.test(said)) return t.skip(`a second container engine does not run here: ${said.slice(-500)}`);
	const part = (name: string): string => new RegExp(`== ${name}\n([\\s\\S]*?)\n== `).exec(said)?.[1] ?? `(no ${name})`;
	assert.match(part('half'), /half\.tar ends too early: it has not been copied completely\.[\s\S]*status 1/, said);
	assert.equal(part('after half'), 'images 0\nno courses\nno site', said);
	assert.match(part('import'), /Imported from .*\n {2}unit-three 1\.2\.0\n/, said);
	assert.match(part('again'), /Imported from/, said);
	assert.match(part('changed'), /The course "unit-three" is here already .* and differs[\s\S]*status 1/, said);
	assert.match(part('up'), /Établi is ready/, said);
	assert.doesNotMatch(part('up'), /✓ (Building|Compiling|Learners|Debian|Packages)/, 'nothing had to be made');
	assert.match(part('page'), /version 1\.2\.0/, said);
	assert.match(part('prove'), /unit-three 1\.2\.0\nProved: (\d+) of \1 proofs/, said);
	assert.equal(existsSync(join(there, 'etabli/.etabli/packed.tar.gz')), false);
	assert.match(readFileSync(join(there, 'etabli/courses/unit-three/course.yaml'), 'utf8'), /version: 1\.2\.0/);
	return undefined;
});
