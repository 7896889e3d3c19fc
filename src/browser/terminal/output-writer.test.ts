import assert from 'node:assert/strict';
import { test } from 'node:test';
import headless from '@xterm/headless';
import { until } from '../../../tests/fixtures/manual-clock.ts';
import { OutputWriter } from './output-writer.ts';

/** Lines of a piece: each of 8 bytes. */
const piece = (from: number, lines: number) => Array.from({ length: lines }, (_, n) => `${String(from + n).padStart(6, '0')}\r\n`).join('');

function parsed(hidden: boolean): number {
	const term = new headless.Terminal({ cols: 80, rows: 24, scrollback: 50_000, allowProposedApi: true });
	const writer = new OutputWriter(term, () => hidden);
	let bytes = 0;
	for (let from = 0; from < 40_000; from += 4000) {
		const text = piece(from, 4000);
		writer.write(new TextEncoder().encode(text), () => {
			bytes += text.length;
		});
	}
	return bytes;
}

test('out of sight, output is parsed where it arrives, without any timer; in sight, xterm.js takes its turns', (t) => {
	t.mock.timers.enable({ apis: ['setTimeout'] });
	assert.equal(parsed(true), 40_000 * 8);
	assert.equal(parsed(false), 0, 'a timer comes first');
});

test('parsing at once touches the screen’s options only for somebody who reads further up, who goes on reading', (t) => {
	t.mock.timers.enable({ apis: ['setTimeout'] });
	const term = new headless.Terminal({ cols: 80, rows: 24, scrollback: 5000, allowProposedApi: true });
	const writer = new OutputWriter(term, () => true);
	const set = t.mock.fn(Reflect.set);
	const screen = { options: term.options };
	Object.defineProperty(term, 'options', {
		get: () => new Proxy(screen.options, { set: (options, name, value) => set(options, name, value) }),
	});
	writer.write(piece(0, 100));
	writer.write('$ ');
	assert.deepEqual([set.mock.callCount(), term.buffer.active.viewportY], [0, term.buffer.active.baseY]);
	term.scrollLines(-20);
	const at = term.buffer.active.viewportY;
	writer.write(piece(100, 5));
	assert.equal(term.buffer.active.viewportY, at);
	assert.equal(set.mock.callCount(), 2);
});

test('pieces are parsed in order, whether or not the page is in sight meanwhile', async () => {
	const term = new headless.Terminal({ cols: 80, rows: 24, scrollback: 5000, allowProposedApi: true });
	let hidden = false;
	const writer = new OutputWriter(term, () => hidden);
	const order: number[] = [];
	await new Promise<void>((resolve) => {
		for (let n = 0; n < 100; n++) {
			hidden = n % 7 > 3;
			writer.write(`${n}\r\n`, () => {
				order.push(n);
				if (n === 99) resolve();
			});
		}
	});
	assert.deepEqual(
		order,
		order.map((_, n) => n),
	);
	assert.equal(term.buffer.active.getLine(99)?.translateToString(true), '99');
});

test('a prompt begins on a line of its own, wherever the output is cut', async () => {
	const term = new headless.Terminal({ cols: 20, rows: 24, allowProposedApi: true });
	const writer = new OutputWriter(term, () => false);
	const mark = '\x1b]133;A;clears\x07';
	const text = `${mark}$ one\r\n${mark}$ printf\r\nno end\x1b]133;D;0\x07${mark}$ ${'x'.repeat(18)}${mark}$ two`;
	// Whole, cut once anywhere, within each mark too, and in single letters.
	const cuts = [[text], ...Array.from(text, (_, at) => [text.slice(0, at), text.slice(at)]), [...text]];
	for (const pieces of cuts) {
		term.reset();
		let ended = 0;
		await new Promise<void>((resolve) => {
			for (const part of pieces) writer.write(new TextEncoder().encode(part), () => ++ended === pieces.length && resolve());
		});
		const lines = Array.from({ length: 6 }, (_, at) => term.buffer.active.getLine(at)?.translateToString(true));
		assert.deepEqual(lines, ['$ one', '$ printf', 'no end', `$ ${'x'.repeat(18)}`, '$ two', ''], JSON.stringify(pieces[0]?.slice(-20)));
	}
});

test('a screen that goes while output is being parsed is not asked for anything any more', async (t) => {
	const complaints = t.mock.method(console, 'warn', () => undefined);
	const term = new headless.Terminal({ cols: 80, rows: 24, allowProposedApi: true });
	const writer = new OutputWriter(term, () => false);
	const told: string[] = [];
	writer.write('first\r\n', () => void told.push('first'));
	writer.write(new TextEncoder().encode('\x1b]133;A\x07$ '), () => void told.push('second'));
	writer.end();
	term.dispose();
	// Behind xterm.js's own timer.
	await new Promise((resolve) => setTimeout(resolve, 50));
	assert.deepEqual(told, []);
	assert.deepEqual(
		complaints.mock.calls.map(({ arguments: [said] }) => String(said)),
		[],
	);
});

