/** Learners' files from one sandbox to the next, by real shells and the real tar: kept, brought back, too large, broken, begun afresh. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { AgentListener } from '../../sandbox-server/agent/connection.ts';
import { bareLab } from '../../sandbox-server/labs/lab.ts';
import { LabService } from '../../sandbox-server/labs/lab-service.ts';
import { systemClock } from '../../sandbox-server/platform/clock.ts';
import { LearnerValues } from '../../sandbox-server/sandboxes/learner-values.ts';
import { MarkReader } from '../../sandbox-server/sandboxes/shell-integration/marks.ts';
import { openStore } from '../../sandbox-server/store/sqlite-store.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { type Course, lessonSchema } from '../../src/shared/course/course.ts';
import { eventually } from '../fixtures/eventually.ts';
import { KeptLog, testCourse, testLesson } from '../fixtures/in-process-sandboxes.ts';
import { ProcessRuntime } from '../fixtures/process-runtime.ts';

const MiB = 2 ** 20;
const setup = '#!/bin/sh\necho prepared >> from-setup\n';

/** For it, what is in ~/.cluster may be a cluster's. */
const clustered = testLesson('cluster', { settings: lessonSchema.parse({ minutes: 10, steps: [{ id: 'one' }], cluster: 'slurm' }) });

class Machine {
	readonly data = mkdtempSync(join(tmpdir(), 'etabli-'));
	readonly home = join(this.data, 'home');
	readonly runtime = new ProcessRuntime(this.home);
	readonly store = openStore(':memory:');
	readonly log = new KeptLog();
	readonly courses = [testCourse('a', {}, [testLesson('first', { setup }), clustered])];
	readonly lab = bareLab({ owner: this.store.createLearner(), course: this.courses[0] as Course });
	readonly notices: string[] = [];
	service!: LabService;

	async serve(): Promise<void> {
		this.service = new LabService({
			settings: {
				data: this.data,
				instance: 'test',
				maxSandboxes: 2,
				home: this.home,
				image: () => 'none',
				scriptEnv: { PATH: process.env['PATH'] ?? '' },
				shell: ['bash', '--norc', '-i'],
				shellsAhead: false,
				homes: { limit: 2 * MiB, days: 30 },
			},
			courses: this.courses,
			store: this.store,
			values: new LearnerValues(Buffer.alloc(32)),
			runtime: this.runtime,
			clock: systemClock,
			log: this.log,
			listenAgent: (transport, onAgent) => AgentListener.listen(transport, onAgent),
			listenRegistry: undefined,
			markReader: (onCommand, keepPrinted, onStart) => new MarkReader(onCommand, { keepPrinted, onStart }),
		});
		this.service.subscribe({ notice: (_lab, code, values) => this.notices.push(`${code} ${values['files'] ?? ''}`.trim()) });
		await this.service.open();
	}

	/** A sandbox in which somebody has opened the lesson's terminal and typed. */
	async work(script: string): Promise<void> {
		const { service, lab } = this;
		service.start(lab);
		await eventually(() => service.report(lab, 'en').state === 'ready', 'a sandbox');
		const { terminal } = await service.terminal(lab, {
			lesson: 'first',
			number: '1',
			size: { cols: 80, rows: 24 },
			language: 'en',
		});
		const nothing = { output() {}, preamble() {}, resized() {}, live() {}, gap() {}, refused() {}, exited() {}, gone() {} };
		const viewer = terminal.drive({ size: { cols: 80, rows: 24 }, credit: MiB, sink: nothing });
		viewer.input(Buffer.from('\n'));
		viewer.close();
		const result = await service.sandbox(lab).run({
			name: 'work',
			script: `#!/bin/bash\nset -e\n${script}\n`,
			cwd: this.home,
			env: { PATH: process.env['PATH'] ?? '' },
			timeLimitMs: patience(30_000),
			outputLimit: MiB,
		});
		assert.deepEqual({ ...result, ms: 0 }, { outcome: 'exited', code: 0, ms: 0, stdout: '', stderr: '' });
	}

	/** Archives on the disk. */
	archives(): string[] {
		return readdirSync(join(this.data, 'homes'), { recursive: true, encoding: 'utf8' }).filter((name) => /\.tar\.gz$/.test(name));
	}
}

async function machine(t: TestContext): Promise<Machine> {
	const one = new Machine();
	t.after(async () => {
		await one.service.close({ keep: true });
		await one.runtime.destroyAll();
		one.store.close();
		rmSync(one.data, { recursive: true, force: true });
	});
	await one.serve();
	return one;
}

