import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { readCast } from '../../src/shared/cast.ts';
import type { Moment } from '../sandboxes/output-times.ts';
import type { Recording } from '../sandboxes/recording.ts';
import { castOf } from './cast.ts';
import { keptRecording, packRecording, unpackRecording } from './kept-recording.ts';

const words = { title: 'A “lesson”\u2028', noTimes: 'no times', cut: 'cut' };
const size = { cols: 80, rows: 24 };

/** As it is kept, read again, and taken home. */
function taken({ parts }: Recording, moments: Moment[], { limit = 1e6, exit }: { limit?: number; exit?: number } = {}) {
	const kept = keptRecording({ parts }, { term: 1, moments, exit }, limit);
	assert.ok(kept);
	const read = unpackRecording(packRecording(kept));
	assert.deepEqual(read, kept);
	const text = castOf(kept, words);
	for (const line of text.trimEnd().split(/[\n\u2028\u2029\x85]/)) JSON.parse(line);
	const cast = readCast(text);
	assert.ok(!('fault' in cast), JSON.stringify(cast));
	return { ...cast, text, header: JSON.parse(text.split('\n')[0] ?? ''), shown: cast.events.map(({ at, code, data }) => [at, code, data]) };
}

test('output at its times, sizes between, the end; the header says what a player needs', () => {
	const parts = [
		size,
		{ from: 0, bytes: Buffer.from('$ ls\r\n') },
		{ cols: 100, rows: 30 },
		{ from: 6, bytes: Buffer.from('\x1b[31ma\x1b[0m') },
	];
	const moments = [
		{ end: 2, ms: 1_700_000_000_400 },
		{ end: 6, ms: 1_700_000_001_650 },
		{ end: 16, ms: 1_700_003_601_650 },
	];
	const { header, shown } = taken({ parts }, moments, { exit: 130 });
	assert.deepEqual(header, {
		version: 3,
		term: { cols: 80, rows: 24, type: 'xterm-256color' },
		timestamp: 1_700_000_000,
		idle_time_limit: 2,
		title: words.title,
	});
	assert.deepEqual(shown, [
		[0, 'o', '$ '],
		[1.25, 'o', 'ls\r\n'],
		[3601.25, 'r', '100x30'],
		[3601.25, 'o', '\x1b[31ma\x1b[0m'],
		[3601.25, 'x', '130'],
	]);
});

test('a letter that comes in two pieces is one letter; whatever bytes come, every line is JSON', () => {
	const text = Buffer.from('é€😀\u0085\u2028"\\\x00\x7f\ufeff');
	const cut = { parts: [size, ...[...text].map((byte, from) => ({ from, bytes: Uint8Array.of(byte) }))] };
	const moments = [...text].map((_, at) => ({ end: at + 1, ms: at * 100 }));
	const { events } = taken(cut, moments);
	assert.equal(events.map(({ data }) => data).join(''), text.toString());
	assert.equal(events[0]?.at, 0);
	for (let round = 0; round < 50; round++) {
		const noise = randomBytes(2000);
		const { events: all } = taken({ parts: [size, { from: 0, bytes: noise }] }, [{ end: 700, ms: 1 }]);
		assert.equal(all.map(({ data }) => data).join(''), new TextDecoder('utf-8', { ignoreBOM: true }).decode(noise));
	}
});

test('a part of which no time is known is marked, and the pause after it has its length', () => {
	const moments = [
		{ end: 1, ms: 1000 },
		{ end: 3, ms: undefined },
		{ end: 4, ms: 61_000 },
	];
	const { shown } = taken({ parts: [size, { from: 0, bytes: Buffer.from('abcd') }] }, moments);
	assert.deepEqual(shown, [
		[0, 'o', 'a'],
		[0, 'm', 'no times'],
		[0, 'o', 'bc'],
		[60, 'o', 'd'],
	]);
	const without = taken({ parts: [size, { from: 0, bytes: Buffer.from('abcd') }] }, [{ end: 4, ms: undefined }]);
	assert.deepEqual(
		[without.shown, without.header.timestamp],
		[
			[
				[0, 'm', 'no times'],
				[0, 'o', 'abcd'],
			],
			undefined,
		],
	);
	const back = taken({ parts: [size, { from: 0, bytes: Buffer.from('ab') }] }, [
		{ end: 1, ms: 5000 },
		{ end: 2, ms: 10 },
	]);
	assert.deepEqual(
		back.shown.map(([at]) => at),
		[0, 0],
	);
});

test('of too much the newest is kept, from a prompt on, in the size that it had there; what an agent has let go of is told', () => {
	const old = `${'x'.repeat(50)}\r\n`;
	const parts = [
		size,
		{ bytes: Buffer.from('\x1b[?1049h') },
		{ from: 1000, bytes: Buffer.from(old) },
		{ cols: 90, rows: 20 },
		{ from: 1052, bytes: Buffer.from(`yy\r\n\x1b]133;A\x07$ `) },
	];
	const moments = [
		{ end: 1052, ms: 1000 },
		{ end: 1066, ms: 2000 },
	];
	const whole = taken({ parts }, moments);
	assert.deepEqual(whole.shown.slice(0, 4), [
		[0, 'm', 'cut'],
		[0, 'o', '\x1b[?1049h'],
		[0, 'o', old],
		[1, 'r', '90x20'],
	]);
	const newest = taken({ parts }, moments, { limit: 20 });
	assert.deepEqual(
		[newest.cols, newest.rows, newest.shown],
		[
			90,
			20,
			[
				[0, 'm', 'cut'],
				[0, 'o', '\x1b]133;A\x07$ '],
			],
		],
	);
	const letter = taken({ parts: [size, { from: 0, bytes: Buffer.from('😀😀') }] }, [], { limit: 6 });
	assert.deepEqual(letter.shown, [
		[0, 'm', 'cut'],
		[0, 'o', '😀'],
	]);
});

test('what is not ours is no recording', () => {
	for (const bytes of ['', '{}', '{}\n', 'x\n', '{"version":2}\nabc']) assert.equal(unpackRecording(Buffer.from(bytes)), undefined);
	assert.equal(keptRecording({ parts: [size] }, { term: 1, moments: [], exit: undefined }, 10), undefined);
});
