import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { forgetUse, noteUse, usedByOthers } from './engine-users.ts';
import { markProcess } from './processes.ts';

test('the engine is used by others as long as one of them runs, and not because of oneself', async (t) => {
	const folder = join(mkdtempSync(join(tmpdir(), 'etabli-users-')), 'engine-users');
	t.after(() => rmSync(join(folder, '..'), { recursive: true }));
	assert.equal(usedByOthers(folder), false);
	noteUse(folder);
	assert.equal(usedByOthers(folder), false);
	const other = spawn('sleep', ['60']);
	t.after(() => other.kill());
	markProcess(join(folder, 'of-another-checkout.json'), other.pid ?? 0, '/srv/other');
	assert.equal(usedByOthers(folder), true);
	forgetUse(folder);
	assert.deepEqual([readdirSync(folder), usedByOthers(folder)], [['of-another-checkout.json'], true]);
	const gone = once(other, 'exit');
	other.kill('SIGKILL');
	await gone;
	assert.deepEqual([usedByOthers(folder), readdirSync(folder)], [false, []]);
});
