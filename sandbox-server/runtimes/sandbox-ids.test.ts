import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openList, SandboxIds, usersAtWork } from './sandbox-ids.ts';

/** The list of a machine, and the transports of its sandboxes. */
function machine(t: TestContext) {
	const root = mkdtempSync(join(tmpdir(), 'etabli-ids-'));
	t.after(() => rmSync(root, { recursive: true, force: true }));
	const used = new Set<number>();
	return {
		used,
		server: (range = { first: 70_000, last: 70_003 }) => {
			const ids = new SandboxIds(range, join(root, 'run'), () => used);
			t.after(() => ids.close());
			return ids;
		},
		sandbox: (name: string) => {
			const folder = join(root, name);
			mkdirSync(folder);
			return folder;
		},
		gone: (name: string) => rmSync(join(root, name), { recursive: true }),
	};
}

test('every sandbox of every server of the machine has a number of its own', (t) => {
	const here = machine(t);
	const [one, other] = [here.server(), here.server()];
	assert.deepEqual([one.take(here.sandbox('a')), other.take(here.sandbox('b')), one.take(here.sandbox('c'))], [70_000, 70_001, 70_002]);
});

test('a number is free again when the sandbox is gone for sure: its transport, and every process', (t) => {
	const here = machine(t);
	const ids = here.server();
	for (const name of ['a', 'b', 'c', 'd']) ids.take(here.sandbox(name));
	assert.throws(() => ids.take(here.sandbox('e')), /every number from 70000 to 70003 is taken: give more with --uids/);
	here.gone('b');
	here.gone('c');
	here.used.add(70_001);
	assert.equal(ids.take(here.sandbox('f')), 70_002, 'a process still has the other one');
	assert.throws(() => ids.take(here.sandbox('g')));
	here.used.clear();
	assert.equal(ids.take(here.sandbox('h')), 70_001);
});

test('what a server that was killed has given away stays taken, and fresh numbers go first', (t) => {
	const here = machine(t);
	here.server().take(here.sandbox('a'));
	here.server().take(here.sandbox('b'));
	here.gone('b');
	assert.equal(here.server().take(here.sandbox('c')), 70_002);
});

test('numbers of processes that nobody knows of are left alone', (t) => {
	const here = machine(t);
	here.used.add(70_000).add(70_001);
	assert.equal(here.server().take(here.sandbox('a')), 70_002);
	assert.ok(usersAtWork().has(process.getuid?.() ?? 0), 'this process is among those looked at');
});

test('a list that cannot be kept is a reason to share, and said', (t) => {
	const root = mkdtempSync(join(tmpdir(), 'etabli-ids-'));
	t.after(() => rmSync(root, { recursive: true, force: true }));
	const range = { first: 70_000, last: 70_003 };
	writeFileSync(join(root, 'file'), '');
	assert.match(openList(range, join(root, 'file')).why ?? '', /cannot be kept in .*file: EEXIST/);
	mkdirSync(join(root, 'damaged'));
	writeFileSync(join(root, 'damaged/uids.sqlite'), 'no database at all');
	assert.match(openList(range, join(root, 'damaged')).why ?? '', /cannot be kept in .*damaged: .*not a database/);
	const { ids, why } = openList(range, join(root, 'fresh'));
	t.after(() => ids?.close());
	assert.equal(why, undefined);
});