test('files come back as they were: names, modes, links, holes; a lesson is not set up over them; caches are left out', async (t) => {
	const one = await machine(t);
	await one.work(`
		echo mine > 01-first/from-setup
		mkdir -p $'odd\\nname' -- '-rf' .apptainer/cache .cache; echo 1 > $'odd\\nname/é'; echo 2 > ./-rf/x
		mkdir shut; echo 3 > shut/file; chmod 400 shut/file; chmod 500 shut
		ln -s /etc/passwd link; ln -s no/where dangling; ln 01-first/from-setup hard
		truncate -s 200M image; printf end >> image
		dd if=/dev/urandom of=.apptainer/cache/blob bs=1M count=5 status=none; mkfifo pipe
	`);
	const asked = Date.now();
	await one.service.end(one.lab);
	assert.equal(existsSync(one.home), false);
	const report = one.service.report(one.lab, 'en');
	assert.deepEqual([report.state, report.reason], ['none', undefined]);
	assert.ok((report.kept ?? 0) >= asked);
	assert.equal(one.archives().length, 1);
	assert.equal(statSync(join(one.data, 'homes', one.archives()[0] ?? '')).mode & 0o777, 0o600);

	await one.work(`
		test "$(cat 01-first/from-setup)" = mine; test "$(cat $'odd\\nname/é')" = 1; test "$(cat ./-rf/x)" = 2
		test "$(stat -c %a shut shut/file | tr '\\n' ' ')" = '500 400 '; test "$(readlink link)" = /etc/passwd; test -L dangling
		test 01-first/from-setup -ef hard; test "$(stat -c %s image)" = 209715203; test "$(du -k image | cut -f1)" -lt 1000
		test "$(tail -c 3 image)" = end; test ! -e .apptainer/cache; test ! -e pipe
		echo more > more
	`);
	const [sandbox] = one.store.sandboxes();
	assert.ok(sandbox);
	assert.deepEqual(
		readdirSync('/tmp').filter((name) => name.startsWith(`.home-of-${sandbox.name}`)),
		[],
		'nothing is left of the unpacking',
	);
	await one.service.end(one.lab);
	assert.equal(one.archives().length, 1, 'the newer in place of the older');
	await one.work('test "$(cat more)" = more');
	assert.deepEqual(one.notices, []);
});

/** ~/.cluster, as guest/cluster makes it: of the sandbox that says so. */
const clusterOf = (whose: string) =>
	`mkdir -p .cluster/ssh; for name in slurm.key slurm.conf slurm.conf.original cgroup.conf shape ssh/host; do echo ${whose} > .cluster/$name; done`;

test('the cluster that runs keeps its key and settings when a home is brought back; what is the learner’s own of them comes', async (t) => {
	const one = await machine(t);
	await one.work(`
		${clusterOf('first')}; echo 41 > .cluster/forgotten; echo mine > .cluster/slurm.conf.yours; mkdir .cluster/mine; echo note > .cluster/mine/note
		ln .cluster/slurm.conf copied; ln -s .cluster/slurm.conf.yours shown
	`);
	await one.service.end(one.lab);
	// What a sandbox of the pool has before it is anybody's.
	one.runtime.furnish = clusterOf('second');
	await one.work(`
		test "$(cat .cluster/slurm.key .cluster/slurm.conf .cluster/slurm.conf.original .cluster/cgroup.conf .cluster/shape .cluster/ssh/host | sort -u)" = second
		test ! -e .cluster/forgotten; test "$(cat .cluster/slurm.conf.yours shown)" = $'mine\nmine'; test "$(cat .cluster/mine/note)" = note
		test "$(cat copied)" = first; test ! -e .cluster.kept
		rm -rf .cluster; ln -s 01-first .cluster
	`);
	await one.service.end(one.lab);
	await one.work(
		'test -d .cluster; test ! -h .cluster; test "$(cat .cluster/slurm.conf)" = second; test ! -e .cluster.kept; rm -rf .cluster; echo 1 > .cluster',
	);
	await one.service.end(one.lab);
	one.runtime.furnish = '';
	await one.work('test ! -e .cluster; test "$(cat copied)" = first');
	assert.deepEqual(one.notices, []);
});

test('start afresh: nothing comes back, the lesson is set up anew, and nothing is kept of what was', async (t) => {
	const one = await machine(t);
	await one.work('echo mine > 01-first/from-setup');
	await one.service.end(one.lab);
	await one.work('test "$(cat 01-first/from-setup)" = mine');
	await one.service.reset(one.lab);
	await one.work('test "$(cat 01-first/from-setup)" = prepared');
	assert.deepEqual([one.archives(), one.store.homes()], [[], []]);
});

test('what is too large is left out by name; the rest is kept', async (t) => {
	const one = await machine(t);
	await one.work('echo small > small; head -c 3000000 /dev/urandom > large.sif');
	await one.service.end(one.lab);
	assert.match(one.service.report(one.lab, 'en').reason ?? '', /^Too large .*: large\.sif \(3 MiB\)/);
	await one.work('test "$(cat small)" = small; test ! -e large.sif; for i in $(seq 40); do head -c 100000 /dev/urandom > $i; done');
	await one.service.end(one.lab);
	assert.match(one.service.report(one.lab, 'fr').reason ?? '', /^Trop grand/);
	await one.work('test "$(cat small)" = small; test ! -e 1');
	assert.equal(one.archives().length, 1);
});

