/** `etabli lti`: what is registered, and what is not. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStore } from '../store/sqlite-store.ts';
import { lti } from './lti.ts';

test('one issuer has one address of keys: another registration cannot state people of the first', async (t) => {
	const data = mkdtempSync(join(tmpdir(), 'etabli-lti-'));
	t.after(() => rmSync(data, { recursive: true }));
	openStore(join(data, 'store.sqlite')).close();
	writeFileSync(join(data, 'secret'), randomBytes(48).toString('base64url'), { mode: 0o600 });
	const add = (name: string, client: string, changes: Record<string, string> = {}) =>
		lti({
			words: ['add', name],
			values: { data, moodle: 'https://moodle.example', 'client-id': client, deployment: '1', ...changes },
			help: false,
		});
	await add('one', 'client-1');
	await add('two', 'client-2');
	await assert.rejects(add('three', 'client-3', { 'keys-url': 'https://evil.example/keys' }), /one is of the same issuer/);
	await assert.rejects(add('three', 'client-2'), /two is that platform already/);
	const store = openStore(join(data, 'store.sqlite'));
	assert.deepEqual(
		store.lti.platforms().map(({ name }) => name),
		['one', 'two'],
	);
	store.close();
});

test('a platform is invited by a name that is free; what is not given again stays as it was', async (t) => {
	const data = mkdtempSync(join(tmpdir(), 'etabli-lti-'));
	t.after(() => rmSync(data, { recursive: true }));
	openStore(join(data, 'store.sqlite')).close();
	writeFileSync(join(data, 'secret'), randomBytes(48).toString('base64url'), { mode: 0o600 });
	const type = (words: string[], values: Record<string, string>) => lti({ words, values: { data, ...values }, help: false });
	await assert.rejects(type(['invite'], {}), /What is the platform called here/);
	await type(['invite', 'moodle'], {});
	const store = openStore(join(data, 'store.sqlite'));
	t.after(() => store.close());
	await assert.rejects(type(['add', 'moodle'], { deployment: '3' }), /--issuer is missing/);
	const row = {
		issuer: 'https://m.example',
		authorization: 'https://m.example/a',
		token: 'https://m.example/t',
		keys: 'https://m.example/k',
	};
	store.lti.putPlatform({ name: 'moodle', client: 'c', deployments: [], ...row });
	await assert.rejects(type(['invite', 'moodle'], {}), /moodle is registered already/);
	await type(['add', 'moodle'], { deployment: '3,4' });
	assert.deepEqual(store.lti.platforms(), [{ name: 'moodle', client: 'c', deployments: ['3', '4'], ...row }]);
});