test('what may be the beginning of a mark is on the screen, and told of, before the rest comes', async () => {
	const term = new headless.Terminal({ cols: 20, rows: 24, allowProposedApi: true });
	const writer = new OutputWriter(term, () => false);
	const write = (text: string) => new Promise<void>((resolve) => writer.write(new TextEncoder().encode(text), resolve));
	await write('one\x1b');
	assert.equal(term.buffer.active.getLine(0)?.translateToString(true), 'one');
	await write('[31mtwo\x1b]13');
	await write('2;no mark\x07three');
	assert.equal(term.buffer.active.getLine(0)?.translateToString(true), 'onetwothree');
	await write('\x1b]133');
	await new Promise<void>((resolve) =>
		writer.begin(() => {
			term.reset();
			resolve();
		}),
	);
	await write(';A\x07');
	assert.equal(term.buffer.active.getLine(0)?.translateToString(true), ';A', 'another replay has nothing of the one before');
});

test('while it stands back, a little is parsed for each frame, in order; afterwards all at once', async (t) => {
	t.mock.method(performance, 'now', () => 0);
	const term = new headless.Terminal({ cols: 80, rows: 24, scrollback: 50_000, allowProposedApi: true });
	const frames: (() => void)[] = [];
	let typing = true;
	let told = () => {};
	const waits = () => new Promise<void>((resolve) => (told = resolve));
	const writer = new OutputWriter(term, () => false, {
		stepBack: () => typing,
		atOnce: () => true,
		afterFrame: (goOn) => {
			frames.push(goOn);
			told();
		},
	});
	const lines = 40_000;
	const bytes = new TextEncoder().encode(piece(0, lines));
	const shown = () => term.buffer.active.baseY + term.buffer.active.cursorY;
	let done = false;
	const { promise, resolve } = Promise.withResolvers<void>();
	let stopped = waits();
	writer.write(bytes, () => {
		done = true;
		resolve();
	});
	for (let frame = 1; frame <= 3; frame++) {
		await stopped;
		assert.equal(shown(), (frame * 16 * 1024) / 8);
		assert.ok(!done);
		stopped = waits();
		frames.shift()?.();
	}
	await stopped;
	typing = false;
	frames.shift()?.();
	await promise;
	assert.equal(frames.length, 1, 'that of the whole rest');
	assert.equal(shown(), lines);
	const all = Array.from({ length: lines }, (_, at) => term.buffer.active.getLine(at)?.translateToString(true));
	assert.ok(all.every((line, at) => line === String(at).padStart(6, '0')));
});

/** A page in sight whose frames are drawn when the test says so. */
function drawn({ atOnce = () => true }: { atOnce?: () => boolean } = {}) {
	const term = new headless.Terminal({ cols: 80, rows: 24, scrollback: 200_000, allowProposedApi: true });
	const frames: (() => void)[] = [];
	const page = { hidden: false };
	const writer = new OutputWriter(term, () => page.hidden, { stepBack: () => false, afterFrame: (goOn) => frames.push(goOn), atOnce });
	let parsed = 0;
	const print = (bytes: number) => {
		const text = piece(0, bytes / 8);
		writer.write(new TextEncoder().encode(text), () => {
			parsed += text.length;
		});
	};
	return { writer, frames, page, print, parsed: () => parsed };
}

test('a little is parsed as it comes; a flood waits for a frame, and then for all that has come meanwhile', async () => {
	const { frames, print, parsed } = drawn();
	print(8);
	print(1024);
	assert.deepEqual([parsed(), frames.length], [1032, 0]);
	print(64 * 1024);
	assert.deepEqual([parsed(), frames.length], [65 * 1024 + 8, 1], 'its turn is over when nothing more is there');
	for (let n = 0; n < 20; n++) print(64 * 1024);
	assert.equal(parsed(), 65 * 1024 + 8, 'nothing until the frame has been drawn');
	frames.shift()?.();
	await until(() => frames.length === 1);
	assert.ok(parsed() > 65 * 1024 + 8);
	while (parsed() < 21 * 64 * 1024 + 1032) {
		frames.shift()?.();
		await until(() => frames.length === 1);
	}
	assert.equal(parsed(), 21 * 64 * 1024 + 1032);
});

test('after Ctrl+C what waits, and what comes, is parsed without a frame', (t) => {
	t.mock.method(performance, 'now', () => 0);
	const { writer, frames, print, parsed } = drawn();
	print(64 * 1024);
	print(256 * 1024);
	assert.deepEqual([parsed(), frames.length], [64 * 1024, 1]);
	writer.hurry();
	assert.equal(parsed(), 320 * 1024);
	print(64 * 1024);
	assert.deepEqual([parsed(), frames.length], [384 * 1024, 1]);
});

test('a page that goes out of sight while it waits for a frame goes on', () => {
	const { frames, page, print, parsed } = drawn();
	print(64 * 1024);
	assert.equal(frames.length, 1);
	page.hidden = true;
	print(64 * 1024);
	print(64 * 1024);
	assert.equal(parsed(), 192 * 1024);
	frames.shift()?.();
	assert.equal(frames.length, 0);
});

test('where something is selected, xterm.js takes its turns: it would let go of the selection', async () => {
	const { print, parsed, frames } = drawn({ atOnce: () => false });
	for (let n = 0; n < 3; n++) print(64 * 1024);
	assert.equal(parsed(), 0);
	await until(() => parsed() === 192 * 1024);
	assert.equal(frames.length, 0);
});
