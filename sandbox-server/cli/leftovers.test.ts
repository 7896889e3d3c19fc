import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { readInstance } from '../labs/instance.ts';
import { Bundles } from '../runtimes/oci/bundles.ts';
import { OciContainers } from '../runtimes/oci/containers.ts';
import { RuntimeAway } from '../runtimes/runtime.ts';
import { Progress } from '../setup/progress.ts';
import { openStore } from '../store/sqlite-store.ts';
import { learnersAmong, type Place, placesOf, removeFrom } from './leftovers.ts';

test('what a killed server has started is found and ended without an engine', async (t) => {
	const root = mkdtempSync(join(tmpdir(), 'etabli-oci-'));
	t.after(() => rmSync(root, { recursive: true, force: true }));
	new Bundles(join(root, 'bundles')).make('etabli-test-left', { labels: { a: 'mine' }, created: 1, ociRuntime: 'etabli-none' });
	const [left] = placesOf(undefined, OciContainers.left(root));
	assert.ok(left);
	assert.deepEqual(await left.list({ a: 'mine' }), [{ name: 'etabli-test-left', running: false, labels: { a: 'mine' }, created: 1 }]);
	assert.deepEqual(await left.list({ a: 'theirs' }), []);
	await left.destroy('etabli-test-left');
	assert.deepEqual(readdirSync(join(root, 'bundles')), []);
	assert.deepEqual(placesOf(undefined, undefined), []);
});

/** A data folder in which a server has left sandboxes; its store is closed. */
function folder(t: TestContext) {
	const data = mkdtempSync(join(tmpdir(), 'etabli-'));
	t.after(() => rmSync(data, { recursive: true, force: true }));
	const store = openStore(join(data, 'store.sqlite'));
	const row = { course: 'a', state: 'ready', created: 1, claimed: undefined, seen: 1 } as const;
	const learner = store.createLearner();
	store.putSandbox({ ...row, name: 'theirs', learner: learner.id });
	store.putSandbox({ ...row, name: 'pooled', learner: undefined });
	store.putSandbox({ ...row, name: 'ending', learner: store.createLearner().id, state: 'stopping' });
	store.close();
	return { data, learner: learner.name };
}

test('sandboxes that the next server would take over for learners are told from those of the pool, those being ended, and strangers', (t) => {
	const { data, learner } = folder(t);
	assert.deepEqual(learnersAmong(data, ['theirs', 'pooled', 'ending', 'stranger']), [{ learner, course: 'a' }]);
	assert.deepEqual(learnersAmong(join(data, 'none'), ['theirs']), [], 'no server has been there');
});

test('whose sandboxes are there is read without a change of the store; a damaged one is said, and read only if there are sandboxes', (t) => {
	const { data } = folder(t);
	const path = join(data, 'store.sqlite');
	const older = new DatabaseSync(path);
	older.exec('pragma user_version = 1');
	older.close();
	learnersAmong(data, ['theirs']);
	const same = new DatabaseSync(path);
	assert.equal(same.prepare('pragma user_version').get()?.['user_version'], 1);
	same.close();
	writeFileSync(path, 'no database');
	assert.deepEqual(learnersAmong(data, []), []);
	assert.throws(() => learnersAmong(data, ['theirs']), {
		name: 'Failure',
		message: /whose they are is not known: .*store\.sqlite cannot be read/,
	});
});

test('learners’ sandboxes are named and left alone, unless they are to be lost; one that cannot be ended keeps no other', async (t) => {
	const { data, learner } = folder(t);
	const there = new Set(['stuck', 'theirs', 'pooled']);
	const place: Place = {
		list: async (labels) =>
			labels['etabli.role'] === 'build' ? [] : [...there].map((name) => ({ name, running: true, labels: {}, created: 1 })),
		destroy: async (name) => {
			if (name === 'stuck') throw new Error('it does not end');
			there.delete(name);
		},
		processes: async () => [],
	};
	const request = { data, url: 'unix:///theirs.sock', progress: new Progress(new PassThrough(), { verbose: false }), keep: false };
	await assert.rejects(removeFrom([place], { ...request, lose: false }), {
		message: `The sandbox of ${learner} (a) is still there, with files that may be nowhere else.`,
		hint: /up takes them over if it serves their courses, and keeps the files when it ends; .*--lose-files/,
	});
	assert.equal(there.size, 3);
	await assert.rejects(removeFrom([place], { ...request, lose: true }), {
		name: 'Failure',
		message: 'What could not be ended: stuck (it does not end).',
		hint: process.getuid?.() === 0 ? /down again/ : /down --engine unix:\/\/\/theirs\.sock as root .* fs\.fuse\.max_request_timeout=120/,
	});
	assert.deepEqual([...there], ['stuck']);
});

test('an engine that goes meanwhile is what is said, and nothing of the kernel', async (t) => {
	const { data } = folder(t);
	const engine = { there: true };
	const answer = async <T>(said: T): Promise<T> => {
		if (!engine.there) throw new RuntimeAway('the engine does not answer');
		return said;
	};
	const place: Place = {
		list: (labels) =>
			answer(
				labels['etabli.role'] === 'build' ? [] : ['theirs', 'pooled'].map((name) => ({ name, running: true, labels: {}, created: 1 })),
			),
		destroy: async () => {
			engine.there = false;
			await answer(undefined);
		},
		processes: () => answer([]),
	};
	const progress = new Progress(new PassThrough(), { verbose: false });
	await assert.rejects(removeFrom([place], { data, url: undefined, progress, lose: true, keep: false }), {
		name: 'RuntimeAway',
		message: 'the engine does not answer',
	});
});

test('of what was there to read or to build, another data folder’s is left alone, and so is what is at work; an earlier version’s goes', async (t) => {
	const data = mkdtempSync(join(tmpdir(), 'etabli-'));
	t.after(() => rmSync(data, { recursive: true, force: true }));
	const mine = { 'etabli.instance': readInstance(data), 'etabli.role': 'build' };
	const theirs = { ...mine, 'etabli.instance': 'ffffffffffff' };
	const there = [
		{ name: 'left', running: false, labels: mine, created: 1 },
		{ name: 'at work', running: true, labels: mine, created: 1 },
		{ name: 'theirs', running: false, labels: theirs, created: 1 },
		{ name: 'of an earlier version', running: false, labels: { 'etabli.role': 'build' }, created: 1 },
		{ name: 'of an earlier version, at work', running: true, labels: { 'etabli.role': 'build' }, created: 1 },
	];
	const removed: string[] = [];
	const place: Place = {
		list: async (asked) =>
			there.filter(({ labels }) =>
				Object.entries(asked).every(([key, value]) => Object.entries(labels).some(([k, v]) => k === key && v === value)),
			),
		destroy: async (name) => void removed.push(name),
		processes: async () => [],
	};
	await removeFrom([place], {
		data,
		url: undefined,
		progress: new Progress(new PassThrough(), { verbose: false }),
		lose: false,
		keep: false,
	});
	assert.deepEqual(removed, ['left', 'of an earlier version']);
});
