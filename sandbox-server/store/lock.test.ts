import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lockFolder } from './lock.ts';

test('a data folder has one server, and is free again when that one is killed', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-lock-'));
	const release = lockFolder(folder);
	assert.throws(() => lockFolder(folder), /Another server runs with the folder .*etabli down/);
	release();
	release();
	const script = `
		const { lockFolder } = await import(${JSON.stringify(new URL('./lock.ts', import.meta.url).href)});
		lockFolder(${JSON.stringify(folder)});
		process.stdout.write('held');
		setInterval(() => {}, 1000);
	`;
	const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
	await once(child.stdout, 'data');
	assert.throws(() => lockFolder(folder), /Another server/);
	child.kill('SIGKILL');
	await once(child, 'exit');
	lockFolder(folder)();
	assert.throws(() => lockFolder(join(folder, 'nowhere')), /cannot be made/);
	rmSync(folder, { recursive: true });
});
