import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { seccompProfile } from '../seccomp.ts';
import { seccompSetting } from './state-files.ts';

test('the first sandboxes of a server, all started at once, get the same profile as one file', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-state-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const profile = seccompProfile('x64');
	const paths = await Promise.all(Array.from({ length: 20 }, () => seccompSetting('podman', profile, folder)));
	assert.equal(new Set(paths).size, 1);
	assert.deepEqual(JSON.parse(readFileSync(paths[0] ?? '', 'utf8')), profile);
	assert.equal(readdirSync(folder).length, 1, 'no draft is left');
});
