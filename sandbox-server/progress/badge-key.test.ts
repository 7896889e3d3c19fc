import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lazyBadgeKey, readBadgeKey } from './badge-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'etabli-badge-key-'));
after(() => rmSync(folder, { recursive: true }));

test('the key is made once, whoever asks at the same time, and only this user can read it', async () => {
	const path = join(folder, 'key.json');
	const [one, two] = await Promise.all([readBadgeKey(path), readBadgeKey(path)]);
	assert.deepEqual(one.told, two.told);
	assert.deepEqual((await readBadgeKey(path)).told, one.told, 'after a restart');
	assert.equal(statSync(path).mode & 0o777, 0o600);
	assert.ok(!('d' in one.told));
	assert.equal(JSON.parse(readFileSync(path, 'utf8')).n, one.told.n);
	assert.deepEqual(readdirSync(folder), ['key.json'], 'and nothing beside it');
});

test('a damaged key is told with what to do, and looked at again once it has been put right', async () => {
	const path = join(folder, 'damaged.json');
	for (const text of ['', 'not json', '{"kty":"RSA","n":"AQAB","e":"AQAB"}', '{"kty":"oct","k":"AAAA"}']) {
		writeFileSync(path, text);
		await assert.rejects(readBadgeKey(path), /is no key for badges: remove it .*, or restore a copy/);
	}
	const key = lazyBadgeKey(path);
	await assert.rejects(key());
	rmSync(path);
	assert.equal(await key(), await key());
});
