import assert from 'node:assert/strict';
import { test } from 'node:test';
import headless from '@xterm/headless';
import { boundWork } from './bounded-drawing.ts';

function bounded() {
	const terminal = new headless.Terminal({ cols: 80, rows: 24, allowProposedApi: true });
	boundWork(terminal);
	const print = (text: string) => new Promise<void>((resolve) => terminal.write(text, resolve));
	/** The longest text of any cell. */
	const longest = () => {
		const { active } = terminal.buffer;
		const rows = Array.from({ length: active.length }, (_, row) => active.getLine(row));
		return Math.max(...rows.flatMap((line) => Array.from({ length: 80 }, (_, at) => line?.getCell(at)?.getChars().length ?? 0)));
	};
	return { terminal, print, longest };
}

test('what joins one character without end does not stay in one cell: marks, joined emoji, half syllables', async () => {
	for (const more of ['\u0301', '\u200d\u{1f469}', '\u1160', '\u1100']) {
		const { print, longest } = bounded();
		// In several pieces: where one ends is no beginning.
		await print(`a${more}`);
		for (let piece = 0; piece < 20; piece++) await print(more.repeat(500));
		assert.ok(longest() <= 40, `${longest()} in one cell`);
		await print('e\u0301');
		assert.ok(longest() > 1, 'a few do join');
	}
});

test('links, titles and names leave nothing in memory; the text of a link is drawn', async () => {
	const { terminal, print } = bounded();
	for (let n = 0; n < 1000; n++) await print(`\r\x1b]8;;https://example.org/${n}\x07link ${n}\x1b]8;;\x1b\\\x1b]0;title ${n}\x07`);
	assert.equal(terminal.markers.length, 0);
	assert.equal(terminal.buffer.active.getLine(0)?.translateToString(true), 'link 999');
});

test('emoji are as wide as in the terminals that people see', async () => {
	const { terminal, print } = bounded();
	await print('\u{1f469}\u200d\u{1f469}\u200d\u{1f467}x');
	assert.equal(terminal.buffer.active.getLine(0)?.getCell(2)?.getChars(), 'x');
});
