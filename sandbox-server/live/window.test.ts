import assert from 'node:assert/strict';
import { test } from 'node:test';
import { windowBytes } from '../../src/shared/protocol/messages.ts';
import { mostBeyond, Window } from './window.ts';

interface Reader {
	/** Bytes a ms that the page parses. */
	rate: number;
	/** From the server to the page and back, ms; or from one drawn frame to the next. */
	away?: number;
	/** It says how fast it parses. */
	tells?: boolean;
}

/** A program that prints without end to a page for so long. @returns bytes a ms that were worked off in the second half */
function read(window: Window, clock: { ms: number }, { rate, away = 0, tells = true }: Reader, ms: number): number {
	const pieceBytes = 32 * 1024;
	const pieces: number[] = [];
	let inFlight = 0;
	let free = clock.ms;
	let worked = 0;
	const end = clock.ms + ms;
	const half = clock.ms + ms / 2;
	for (; clock.ms < end; clock.ms++) {
		while (inFlight + pieceBytes <= window.size) {
			inFlight += pieceBytes;
			free = Math.max(free, clock.ms + away / 2) + pieceBytes / rate;
			pieces.push(free + away / 2);
		}
		while (pieces[0] !== undefined && pieces[0] <= clock.ms) {
			pieces.shift();
			window.acked(pieceBytes, inFlight, tells ? rate : undefined);
			inFlight -= pieceBytes;
			if (clock.ms >= half) worked += pieceBytes;
		}
	}
	return worked / (ms / 2);
}

/** A network that lets so many bytes through in a ms, for so long; the page parses more, and says so. */
function slowly(window: Window, clock: { ms: number }, { perMs, parses }: { perMs: number; parses: number }, ms: number): void {
	for (const end = clock.ms + ms; clock.ms < end; clock.ms += 10) window.acked(10 * perMs, window.size, parses);
}

test('is what the page works off in a moment', () => {
	const clock = { ms: 0 };
	const beyond = { bytes: 0, roundTrip: undefined };
	const window = new Window(beyond, () => clock.ms);
	read(window, clock, { rate: 1000 }, 5000);
	assert.ok(window.size <= 2 * windowBytes, `1 MB/s: ${window.size}`);
	assert.ok(read(window, clock, { rate: 10_000 }, 3000) > 9000);
	assert.ok(window.size >= 1e6 && window.size <= 2e6, `10 MB/s: ${window.size}`);
	read(window, clock, { rate: 100_000 }, 2000);
	assert.equal(window.size, windowBytes + mostBeyond, 'bounded');
	read(window, clock, { rate: 1000 }, 30_000);
	assert.ok(window.size <= 2 * windowBytes, `a page that has become slow: ${window.size}`);
	assert.equal(beyond.bytes, window.size - windowBytes);
});

test('a page that draws for long between two pieces does not wait for the next one', () => {
	const clock = { ms: 0 };
	const window = new Window({ bytes: 0, roundTrip: undefined }, () => clock.ms);
	const reached = read(window, clock, { rate: 10_000, away: 400 }, 5000);
	// All that it parses in 150 ms, each time.
	assert.ok(reached > (0.9 * 10_000 * 150) / 400, `${Math.round(reached)} bytes a ms`);
	const older = new Window({ bytes: 0, roundTrip: undefined }, () => clock.ms);
	read(older, clock, { rate: 10_000, tells: false }, 5000);
	assert.ok(older.size >= 900_000 && older.size <= 1_100_000, `a page that does not tell: ${older.size}`);
});

test('a page that is far away soon has what it needs, and keeps no more on the way than helps it', () => {
	for (const away of [50, 150, 300]) {
		const clock = { ms: 0 };
		const window = new Window({ bytes: 0, roundTrip: away }, () => clock.ms);
		const reached = read(window, clock, { rate: 12_000, away }, 4000);
		// Of what the largest window allows, or of what the page can do.
		const possible = Math.min(12_000, window.size / away);
		assert.ok(reached > possible * 0.9, `${away} ms away: ${Math.round(reached)} of ${Math.round(possible)} bytes a ms`);
	}
	const clock = { ms: 0 };
	const window = new Window({ bytes: 0, roundTrip: 100 }, () => clock.ms);
	assert.ok(read(window, clock, { rate: 1000, away: 100 }, 60_000) > 900);
	assert.ok(window.size <= 2 * windowBytes, String(window.size));
});

test('a first window is of no more than a second of a slow network, and is soon what comes through in a moment', () => {
	const clock = { ms: 0 };
	// 8 Mbit/s; the page itself parses ten times as much.
	const window = new Window({ bytes: 0, roundTrip: 1000 }, () => clock.ms);
	assert.ok(window.size <= windowBytes + 300_000, String(window.size));
	const near = new Window({ bytes: 0, roundTrip: 50 }, () => clock.ms);
	slowly(near, clock, { perMs: 1000, parses: 10_000 }, 5000);
	assert.ok(near.size <= 700_000, String(near.size));
});

test('a clock that is set back holds nothing up', () => {
	const clock = { ms: 1_000_000 };
	const window = new Window({ bytes: 0, roundTrip: undefined }, () => clock.ms);
	read(window, clock, { rate: 1000 }, 2000);
	clock.ms -= 500_000;
	assert.ok(read(window, clock, { rate: 10_000 }, 3000) > 9000);
	assert.ok(window.size >= 1e6, String(window.size));
});

test('what was quiet before a flood does not make its page slow', () => {
	const clock = { ms: 0 };
	const window = new Window({ bytes: 0, roundTrip: undefined }, () => clock.ms);
	read(window, clock, { rate: 10_000 }, 2000);
	const { size } = window;
	clock.ms += 60_000;
	window.acked(30_000, 30_000);
	clock.ms += 60_000;
	assert.ok(read(window, clock, { rate: 10_000 }, 200) > 9000);
	assert.ok(window.size >= size / 2, `${window.size} after ${size}`);
});

test('says nothing of a page that waits for its program', () => {
	const clock = { ms: 0 };
	const window = new Window({ bytes: 0, roundTrip: undefined }, () => clock.ms);
	for (let i = 0; i < 100; i++) {
		clock.ms += 10;
		window.acked(90_000, 90_000);
	}
	assert.equal(window.size, windowBytes);
});

test('all windows of a page together are bounded, and a closed one leaves its part to the others', () => {
	const clock = { ms: 0 };
	const beyond = { bytes: 0, roundTrip: undefined };
	const windows = Array.from({ length: 8 }, () => new Window(beyond, () => clock.ms));
	for (const window of windows) read(window, clock, { rate: 100_000 }, 1000);
	assert.equal(beyond.bytes, mostBeyond);
	assert.equal(
		windows.reduce((sum, { size }) => sum + size, 0),
		8 * windowBytes + mostBeyond,
	);
	for (const window of windows.slice(0, 7)) window.close();
	const last = windows[7] as Window;
	read(last, clock, { rate: 100_000 }, 1000);
	assert.equal(last.size, windowBytes + mostBeyond);
});
