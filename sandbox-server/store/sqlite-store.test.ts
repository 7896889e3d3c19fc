import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { migrate, migrations, StoreUnusable } from './migrations.ts';
import { openStore, type SqliteStore } from './sqlite-store.ts';
import type { SandboxRow } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'etabli-store-'));
after(() => rmSync(folder, { recursive: true }));
let count = 0;
const newPath = () => join(folder, `${count++}.sqlite`);

const bench = (name: string, changes: Partial<SandboxRow> = {}): SandboxRow => ({
	name,
	course: 'apptainer',
	learner: undefined,
	state: 'ready',
	created: 1,
	claimed: undefined,
	seen: 1,
	...changes,
});

function using<T>(path: string, work: (store: SqliteStore) => T): T {
	const store = openStore(path);
	try {
		return work(store);
	} finally {
		store.close();
	}
}

test('a learner has a secret id and a public name, and is found again', () => {
	using(newPath(), (store) => {
		const one = store.createLearner();
		const two = store.createLearner();
		assert.match(one.name, /^learner-[0-9a-f]{6}$/);
		assert.ok(Buffer.from(one.id, 'base64url').length >= 16);
		assert.notEqual(one.name, two.name);
		assert.deepEqual(store.learner(one.id), one);
		assert.equal(store.learner('nobody'), undefined);
	});
});

test('visitors who never did anything are forgotten after a while, others never', () => {
	using(newPath(), (store) => {
		const [idle, working, holding] = [store.createLearner(), store.createLearner(), store.createLearner()];
		store.putStep(working.id, 'apptainer', { lesson: 'first', step: 'pull', state: 'passed' });
		store.putSandbox(bench('a', { learner: holding.id }));
		assert.equal(store.forgetVisitors(idle.created), 0);
		assert.equal(store.forgetVisitors(Date.now() + 1, [idle.id]), 0, 'not while they are here');
		assert.equal(store.forgetVisitors(Date.now() + 1), 1);
		assert.equal(store.learner(idle.id), undefined);
		for (const { id } of [working, holding]) assert.ok(store.learner(id));
	});
});

test('only this user can read the file', () => {
	const path = newPath();
	using(path, (store) => store.createLearner());
	assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a passed step stays passed, until it is forgotten', () => {
	using(newPath(), (store) => {
		const { id } = store.createLearner();
		const put = (state: 'todo' | 'checking' | 'failed' | 'error' | 'passed', message?: string) =>
			store.putStep(id, 'apptainer', { lesson: 'first', step: 'pull', state, message });
		assert.equal(put('checking').state, 'checking');
		assert.deepEqual(store.steps(id, 'apptainer'), [], '"checking" does not outlive the server');
		assert.equal(put('failed', 'not yet').message, 'not yet');
		assert.equal(put('checking').state, 'checking');
		assert.equal(store.steps(id, 'apptainer')[0]?.state, 'failed');
		assert.equal(put('passed').state, 'passed');
		for (const state of ['failed', 'error', 'todo', 'checking'] as const) assert.equal(put(state, 'later').state, 'passed');
		assert.deepEqual(store.steps(id, 'apptainer', 'first'), [{ lesson: 'first', step: 'pull', state: 'passed' }]);
		assert.deepEqual(store.steps(id, 'apptainer', 'second'), []);
		store.forgetSteps(id, 'apptainer', 'first', 'run');
		assert.equal(store.steps(id, 'apptainer').length, 1, 'another step was forgotten');
		store.forgetSteps(id, 'apptainer', 'first', 'pull');
		assert.deepEqual(store.steps(id, 'apptainer'), []);
	});
});

test("one learner's progress is nobody else's", () => {
	using(newPath(), (store) => {
		const [one, two] = [store.createLearner().id, store.createLearner().id];
		for (const lesson of ['first', 'second']) {
			for (const id of [one, two]) store.putStep(id, 'apptainer', { lesson, step: 'pull', state: 'passed', hint: 2 });
		}
		store.forgetSteps(one, 'apptainer', 'first');
		assert.deepEqual(store.steps(one, 'apptainer'), [{ lesson: 'second', step: 'pull', state: 'passed', hint: 2 }]);
		store.forgetSteps(one, 'apptainer');
		assert.deepEqual(store.steps(one, 'apptainer'), []);
		assert.equal(store.steps(two, 'apptainer').length, 2);
	});
});

