import assert from 'node:assert/strict';
import { test } from 'node:test';
import { screenText } from './screen-text.ts';

const show = (text: string, limit = 100_000) =>
	screenText({ parts: [{ cols: 20, rows: 5 }, { bytes: new TextEncoder().encode(text) }] }, limit);

test('what stands on the screen in the end, without escapes: colours, edited lines, progress, wrapped lines', async () => {
	assert.equal(await show('\x1b[31m$ \x1b[0mecho hj\b \bi\r\nhi\r\n'), '$ echo hi\nhi\n');
	assert.equal(await show('  1 %\r 50 %\r100 %\r\nready\r\n'), '100 %\nready\n');
	assert.equal(await show(`${'abcdefghij'.repeat(4)}\r\nend`), `${'abcdefghij'.repeat(4)}\nend\n`);
	assert.equal(await show('\x1b]0;title\x07\x1b]133;A\x07été — ✓\r\n'), 'été — ✓\n');
	assert.equal(await show(''), '');
});

test('a full-screen program leaves nothing; clear takes nothing away', async () => {
	assert.equal(await show('$ vim\r\n\x1b[?1049h\x1b[2Jtext in vim\x1b[?1049l$ '), '$ vim\n$\n');
	const lines = Array.from({ length: 12 }, (_, at) => `line ${at}`);
	const text = await show(`${lines.join('\r\n')}\r\n\x1b[H\x1b[2J\x1b[3Jafter\r\n`);
	assert.deepEqual(
		text.split('\n').filter((line) => line),
		[...lines, 'after'],
	);
});

test('nothing that was shown is lost: reset, erasing from the top, a full-screen program that was killed', async () => {
	// `reset` of TERM=xterm-256color, however the bytes are cut.
	const reset = '\x1bc\x1b[!p\x1b[?3;4l\x1b[4l\x1b>';
	const recorded = new TextEncoder().encode(`before\r\n\x1b[31m${reset}after\r\n`);
	for (const size of [1, 2, 1000]) {
		const parts = Array.from({ length: Math.ceil(recorded.length / size) }, (_, at) => ({
			bytes: recorded.subarray(at * size, (at + 1) * size),
		}));
		const text = await screenText({ parts: [{ cols: 20, rows: 5 }, ...parts] }, 1000);
		assert.deepEqual(text.split('\n').filter(Boolean), ['before', 'after'], `${size} bytes at a time`);
	}
	const lines = async (output: string) => (await show(output)).split('\n').filter(Boolean);
	// `clear` of TERM=linux and vt100; a screen erased by its size in places.
	assert.deepEqual(await lines('before\r\n\x1b[H\x1b[Jafter\r\n'), ['before', 'after']);
	assert.deepEqual(await lines('before\r\n\x1b[1;1H\x1b[0Jafter\r\n'), ['before', 'after']);
	// `kill -9` of vim and less: the shell goes on where they were.
	assert.deepEqual(await lines('$ vim\r\n\x1b[?1049h\x1b[2Jin vim\x1b]133;A\x07$ date\r\nSaturday\r\n'), ['$ vim', '$ date', 'Saturday']);
	assert.deepEqual(await lines(`$ less\r\n\x1b[?1049h\x1b[2Jin less${reset}$ date\r\n`), ['$ less', '$ date']);
	// What only edits the screen still does.
	assert.deepEqual(await lines('one\r\ntwo\x1b[1;1Hx\x1b[J'), ['x']);
});

test('the newest lines are taken, and it says so', async () => {
	const text = await show(Array.from({ length: 3000 }, (_, at) => `line ${at}\r\n`).join(''), 100);
	assert.ok(Buffer.byteLength(text) <= 110);
	assert.match(text, /^\[…\]\nline 29\d\d\n[\s\S]*line 2999\n$/);
});

test('what a program prints to break terminals breaks nothing', async () => {
	const bytes = new Uint8Array(300_000);
	for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 7919 + (at >> 3)) % 256;
	const text = await screenText({ parts: [{ cols: 1, rows: 1 }, { bytes }, { cols: 1000, rows: 1000 }, { bytes }] }, 10_000);
	assert.ok(Buffer.byteLength(text) <= 10_010);
	assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}/u);
});

test('a number of ten digits does not keep the server busy, nor do many small ones', { timeout: 60_000 }, async () => {
	// Each of them would take an hour, without a pause in which a test could end.
	for (const final of ['b', 'L', 'M', 'S', 'T', 'I', 'Z']) {
		assert.equal(await show(`A\x1b[2147483647${final}\r\nB\r\n`), 'A\nB\n', final);
		assert.match(await show(`A${`\x1b[999${final}`.repeat(20_000)}\r\nend\r\n`), /end\n$/, final);
	}
	assert.equal(await show('A\x1b[3b\r\n'), 'AAAA\n');
	// A few bytes that go over the whole of the largest screen, as often as a ring has room for.
	for (const few of ['\x1b[999H\x1b[2J', '\x1b[J', '\x1b[1J', '\x1bc', '\x1b#8', '\x1b[?1049h\x1b[?1049l', "\x1b['}", '\x1b[ @']) {
		const bytes = Buffer.from(few.repeat(20_000));
		await screenText({ parts: [{ cols: 1000, rows: 1000 }, { bytes }] }, 1000);
	}
	await show(`a${'\u0301'.repeat(20_000)}${'\x1b[999b'.repeat(400)}`);
	const sizes = Array.from({ length: 4096 }, (_, at) => ({ cols: 1 + ((at * 7) % 1000), rows: 24 }));
	const bytes = Buffer.from(`${'x'.repeat(70)}\r\n`.repeat(6000));
	const text = await screenText({ parts: [{ cols: 80, rows: 24 }, { bytes }, ...sizes, { bytes: Buffer.from('end') }] }, 10_000);
	assert.ok(Buffer.byteLength(text) <= 10_010);
});
