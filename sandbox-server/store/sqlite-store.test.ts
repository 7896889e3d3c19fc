import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { StoreUnusable } from './migrations.ts';
import { openStore, type SqliteStore } from './sqlite-store.ts';
import type { SandboxRow } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'etabli-store-'));
after(() => rmSync(folder, { recursive: true }));
let count = 0;
const newPath = () => join(folder, `${count++}.sqlite`);

const row = (name: string, changes: Partial<SandboxRow> = {}): SandboxRow => ({
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
		store.putStep({ learner: working.id, course: 'apptainer' }, { lesson: 'first', step: 'pull', state: 'passed' });
		store.putSandbox(row('a', { learner: holding.id }));
		assert.equal(store.people.forgetVisitors(idle.created), 0);
		assert.equal(store.people.forgetVisitors(Date.now() + 1, [idle.id]), 0, 'not while they are here');
		assert.equal(store.people.forgetVisitors(Date.now() + 1), 1);
		assert.equal(store.learner(idle.id), undefined);
		for (const { id } of [working, holding]) assert.ok(store.learner(id));
	});
});

test('fifty sessions of one learner are kept, the newest always; nobody pays for another', () => {
	using(newPath(), (store) => {
		const [anne, ben] = [store.createLearner(), store.createLearner()];
		store.people.putSession({ digest: 'ben', learner: ben.id, expires: 1 });
		for (let n = 0; n < 60; n++) store.people.putSession({ digest: `anne ${n}`, learner: anne.id, expires: 100 + n });
		store.people.putSession({ digest: 'last', learner: anne.id, expires: 100 });
		const left = Array.from({ length: 60 }, (_, n) => n).filter((n) => store.people.session(`anne ${n}`, 0));
		assert.deepEqual([left.length, left[0]], [49, 11]);
		assert.ok(store.people.session('last', 0) && store.people.session('ben', 0));
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
			store.putStep({ learner: id, course: 'apptainer' }, { lesson: 'first', step: 'pull', state, message });
		assert.equal(put('checking').state, 'checking');
		assert.deepEqual(store.steps({ learner: id, course: 'apptainer' }), [], '"checking" does not outlive the server');
		assert.equal(put('failed', 'not yet').message, 'not yet');
		assert.equal(put('checking').state, 'checking');
		assert.equal(store.steps({ learner: id, course: 'apptainer' })[0]?.state, 'failed');
		assert.equal(put('passed').state, 'passed');
		for (const state of ['failed', 'error', 'todo', 'checking'] as const) assert.equal(put(state, 'later').state, 'passed');
		assert.deepEqual(store.steps({ learner: id, course: 'apptainer' }, 'first'), [{ lesson: 'first', step: 'pull', state: 'passed' }]);
		assert.deepEqual(store.steps({ learner: id, course: 'apptainer' }, 'second'), []);
		store.forgetSteps({ learner: id, course: 'apptainer' }, 'first', 'run');
		assert.equal(store.steps({ learner: id, course: 'apptainer' }).length, 1, 'another step was forgotten');
		store.forgetSteps({ learner: id, course: 'apptainer' }, 'first', 'pull');
		assert.deepEqual(store.steps({ learner: id, course: 'apptainer' }), []);
	});
});

test("one learner's progress is nobody else's", () => {
	using(newPath(), (store) => {
		const [one, two] = [store.createLearner().id, store.createLearner().id];
		for (const lesson of ['first', 'second']) {
			for (const id of [one, two]) store.putStep({ learner: id, course: 'apptainer' }, { lesson, step: 'pull', state: 'passed', hint: 2 });
		}
		store.forgetSteps({ learner: one, course: 'apptainer' }, 'first');
		assert.deepEqual(store.steps({ learner: one, course: 'apptainer' }), [{ lesson: 'second', step: 'pull', state: 'passed', hint: 2 }]);
		store.forgetSteps({ learner: one, course: 'apptainer' });
		assert.deepEqual(store.steps({ learner: one, course: 'apptainer' }), []);
		assert.equal(store.steps({ learner: two, course: 'apptainer' }).length, 2);
	});
});