test('a sandbox is claimed once, the oldest first, and is never handed on', () => {
	using(newPath(), (store) => {
		const [one, two, three] = [store.createLearner().id, store.createLearner().id, store.createLearner().id];
		store.putSandbox(bench('b', { created: 2 }));
		store.putSandbox(bench('a', { created: 1 }));
		store.putSandbox(bench('not-yet', { state: 'starting', created: 0 }));
		store.putSandbox(bench('other', { course: 'slurm', created: 0 }));
		assert.equal(store.claim('apptainer', one, 50)?.name, 'a');
		assert.equal(store.claim('apptainer', one, 60)?.name, 'a', 'whoever has one gets that one again');
		assert.deepEqual(store.claim('apptainer', two, 70), bench('b', { created: 2, learner: two, claimed: 70, seen: 70 }));
		assert.equal(store.claim('apptainer', three, 80), undefined);
		assert.throws(() => store.putSandbox(bench('a', { learner: three })), /belongs to another/);
		assert.throws(() => store.putSandbox(bench('a')), /belongs to another/, 'not back into the pool either');
		assert.throws(() => store.putSandbox(bench('second', { learner: one })), /UNIQUE/);
		store.putSandbox(bench('a', { learner: one, state: 'stopping' }));
		store.putSandbox(bench('fresh', { created: 3 }));
		assert.equal(store.claim('apptainer', one, 90)?.name, 'fresh', 'a sandbox that is being put away does not block the next');
	});
});

test('two servers on one file never give the same sandbox twice', () => {
	const path = newPath();
	const [left, right] = [openStore(path), openStore(path)];
	try {
		for (let i = 0; i < 20; i++) left.putSandbox(bench(`s${i}`));
		const given = Array.from({ length: 30 }, (_, i) => {
			const store = i % 2 ? left : right;
			return store.claim('apptainer', store.createLearner().id, i)?.name;
		}).filter((name) => name !== undefined);
		assert.equal(given.length, 20);
		assert.equal(new Set(given).size, 20);
	} finally {
		left.close();
		right.close();
	}
});

test('what was written is there after kill -9, and two processes claim without a double', async () => {
	const path = newPath();
	using(path, (store) => {
		for (let i = 0; i < 200; i++) store.putSandbox(bench(`s${i}`));
	});
	const script = `
		const { openStore } = await import(${JSON.stringify(new URL('./sqlite-store.ts', import.meta.url).href)});
		const store = openStore(${JSON.stringify(path)});
		const names = [];
		for (;;) {
			const row = store.claim('apptainer', store.createLearner().id, 1);
			if (!row) break;
			names.push(row.name);
		}
		process.stdout.write(JSON.stringify(names) + '\\n', () => process.kill(process.pid, 'SIGKILL'));
	`;
	const runs = await Promise.all(
		[1, 2].map(
			() =>
				new Promise<{ names: string[]; signal: string | null }>((resolve, reject) => {
					const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
					let output = '';
					child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
						output += chunk;
					});
					child.on('error', reject);
					child.on('close', (_, signal) => resolve({ names: JSON.parse(output), signal }));
				}),
		),
	);
	assert.deepEqual(
		runs.map((run) => run.signal),
		['SIGKILL', 'SIGKILL'],
	);
	const names = runs.flatMap((run) => run.names);
	assert.equal(names.length, 200);
	assert.equal(new Set(names).size, 200);
	using(path, (store) => assert.ok(store.sandboxes().every((row) => row.learner !== undefined)));
});

