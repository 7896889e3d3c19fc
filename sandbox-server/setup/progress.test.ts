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

test('what a program writes over its own words is a line of its own', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-progress-'));
	t.after(() => rmSync(folder, { recursive: true }));
	for (const verbose of [false, true]) {
		const out = screen(!verbose);
		const progress = new Progress(out, { clock: () => 0, verbose });
		progress.openLog(join(folder, 'log'));
		await progress.step('Fetching', async (step) => {
			for (const said of ['10%\r20%\r', '30%\b\b\b40%', 'a\r\nb']) step.detail(said);
		});
		progress.close();
		assert.match(readFileSync(join(folder, 'log'), 'utf8'), /^== Fetching\n10%\n20%\n30%\n40%\na\nb\n✓/);
		const shown = verbose ? /\n {4}10%\n {4}20%\n {4}30%\n {4}40%\n {4}a\n {4}b\n/ : / {2}10% 20%↵.* {2}30% 40%↵.* {2}a b↵/;
		assert.match(out.written.join('').replaceAll('\r\x1b[K', '↵'), shown);
	}
});

test('what programs and courses say moves nothing on the screen, and stands in the log as it can be read', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-progress-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const evil = '\x1b[31mred\x1b[0m\x9b2J\x85\u202egnp\x07';
	for (const verbose of [false, true]) {
		const out = screen(!verbose);
		const progress = new Progress(out, { clock: () => 0, verbose });
		progress.openLog(join(folder, 'log'));
		await progress.step(evil, async (step) => {
			step.detail(evil);
			step.remark = evil;
		});
		progress.say(`${evil}\nnext`);
		progress.tell(evil);
		await assert.rejects(progress.step('b', async () => Promise.reject(new Error(evil))));
		progress.close();
		const unseen = /(?!\n)[\p{Cc}\p{Bidi_Control}]/u;
		assert.doesNotMatch(out.written.join('').replaceAll('\r\x1b[K', ''), unseen);
		assert.doesNotMatch(readFileSync(join(folder, 'log'), 'utf8'), unseen);
		assert.match(out.written.join(''), /\\u009b2J\\u0085\\u202egnp\\u0007\nnext\n/);
	}
});

test('side by side: each step has its two lines, and in the log it is seen whose words are whose', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-progress-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const out = screen(false);
	const progress = new Progress(out, { clock: () => 0 });
	progress.openLog(join(folder, 'log'));
	const image = progress.step('Image', async () => {
		await Promise.resolve();
		await progress.step('Its layer', async (inner) => inner.detail('unpacking'));
	});
	await progress.step('Site', async () => {
		progress.detail('pages');
		await image;
	});
	progress.close();
	assert.deepEqual(out.written.toSorted(), ['… Image\n', '… Site\n', '✓ Image (0 s)\n', '✓ Site (0 s)\n'].toSorted());
	const log = readFileSync(join(folder, 'log'), 'utf8');
	for (const line of ['Image: unpacking', 'Site: pages']) assert.match(log, new RegExp(`^${line}$`, 'm'));
	assert.doesNotMatch(log, /== Its layer|✓ Its layer/);
});

test('side by side on a terminal: the live line names all that run, and stays one line', async () => {
	const out = screen(true);
	const progress = new Progress(out, { clock: () => 0 });
	let end = () => {};
	const ended = new Promise<void>((resolve) => {
		end = resolve;
	});
	const steps = [progress.step('Image of the registry', () => ended), progress.step('Building the site', () => ended)];
	assert.equal(out.written.at(-1), '\r\u001b[K… Image of the registry (0 s) · Building the site (0 s)');
	const third = progress.step('Compiling the agent', () => ended);
	assert.ok((out.written.at(-1) ?? '').length <= 60 + '\r\u001b[K'.length, out.written.at(-1));
	end();
	await Promise.all([...steps, third]);
	assert.match(out.written.at(-1) ?? '', /✓ /);
});

test('while a question waits for its answer, nothing else comes to the screen; it comes afterwards', async () => {
	for (const isTTY of [true, false]) {
		const out = screen(isTTY);
		const progress = new Progress(out, { clock: () => 0 });
		let end = () => {};
		const ended = new Promise<void>((resolve) => {
			end = resolve;
		});
		const other = progress.step('Building the site', () => ended);
		await progress.step('Base', () =>
			progress.asking(async () => {
				const before = out.written.length;
				end();
				await other;
				progress.say('a warning');
				assert.equal(out.written.length, before);
			}),
		);
		const text = out.written.join('').replaceAll('\r\x1b[K', '');
		assert.match(text, /✓ Building the site \(0 s\)\na warning\n/);
	}
});
