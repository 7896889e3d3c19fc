import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { removeUnused, usedByAll, usedBytes } from './storage.ts';

test('images of learners who have not pushed for long are removed; everyone else’s, and the courses’, stay', async (t) => {
	const data = mkdtempSync(join(tmpdir(), 'etabli-'));
	t.after(() => rmSync(data, { recursive: true, force: true }));
	assert.deepEqual(await removeUnused(data, Date.now()), [], 'nothing has been pushed at all');
	const repositories = join(data, 'docker/registry/v2/repositories');
	const old = new Date(1000);
	const image = (name: string, when: Date) => {
		const path = join(repositories, name, 'image/_manifests/tags/1/current/link');
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, 'sha256:…');
		utimesSync(path, when, when);
		utimesSync(join(repositories, name), old, old);
	};
	image('learner-00000a', old);
	image('learner-00000b', new Date());
	image('courses', old);
	assert.deepEqual(await removeUnused(data, 2000), ['learner-00000a']);
	assert.deepEqual(
		['learner-00000a', 'learner-00000b', 'courses'].map((name) => existsSync(join(repositories, name))),
		[false, true, true],
	);
});

test('what all learners have: each blob once, whoever shares it; the courses’ images do not count', async (t) => {
	const data = mkdtempSync(join(tmpdir(), 'etabli-'));
	t.after(() => rmSync(data, { recursive: true, force: true }));
	assert.equal(await usedByAll(data), 0, 'nothing has been pushed at all');
	const registry = join(data, 'docker/registry/v2');
	const put = (path: string, bytes: number) => {
		mkdirSync(dirname(join(registry, path)), { recursive: true });
		writeFileSync(join(registry, path), Buffer.alloc(bytes));
	};
	const [shared, other] = ['a'.repeat(64), 'b'.repeat(64)];
	put(`blobs/sha256/aa/${shared}/data`, 50_000);
	put(`blobs/sha256/bb/${other}/data`, 7000);
	for (const name of ['learner-00000a', 'learner-00000b', 'courses']) put(`repositories/${name}/x/_layers/sha256/${shared}/link`, 71);
	put(`repositories/courses/x/_layers/sha256/${other}/link`, 71);
	assert.equal(await usedBytes(data, 'learner-00000a'), 54_096);
	assert.equal(await usedByAll(data), 58_192);
});
