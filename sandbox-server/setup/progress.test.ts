import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Failure } from './failure.ts';
import { elapsed, Progress } from './progress.ts';

const screen = (isTTY: boolean) => {
	const written: string[] = [];
	return { written, isTTY, columns: 60, write: (text: string) => written.push(text) };
};

test('times are told as people say them', () => {
	assert.deepEqual([12, 340, 9_940, 59_400, 72_000].map(elapsed), ['0 s', '0.3 s', '9.9 s', '59 s', '1 min 12 s']);
});

test('without a terminal: plain lines, one when a step begins, one when it ends', async () => {
	const out = screen(false);
	const progress = new Progress(out, { clock: () => 0 });
	const value = await progress.step('Building', async (step) => {
		step.detail('noise');
		step.remark = 'done before';
		return 7;
	});
	assert.equal(value, 7);
	assert.deepEqual(out.written, ['… Building\n', '✓ Building — done before (0 s)\n']);
});

test('on a terminal: one line that lives, with the last words of the program, never longer than the screen', async () => {
	const out = screen(true);
	const progress = new Progress(out, { clock: () => 0 });
	await progress.step('Building', async (step) => step.detail(`\u001b[31mred\u001b[0m and ${'long '.repeat(50)}`));
	const lines = out.written.map((text) => text.replace('\r\u001b[K', ''));
	assert.ok(lines.some((line) => line.includes('red  and')) || lines.some((line) => line.includes('red')), lines.join('|'));
	assert.ok(lines.every((line) => line.length <= 61 && !line.includes('\u001b')));
	assert.equal(lines.at(-1), '✓ Building (0 s)\n');
});

test('a failure names the log, and the log has everything', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-progress-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const out = screen(false);
	const progress = new Progress(out, { clock: () => 0 });
	progress.openLog(join(folder, 'up.log'));
	const failure = await progress
		.step('Building', async (step) => {
			step.detail('a secret of the compiler');
			throw new Failure('It broke.');
		})
		.catch((error: unknown) => error);
	progress.close();
	assert.ok(failure instanceof Failure);
	assert.equal(failure.log, join(folder, 'up.log'));
	assert.match(readFileSync(join(folder, 'up.log'), 'utf8'), /== Building\na secret of the compiler\n✗ Building/);
	assert.equal(out.written.at(-1), '✗ Building (0 s)\n');
});
