import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { claim, endProcess, markedProcess, markProcess, startTime, withLock } from './processes.ts';

function folder(t: TestContext): string {
	const path = mkdtempSync(join(tmpdir(), 'etabli-processes-'));
	t.after(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

test('a mark is believed while that very process runs', async (t) => {
	const path = join(folder(t), 'mark');
	const child = spawn('sleep', ['100']);
	assert.ok(child.pid);
	markProcess(path, child.pid, 'http://127.0.0.1:1');
	assert.equal(markedProcess(path)?.note, 'http://127.0.0.1:1');
	child.kill();
	await once(child, 'exit');
	assert.equal(markedProcess(path), undefined);
	assert.equal(existsSync(path), false);
});

test('another process with the number of the dead one is not taken for it', (t) => {
	const path = join(folder(t), 'mark');
	writeFileSync(path, JSON.stringify({ pid: process.pid, started: '1', note: '' }));
	assert.equal(markedProcess(path), undefined);
});

test('a mark that is damaged says nothing', (t) => {
	const path = join(folder(t), 'mark');
	writeFileSync(path, '{"pid":');
	assert.equal(markedProcess(path), undefined);
});

test('only the first claims; a dead owner does not count', (t) => {
	const path = join(folder(t), 'deep/claim');
	assert.equal(claim(path, 'me'), undefined);
	assert.equal(claim(path, 'again')?.note, 'me');
	writeFileSync(path, JSON.stringify({ pid: 2 ** 22 + 1, started: '1', note: 'dead' }));
	assert.equal(claim(path, 'heir'), undefined);
	assert.equal(markedProcess(path)?.note, 'heir');
	assert.deepEqual(readdirSync(join(path, '..')), ['claim']);
});

test('who waits for a lock is told whom for, and gets it', async (t) => {
	const path = join(folder(t), 'lock');
	const order: string[] = [];
	let release = (): void => {};
	const first = withLock(
		path,
		() => {},
		() =>
			new Promise<void>((resolve) => {
				order.push('first');
				release = resolve;
			}),
	);
	const waited: number[] = [];
	const second = withLock(
		path,
		(pid) => {
			waited.push(pid);
			release();
		},
		async () => void order.push('second'),
	);
	await Promise.all([first, second]);
	assert.deepEqual([order, waited, existsSync(path)], [['first', 'second'], [process.pid], false]);
});

test('a process that does not want to end is ended by force', async () => {
	const child = spawn('sh', ['-c', 'trap "" TERM; echo up; while :; do sleep 1; done'], { stdio: ['ignore', 'pipe', 'ignore'] });
	await once(child.stdout, 'data');
	assert.ok(child.pid);
	const started = startTime(child.pid);
	assert.ok(started);
	assert.equal(await endProcess({ pid: child.pid, started, note: '' }, 50), false);
	assert.equal(startTime(child.pid), undefined);
});