test('a home that would swell is not kept: what swells is left out by name, and so is too many files', async (t) => {
	const one = await machine(t);
	await one.work('echo small > small; head -c 40000000 /dev/zero > zeros');
	await one.service.end(one.lab);
	assert.match(one.service.report(one.lab, 'en').reason ?? '', /^Too large .*: zeros \(38 MiB\)/);
	await one.work('test "$(cat small)" = small; test ! -e zeros; echo changed > small; mkdir many; cd many; seq 50001 | xargs touch');
	await one.service.end(one.lab);
	assert.match(one.service.report(one.lab, 'en').reason ?? '', /^Too large/);
	await one.work('test "$(cat small)" = small; test ! -e many');
});

test('an archive that was made to swell is given up soon when it is brought back, and told; it is not replaced', async (t) => {
	const one = await machine(t);
	await one.work('echo mine > file');
	await one.service.end(one.lab);
	const path = join(one.data, 'homes', one.archives()[0] ?? '');
	const made = join(one.data, 'made');
	mkdirSync(join(made, 'a/home'), { recursive: true });
	execFileSync('head', ['-c', String(200 * MiB), '/dev/zero'], { stdio: ['ignore', openSync(join(made, 'a/home/zeros'), 'w'), 'inherit'] });
	execFileSync('tar', ['-C', made, '-czf', path, 'a']);
	const { size } = statSync(path);
	assert.ok(size < MiB);
	await one.work('test "$(stat -c %s zeros)" -lt 40000000');
	assert.deepEqual(one.notices, ['home-not-restored']);
	await one.service.end(one.lab);
	assert.equal(statSync(path).size, size);
});

test('a server that stops keeps the files of everybody; the next one has them', async (t) => {
	const one = await machine(t);
	await one.work('echo mine > file');
	await one.service.close({ keep: false });
	assert.equal(existsSync(one.home), false);
	mkdirSync(join(one.data, 'homes/a'), { recursive: true });
	writeFileSync(join(one.data, 'homes/a/left-by-a-killed-server.tar.gz'), 'x');
	await one.serve();
	assert.equal(one.archives().length, 1);
	await one.work('test "$(cat file)" = mine');
});

test('an archive that cannot be unpacked is told, and is not replaced by what comes after', async (t) => {
	const one = await machine(t);
	await one.work('head -c 300000 /dev/urandom > file');
	await one.service.end(one.lab);
	const path = join(one.data, 'homes', one.archives()[0] ?? '');
	truncateSync(path, 100_000);
	await one.work('echo new > new');
	assert.deepEqual(one.notices, ['home-not-restored']);
	// The next server knows it too.
	await one.service.close({ keep: true });
	await one.serve();
	await one.work('test -e new; echo newer > newer');
	await one.service.end(one.lab);
	assert.equal(statSync(path).size, 100_000);
});

test('an archive that a learner made up writes nothing outside the home', async (t) => {
	const one = await machine(t);
	await one.work('echo mine > file');
	await one.service.end(one.lab);
	const path = join(one.data, 'homes', one.archives()[0] ?? '');
	const made = join(one.data, 'made');
	mkdirSync(join(made, 'a/home'), { recursive: true });
	writeFileSync(join(made, 'a/home/evil'), 'evil');
	const outside = join(one.data, 'outside');
	execFileSync('tar', ['-C', made, '-czPf', path, '--transform', 's,a/home/evil,a/home/../outside,', 'a']);
	assert.match(execFileSync('tar', ['-tPzf', path], { encoding: 'utf8' }), /home\/\.\.\/outside/);
	one.service.start(one.lab);
	await eventually(() => one.service.report(one.lab, 'en').state === 'ready', 'a sandbox');
	assert.equal(existsSync(outside), false);
	assert.equal(readFileSync(path).length > 0, true);
});

test('work is taken home as one archive, from the living sandbox whatever its size, and from what was kept', async (t) => {
	const one = await machine(t);
	const list = async () => {
		const path = join(one.data, 'taken.tar.gz');
		writeFileSync(path, await buffer(await one.service.takeHome(one.lab, 'en')));
		return execFileSync('tar', ['-tzf', path], { encoding: 'utf8' });
	};
	assert.equal(await list(), 'a/README.txt\n', 'nothing yet');
	await one.work('head -c 3000000 /dev/urandom > large; echo small > small');
	assert.match(await list(), /^a\/README.txt\n(a\/history.*\n)?(a\/terminals\/.*\n)*a\/home\/\n[\s\S]*a\/home\/large\n/);
	const unread = await one.service.takeHome(one.lab, 'en');
	await assert.rejects(list(), /sandbox-busy/, 'what nobody reads takes room on the disk: no second one beside it');
	unread.destroy();
	await once(unread, 'close');
	assert.match(await list(), /large/);
	await one.service.end(one.lab);
	const kept = await list();
	assert.match(kept, /a\/home\/small\n/);
	assert.doesNotMatch(kept, /large/);
	assert.equal(readdirSync(join(one.data, 'homes/a')).length, 1, 'nothing is left of the packing');
});
