/** Learners' files from one sandbox to the next, by real shells and the real tar: kept, brought back, too large, broken, begun afresh. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { HolderListener } from '../../sandbox-server/holder/connection.ts';
import { systemClock } from '../../sandbox-server/sandboxes/clock.ts';
import { SandboxManager } from '../../sandbox-server/sandboxes/manager.ts';
import { openStore } from '../../sandbox-server/store/sqlite-store.ts';
import { MarkReader } from '../../sandbox-server/terminals/marks.ts';
import { LearnerValues } from '../../sandbox-server/values.ts';
import { eventually } from '../fixtures/eventually.ts';
import { KeptLog, testCourse, testLesson } from '../fixtures/in-process-sandboxes.ts';
import { ProcessEngine } from '../fixtures/process-engine.ts';

const MiB = 2 ** 20;
const setup = '#!/bin/sh\necho prepared >> from-setup\n';

class Machine {
	readonly data = mkdtempSync(join(tmpdir(), 'etabli-'));
	readonly home = join(this.data, 'home');
	readonly engine = new ProcessEngine(this.home);
	readonly store = openStore(':memory:');
	readonly log = new KeptLog();
	readonly learner = this.store.createLearner();
	readonly notices: string[] = [];
	manager!: SandboxManager;

	async serve(): Promise<void> {
		this.manager = new SandboxManager({
			settings: {
				data: this.data,
				guest: '/none',
				instance: 'test',
				maxSandboxes: 2,
				home: this.home,
				image: () => 'none',
				scriptEnv: { PATH: process.env['PATH'] ?? '' },
				shell: ['bash', '--norc', '-i'],
				shellsAhead: false,
				homes: { limit: 2 * MiB, days: 30 },
			},
			courses: [testCourse('a', {}, [testLesson('first', { setup })])],
			store: this.store,
			values: new LearnerValues(Buffer.alloc(32)),
			engine: this.engine,
			clock: systemClock,
			log: this.log,
			listenHolder: (path, onHolder) => HolderListener.listen(path, onHolder),
			listenRegistry: undefined,
			markReader: (onCommand, keepPrinted) => new MarkReader(onCommand, { keepPrinted }),
		});
		this.manager.subscribe({ notice: (_who, _course, code, values) => this.notices.push(`${code} ${values['files'] ?? ''}`.trim()) });
		await this.manager.open();
	}

	/** A sandbox in which somebody has opened the lesson's terminal and typed. */
	async work(script: string): Promise<void> {
		const { manager, learner } = this;
		manager.start(learner, 'a');
		await eventually(() => manager.report(learner, 'a', 'en').state === 'ready', 'a sandbox');
		const { terminal } = await manager.terminal(learner, {
			course: 'a',
			lesson: 'first',
			number: '1',
			size: { cols: 80, rows: 24 },
			language: 'en',
		});
		const nothing = { output() {}, preamble() {}, resized() {}, live() {}, gap() {}, exited() {}, gone() {} };
		const viewer = terminal.view({ cols: 80, rows: 24 }, MiB, nothing);
		viewer.input(Buffer.from('\n'));
		viewer.close();
		const result = await manager.bench(learner, 'a').run({
			name: 'work',
			script: `#!/bin/bash\nset -e\n${script}\n`,
			cwd: this.home,
			env: { PATH: process.env['PATH'] ?? '' },
			timeLimitMs: 30_000,
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
		await one.manager.close({ keep: true });
		await one.engine.destroyAll();
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
	await one.manager.end(one.learner, 'a');
	assert.equal(existsSync(one.home), false);
	const report = one.manager.report(one.learner, 'a', 'en');
	assert.deepEqual([report.state, report.reason], ['none', undefined]);
	assert.ok(Date.now() - (report.kept ?? 0) < 60_000);
	assert.equal(one.archives().length, 1);
	assert.equal(statSync(join(one.data, 'homes', one.archives()[0] ?? '')).mode & 0o777, 0o600);

	await one.work(`
		test "$(cat 01-first/from-setup)" = mine; test "$(cat $'odd\\nname/é')" = 1; test "$(cat ./-rf/x)" = 2
		test "$(stat -c %a shut shut/file | tr '\\n' ' ')" = '500 400 '; test "$(readlink link)" = /etc/passwd; test -L dangling
		test 01-first/from-setup -ef hard; test "$(stat -c %s image)" = 209715203; test "$(du -k image | cut -f1)" -lt 1000
		test "$(tail -c 3 image)" = end; test ! -e .apptainer/cache; test ! -e pipe
		echo more > more
	`);
	assert.deepEqual(
		readdirSync(tmpdir()).filter((name) => name.startsWith('.home-of-')),
		[],
		'nothing is left of the unpacking',
	);
	await one.manager.end(one.learner, 'a');
	assert.equal(one.archives().length, 1, 'the newer in place of the older');
	await one.work('test "$(cat more)" = more');
	assert.deepEqual(one.notices, []);
});

test('start afresh: nothing comes back, the lesson is set up anew, and nothing is kept of what was', async (t) => {
	const one = await machine(t);
	await one.work('echo mine > 01-first/from-setup');
	await one.manager.end(one.learner, 'a');
	await one.work('test "$(cat 01-first/from-setup)" = mine');
	await one.manager.reset(one.learner, 'a');
	await one.work('test "$(cat 01-first/from-setup)" = prepared');
	assert.deepEqual([one.archives(), one.store.homes()], [[], []]);
});

test('what is too large is left out by name; the rest is kept', async (t) => {
	const one = await machine(t);
	await one.work('echo small > small; head -c 3000000 /dev/urandom > large.sif');
	await one.manager.end(one.learner, 'a');
	assert.match(one.manager.report(one.learner, 'a', 'en').reason ?? '', /^Too large .*: large\.sif \(3 MiB\)/);
	await one.work('test "$(cat small)" = small; test ! -e large.sif; for i in $(seq 40); do head -c 100000 /dev/urandom > $i; done');
	await one.manager.end(one.learner, 'a');
	assert.match(one.manager.report(one.learner, 'a', 'fr').reason ?? '', /^Trop grand/);
	await one.work('test "$(cat small)" = small; test ! -e 1');
	assert.equal(one.archives().length, 1);
});

test('a server that stops keeps the files of everybody; the next one has them', async (t) => {
	const one = await machine(t);
	await one.work('echo mine > file');
	await one.manager.close({ keep: false });
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
	await one.manager.end(one.learner, 'a');
	const path = join(one.data, 'homes', one.archives()[0] ?? '');
	truncateSync(path, 100_000);
	await one.work('echo new > new');
	assert.deepEqual(one.notices, ['home-not-restored']);
	await one.manager.end(one.learner, 'a');
	assert.equal(statSync(path).size, 100_000);
});

test('an archive that a learner made up writes nothing outside the home', async (t) => {
	const one = await machine(t);
	await one.work('echo mine > file');
	await one.manager.end(one.learner, 'a');
	const path = join(one.data, 'homes', one.archives()[0] ?? '');
	const made = join(one.data, 'made');
	mkdirSync(join(made, 'a/home'), { recursive: true });
	writeFileSync(join(made, 'a/home/evil'), 'evil');
	const outside = join(one.data, 'outside');
	execFileSync('tar', ['-C', made, '-czPf', path, '--transform', 's,a/home/evil,a/home/../outside,', 'a']);
	assert.match(execFileSync('tar', ['-tPzf', path], { encoding: 'utf8' }), /home\/\.\.\/outside/);
	one.manager.start(one.learner, 'a');
	await eventually(() => one.manager.report(one.learner, 'a', 'en').state === 'ready', 'a sandbox');
	assert.equal(existsSync(outside), false);
	assert.equal(readFileSync(path).length > 0, true);
});

test('work is taken home as one archive, from the living sandbox whatever its size, and from what was kept', async (t) => {
	const one = await machine(t);
	const list = async () => {
		const path = join(one.data, 'taken.tar.gz');
		writeFileSync(path, await buffer(await one.manager.takeHome(one.learner, 'a', 'en')));
		return execFileSync('tar', ['-tzf', path], { encoding: 'utf8' });
	};
	assert.equal(await list(), 'a/README.txt\n', 'nothing yet');
	await one.work('head -c 3000000 /dev/urandom > large; echo small > small');
	assert.match(await list(), /^a\/README.txt\n(a\/history.*\n)?(a\/terminals\/.*\n)*a\/home\/\n[\s\S]*a\/home\/large\n/);
	const unread = await one.manager.takeHome(one.learner, 'a', 'en');
	await assert.rejects(list(), /sandbox-busy/, 'what nobody reads takes room on the disk: no second one beside it');
	unread.destroy();
	await once(unread, 'close');
	assert.match(await list(), /large/);
	await one.manager.end(one.learner, 'a');
	const kept = await list();
	assert.match(kept, /a\/home\/small\n/);
	assert.doesNotMatch(kept, /large/);
	assert.equal(readdirSync(join(one.data, 'homes/a')).length, 1, 'nothing is left of the packing');
});