test('a sandbox is claimed once, the oldest first, and is never handed on', () => {
	using(newPath(), (store) => {
		const [one, two, three] = [store.createLearner().id, store.createLearner().id, store.createLearner().id];
		store.putSandbox(row('b', { created: 2 }));
		store.putSandbox(row('a', { created: 1 }));
		store.putSandbox(row('not-yet', { state: 'starting', created: 0 }));
		store.putSandbox(row('other', { course: 'slurm', created: 0 }));
		assert.equal(store.claim({ learner: one, course: 'apptainer' }, 50)?.name, 'a');
		assert.equal(store.claim({ learner: one, course: 'apptainer' }, 60)?.name, 'a', 'whoever has one gets that one again');
		assert.deepEqual(store.claim({ learner: two, course: 'apptainer' }, 70), row('b', { created: 2, learner: two, claimed: 70, seen: 70 }));
		assert.equal(store.claim({ learner: three, course: 'apptainer' }, 80), undefined);
		assert.throws(() => store.putSandbox(row('a', { learner: three })), /belongs to another/);
		assert.throws(() => store.putSandbox(row('a')), /belongs to another/, 'not back into the pool either');
		assert.throws(() => store.putSandbox(row('second', { learner: one })), /UNIQUE/);
		store.putSandbox(row('a', { learner: one, state: 'stopping' }));
		store.putSandbox(row('fresh', { created: 3 }));
		assert.equal(
			store.claim({ learner: one, course: 'apptainer' }, 90)?.name,
			'fresh',
			'a sandbox that is being put away does not block the next',
		);
	});
});

test('two servers on one file never give the same sandbox twice', () => {
	const path = newPath();
	const [left, right] = [openStore(path), openStore(path)];
	try {
		for (let i = 0; i < 20; i++) left.putSandbox(row(`s${i}`));
		const given = Array.from({ length: 30 }, (_, i) => {
			const store = i % 2 ? left : right;
			return store.claim({ learner: store.createLearner().id, course: 'apptainer' }, i)?.name;
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
		for (let i = 0; i < 200; i++) store.putSandbox(row(`s${i}`));
	});
	const script = `
		const { openStore } = await import(${JSON.stringify(new URL('./sqlite-store.ts', import.meta.url).href)});
		const store = openStore(${JSON.stringify(path)});
		const names = [];
		for (;;) {
			const row = store.claim({ learner: store.createLearner().id, course: 'apptainer' }, 1);
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
		store.putSandbox(row('a'));
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
		store.putSandbox(row('a'));
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
		store.putSandbox(row('a'));
		store.putSandbox(row('b'));
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
		store.putSandbox(row('a'));
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
		const said = (who: typeof anne) => store.history({ learner: who.id, course: 'apptainer' }).map((row) => row.command);
		store.putSandbox(row('a', { learner: anne.id, extended: 2 }));
		store.putSandbox(row('b', { learner: bob.id }));
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
		assert.deepEqual(
			[store.home({ learner: anne.id, course: 'apptainer' }), store.home({ learner: bob.id, course: 'apptainer' })],
			[home, undefined],
		);
		assert.equal(store.people.forgetVisitors(Date.now() + 1), 0, 'nobody with kept files is forgotten');

		store.putSandbox(row('c', { learner: anne.id }));
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
		store.removeHome({ learner: anne.id, course: 'apptainer' });
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
			store.putSandbox(row(sandbox, { learner: anne.id }));
			for (let i = 0; i < 1000; i++) {
				const command = `${sandbox}${i} ${'é'.repeat(2000)}`;
				store.addCommand({ sandbox, terminal: 'first/1', at: i, command, exit: 0, folder: '/x'.repeat(1000), ms: 1, offset: 1n });
			}
			const kept = store.commands(sandbox, 1e6);
			assert.ok(bytes(kept) < 4.5 * 2 ** 20 && bytes(kept) > 3 * 2 ** 20, `${bytes(kept)}`);
			assert.match(kept.at(-1)?.command ?? '', /^[abc]999 /);
			store.removeSandbox(sandbox);
		}
		const history = store.history({ learner: anne.id, course: 'apptainer' });
		assert.ok(bytes(history) <= 4 * 2 ** 20, `${bytes(history)}`);
		assert.ok(history.some(({ command }) => command.startsWith('c999 ')) && !history.some(({ command }) => command.startsWith('a')));
	});
});

test('past commands do not grow without bound', () => {
	using(newPath(), (store) => {
		const anne = store.createLearner();
		for (const sandbox of ['a', 'b']) {
			store.putSandbox(row(sandbox, { learner: anne.id }));
			for (let i = 0; i < 3000; i++)
				store.addCommand({ sandbox, terminal: 'first/1', at: i, command: `${sandbox}${i}`, exit: 0, folder: '/', ms: 1, offset: 1n });
			store.removeSandbox(sandbox);
		}
		const history = store.history({ learner: anne.id, course: 'apptainer' });
		assert.equal(history.length, 5000);
		assert.ok(history.some((row) => row.command === 'b0') && !history.some((row) => row.command === 'a0'));
	});
});

test('a damaged file, a missing folder and a folder in the way each get one sentence that says what to do', () => {
	const damaged = newPath();
	writeFileSync(damaged, 'not a database, but long enough to be looked at: '.repeat(50));
	chmodSync(damaged, 0o600);
	assert.throws(() => openStore(damaged), /damaged, or no database\. Restore a copy/);
	assert.throws(() => openStore(join(folder, 'nowhere', 'store.sqlite')), /folder does not exist/);
	assert.throws(() => openStore(folder), StoreUnusable);
});
