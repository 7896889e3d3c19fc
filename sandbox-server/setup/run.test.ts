import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from './run.ts';

test('a program that is told to end is over when that is said: what it writes to is then nobody’s', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-run-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const last = join(folder, 'last');
	const stop = new AbortController();
	const script = `trap 'sleep 0.2; : > ${last}; exit 0' TERM; echo up; while :; do sleep 0.05; done`;
	const ended = run('sh', ['-c', script], { signal: stop.signal, onLine: () => stop.abort() });
	await assert.rejects(ended, { name: 'AbortError' });
	assert.ok(existsSync(last));
});
