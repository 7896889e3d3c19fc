import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureGuest, type GuestRequest } from './guest.ts';
import type { Step } from './progress.ts';

test('every user of a sandbox may read and run what is mounted in it, whatever the server’s umask', { timeout: 240_000 }, async (t) => {
	const data = mkdtempSync(join(tmpdir(), 'etabli-'));
	t.after(() => rmSync(data, { recursive: true, force: true }));
	const before = process.umask(0o077);
	t.after(() => process.umask(before));
	const step = { detail() {} } as unknown as Step;
	const request = {
		images: {},
		paths: { data, guest: join(data, 'guest'), stamps: join(data, 'stamps') },
		progress: { step: (_: string, work: (step: Step) => Promise<unknown>) => work(step) },
		toolchain: async () => assert.fail('this machine has a compiler'),
	};
	const folder = await ensureGuest(request as unknown as GuestRequest);
	const modes = ['.', ...readdirSync(folder).sort()].map((name) => `${name} ${(statSync(join(folder, name)).mode & 0o777).toString(8)}`);
	assert.deepEqual(modes, [
		'. 755',
		'agent 755',
		'bashrc 644',
		'check.sh 644',
		'cluster 755',
		'cluster-ssh 644',
		'cluster-view 644',
		'marks.bash 644',
	]);
});