test('commands come back oldest first, the newest when limited; they go with their sandbox', () => {
	using(newPath(), (store) => {
		store.putSandbox(bench('a'));
		const command = (text: string, offset: bigint, exit?: number) =>
			store.addCommand({ sandbox: 'a', terminal: 'first/1', at: 5, command: text, exit, folder: '/home/learner', ms: 1.6, offset });
		command('one', 10n, 0);
		command('two', 2n ** 40n);
		command('three', 2n ** 40n + 1n, 127);
		assert.deepEqual(
			store.commands('a', 2).map((row) => [row.command, row.exit, row.offset]),
			[
				['two', undefined, 2n ** 40n],
				['three', 127, 2n ** 40n + 1n],
			],
		);
		assert.equal(store.lastOffset('a', 'first/1'), 2n ** 40n + 1n);
		assert.equal(store.lastOffset('a', 'first/2'), 0n);
		store.forgetOffset('a', 'first/1');
		assert.equal(store.lastOffset('a', 'first/1'), 0n);
		store.removeSandbox('a');
		command('too late', 1n);
		assert.deepEqual(store.commands('a', 100), []);
	});
});

test('what the newest commands printed is kept, and comes back with them', () => {
	using(newPath(), (store) => {
		store.putSandbox(bench('a'));
		const command = (text: string, printed?: string) =>
			store.addCommand({
				sandbox: 'a',
				terminal: 'first/1',
				at: 5,
				command: text,
				exit: 0,
				folder: '/',
				ms: 1,
				offset: 1n,
				...(printed && { printed }),
			});
		for (let n = 0; n < 210; n++) command(`echo ${n}`, String(n));
		command('silent');
		const rows = store.commands('a', 500);
		assert.deepEqual([rows[9]?.printed, rows[10]?.printed, rows[209]?.printed], [undefined, '10', '209']);
		assert.ok(!('printed' in (rows[210] ?? {})));
	});
});

test('a flood of forged marks does not grow the file without bound', () => {
	using(newPath(), (store) => {
		store.putSandbox(bench('a'));
		store.putSandbox(bench('b'));
		const add = (sandbox: string, offset: number) =>
			store.addCommand({ sandbox, terminal: 'x/1', at: 0, command: `c${offset}`, exit: 0, folder: '/', ms: 0, offset: BigInt(offset) });
		add('b', 1);
		for (let i = 1; i <= 5_050; i++) add('a', i);
		const kept = store.commands('a', 1e6);
		assert.equal(kept.length, 5_000);
		assert.equal(kept[0]?.command, 'c51');
		assert.equal(store.commands('b', 10).length, 1);
	});
});

test("a lesson's setup is remembered per sandbox", () => {
	using(newPath(), (store) => {
		store.markSetup('gone', 'first', true);
		assert.equal(store.setupDone('gone', 'first'), false);
		store.putSandbox(bench('a'));
		store.markSetup('a', 'first', true);
		store.markSetup('a', 'first', true);
		assert.equal(store.setupDone('a', 'first'), true);
		assert.equal(store.setupDone('a', 'second'), false);
		store.markSetup('a', 'first', false);
		assert.equal(store.setupDone('a', 'first'), false);
	});
});

test('what a learner did outlives the sandbox; a kept home brings it, and what had been set up, into the next one', () => {
	using(newPath(), (store) => {
		const [anne, bob] = [store.createLearner(), store.createLearner()];
		const command = (sandbox: string, text: string, at: number) =>
			store.addCommand({ sandbox, terminal: 'first/1', at, command: text, exit: 0, folder: '/home/learner', ms: 5, offset: 9n });
		const said = (who: typeof anne) => store.history(who.id, 'apptainer').map((row) => row.command);
		store.putSandbox(bench('a', { learner: anne.id, extended: 2 }));
		store.putSandbox(bench('b', { learner: bob.id }));
		assert.equal(store.sandboxes()[0]?.extended, 2);
		store.markSetup('a', 'first', true);
		command('a', 'before', 10);
		command('b', 'not hers', 11);
		const home = {
			learner: anne.id,
			course: 'apptainer',
			file: 'a.tar.gz',
			saved: 20,
			bytes: 5,
			lessons: store.setups('a'),
			leftOut: ['big'],
		};
		store.putHome(home);
		command('a', 'after', 30);
		store.removeSandbox('a');
		assert.deepEqual(said(anne), ['before', 'after']);
		assert.deepEqual([store.home(anne.id, 'apptainer'), store.home(bob.id, 'apptainer')], [home, undefined]);
		assert.equal(store.forgetVisitors(Date.now() + 1), 0, 'nobody with kept files is forgotten');

		store.putSandbox(bench('c', { learner: anne.id }));
		store.resumeHome('c', home);
		assert.equal(store.lastOffset('c', 'first/1'), 0n, 'positions in another shell’s output say nothing here');
		command('c', 'today', 40);
		assert.equal(store.setupDone('c', 'first'), true);
		assert.deepEqual(
			store.commands('c', 10).map((row) => row.command),
			['before', 'today'],
			'what came after the files were kept does not count for checks',
		);
		assert.deepEqual(said(anne), ['before', 'after', 'today']);

		store.removeSandbox('c');
		store.removeHome(anne.id, 'apptainer');
		assert.deepEqual([said(anne), store.homes()], [[], []]);
		assert.deepEqual(said(bob), ['not hers']);
	});
});

test('long commands have a bound in bytes: of a sandbox, and of what a learner leaves behind', () => {
	using(newPath(), (store) => {
		const anne = store.createLearner();
		const bytes = (rows: readonly { command: string; folder: string }[]) =>
			rows.reduce((sum, { command, folder }) => sum + Buffer.byteLength(command) + Buffer.byteLength(folder), 0);
		for (const sandbox of ['a', 'b', 'c']) {
			store.putSandbox(bench(sandbox, { learner: anne.id }));
			for (let i = 0; i < 1000; i++) {
				const command = `${sandbox}${i} ${'é'.repeat(2000)}`;
				store.addCommand({ sandbox, terminal: 'first/1', at: i, command, exit: 0, folder: '/x'.repeat(1000), ms: 1, offset: 1n });
			}
			const kept = store.commands(sandbox, 1e6);
			assert.ok(bytes(kept) < 4.5 * 2 ** 20 && bytes(kept) > 3 * 2 ** 20, `${bytes(kept)}`);
			assert.match(kept.at(-1)?.command ?? '', /^[abc]999 /);
			store.removeSandbox(sandbox);
		}
		const history = store.history(anne.id, 'apptainer');
		assert.ok(bytes(history) <= 4 * 2 ** 20, `${bytes(history)}`);
		assert.ok(history.some(({ command }) => command.startsWith('c999 ')) && !history.some(({ command }) => command.startsWith('a')));
	});
});

test('past commands do not grow without bound', () => {
	using(newPath(), (store) => {
		const anne = store.createLearner();
		for (const sandbox of ['a', 'b']) {
			store.putSandbox(bench(sandbox, { learner: anne.id }));
			for (let i = 0; i < 3000; i++)
				store.addCommand({ sandbox, terminal: 'first/1', at: i, command: `${sandbox}${i}`, exit: 0, folder: '/', ms: 1, offset: 1n });
			store.removeSandbox(sandbox);
		}
		const history = store.history(anne.id, 'apptainer');
		assert.equal(history.length, 5000);
		assert.ok(history.some((row) => row.command === 'b0') && !history.some((row) => row.command === 'a0'));
	});
});

test('a migration that fails leaves the previous version; the next start goes on from there', () => {
	const path = newPath();
	const id = using(path, (store) => store.createLearner().id);
	const next = (sql: string) => [...migrations, { version: migrations.length + 1, name: 'next', sql }];
	const database = new DatabaseSync(path);
	assert.throws(
		() => migrate(database, path, next('create table more (a text) strict; create table more (a text) strict;')),
		/already exists/,
	);
	migrate(database, path, next('create table more (a text) strict;'));
	migrate(database, path, next('create table more (a text) strict;'));
	assert.equal(database.prepare('select count(*) as n from more').get()?.['n'], 0);
	assert.equal(database.prepare('select id from learner').get()?.['id'], id);
	database.close();

	assert.throws(
		() => openStore(path),
		(error) => error instanceof StoreUnusable && /newer version of Établi .*--data/.test(error.message),
	);
});

test('a damaged file, a missing folder and a folder in the way each get one sentence that says what to do', () => {
	const damaged = newPath();
	writeFileSync(damaged, 'not a database, but long enough to be looked at: '.repeat(50));
	chmodSync(damaged, 0o600);
	assert.throws(() => openStore(damaged), /damaged, or no database\. Restore a copy/);
	assert.throws(() => openStore(join(folder, 'nowhere', 'store.sqlite')), /folder does not exist/);
	assert.throws(() => openStore(folder), StoreUnusable);
});
