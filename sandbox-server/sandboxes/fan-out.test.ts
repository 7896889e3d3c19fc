/** Many look at one terminal: each sees the same screen, however fast it reads and whenever it comes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import serialize from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import { windowBytes } from '../../src/shared/protocol/messages.ts';
import { eventually } from '../../tests/fixtures/eventually.ts';
import { until } from '../../tests/fixtures/manual-clock.ts';
import { FanOut } from './fan-out.ts';
import type { StartedCommand, ViewerSink, Watcher } from './viewers.ts';

const MiB = 2 ** 20;

/** A page: draws what it is sent, in order. */
class Drawn implements ViewerSink {
	readonly terminal = new headless.Terminal({ cols: 80, rows: 24, scrollback: 1000, allowProposedApi: true });
	readonly told: string[] = [];
	bytes = 0;
	free = 0;
	readonly #serializer = new serialize.SerializeAddon();

	constructor() {
		this.terminal.loadAddon(this.#serializer as never);
	}
	output(bytes: Uint8Array): void {
		this.bytes += bytes.length;
		this.terminal.write(Uint8Array.from(bytes));
	}
	preamble(bytes: Uint8Array): void {
		this.free += bytes.length;
		this.terminal.write(Uint8Array.from(bytes));
	}
	resized(cols: number, rows: number): void {
		this.terminal.write('', () => this.terminal.resize(cols, rows));
	}
	live(): void {
		this.told.push('live');
	}
	gap(): void {
		this.told.push('gap');
		this.terminal.write('', () => this.terminal.reset());
	}
	exited(): void {
		this.told.push('exited');
	}
	gone(): void {
		this.told.push('gone');
	}
	refused(): void {
		this.told.push('refused');
	}
	async screen(): Promise<string> {
		await new Promise<void>((resolve) => this.terminal.write('', resolve));
		return this.#serializer.serialize({ scrollback: 0 });
	}
}

/** A terminal that prints without waiting for credit, and what it was given of it. */
function fanned() {
	let credit = 0;
	const fanOut = new FanOut(() => undefined);
	fanOut.from({
		credit(bytes) {
			credit += bytes;
		},
		close: () => undefined,
	});
	fanOut.resized(80, 24);
	fanOut.live();
	const print = (text: string) => fanOut.output(Buffer.from(text));
	const join = (bytes: number): { page: Drawn; watcher: Watcher } => {
		const page = new Drawn();
		return { page, watcher: fanOut.watch({ credit: bytes, sink: page }) };
	};
	return { fanOut, print, join, credit: () => credit };
}

const line = (n: number) => `\x1b[3${n % 8}mline ${n} \u00e9\u00e8 \x1b[1mbold\x1b[0m\r\n`;
/** More than the ring has room for, in lines. */
const flood = Array.from({ length: 25_000 }, (_, n) => line(n)).join('');

test('who comes late, and who could not keep up, has the same screen as who has seen everything', async () => {
	const { print, join } = fanned();
	const always = join(100 * MiB);
	const slow = join(64 * 1024);
	await until(() => [always, slow].every(({ page }) => page.told.includes('live')));
	for (let at = 0; at < flood.length; at += 4096) print(flood.slice(at, at + 4096));
	print('\x1b[?1049h\x1b[5;10Hin a full-screen program');
	const bytes = Buffer.byteLength(flood);
	await until(() => always.page.bytes > bytes);
	const late = join(100 * MiB);
	slow.watcher.credit(100 * MiB);
	await until(() => late.page.told.includes('live') && slow.page.told.filter((word) => word === 'live').length === 2);
	assert.deepEqual(slow.page.told, ['live', 'gap', 'live']);
	for (const { page } of [late, slow]) {
		assert.equal(await page.screen(), await always.page.screen());
		assert.ok(page.bytes < MiB, 'the ring, not all');
	}
	assert.ok((await late.page.screen()).includes('in a full-screen program'));
});

test('who comes late scrolls where the program scrolls, and finds the cursor that it has put aside', async () => {
	const { print, join } = fanned();
	const always = join(100 * MiB);
	await until(() => always.page.told.includes('live'));
	for (let at = 0; at < flood.length; at += 4096) print(flood.slice(at, at + 4096));
	print('\x1b[2J\x1b[3;4H\x1b7\x1b[5;10r\x1b[10;1Hlast of the part that scrolls');
	// The part that is drawn, and not in the ring, has to have all of that in it.
	for (let at = 0; at < flood.length; at += 4096) print(`\x1b]0;${'t'.repeat(4000)}\x07`);
	const late = join(100 * MiB);
	await until(() => late.page.told.includes('live'));
	print('\r\nscrolled\x1b8put aside');
	for (const { page } of [always, late]) await eventually(async () => (await page.screen()).includes('put aside'), 'all of it');
	assert.equal(await late.page.screen(), await always.page.screen());
});

test('who does not read has its credit and no more, and the source goes on', async () => {
	const { print, join, credit } = fanned();
	const silent = join(256 * 1024);
	for (let round = 0; round < 4; round++) print(flood);
	await until(() => credit() > 3 * flood.length);
	assert.ok(silent.page.bytes <= 256 * 1024);
	assert.equal(silent.page.free, 0);
	silent.watcher.close();
});

test('lost output, an end and a terminal that is no more are told to everybody; commands to who comes later as well', async () => {
	const { fanOut, print, join } = fanned();
	const { page } = join(MiB);
	print('one');
	await until(() => page.bytes === 3);
	fanOut.gap();
	fanOut.resized(100, 30);
	print('two');
	fanOut.live();
	await until(() => page.told.at(-1) === 'live' && page.terminal.cols === 100);
	assert.match(await page.screen(), /^two/);
	fanOut.command({ command: 'ls' });
	const commands: string[] = [];
	const late = Object.assign(new Drawn(), { command: (started: StartedCommand) => void commands.push(started.command) });
	fanOut.watch({ credit: MiB, sink: late });
	fanOut.command({ command: 'pwd' });
	await until(() => late.told.includes('live'));
	const { bytes } = page;
	print('bye');
	fanOut.exited({ kind: 'exit', code: 0 });
	// What is still being gathered is not lost by the end.
	fanOut.gone();
	assert.deepEqual([page.bytes - bytes, commands], [3, ['ls', 'pwd']]);
	assert.deepEqual(
		[page.told, late.told],
		[
			['live', 'gap', 'live', 'exited', 'gone'],
			['live', 'exited', 'gone'],
		],
	);
});

test('what a learner prints to keep a processor busy keeps nobody waiting', async () => {
	const { fanOut, print, credit } = fanned();
	// This page does not draw: what it would do with these numbers is the browser's affair.
	fanOut.watch({ credit: MiB, sink: Object.assign(new Drawn(), { output: () => undefined }) });
	const evil = '\u00e9\x1b[2147483647b\x1b[2147483647L\x1b[2147483647S\x1b[2147483647I'.repeat(1000);
	const rounds = Math.ceil(MiB / Buffer.byteLength(evil));
	for (let round = 0; round < rounds; round++) print(evil);
	// More than the ring has room for: the rest has been drawn.
	await until(() => credit() > rounds * Buffer.byteLength(evil) - 128 * 1024);
});

test('what is being gathered goes to all at once, whoever gives credit meanwhile', async () => {
	const fanOut = new FanOut(() => undefined);
	fanOut.from({ credit: () => undefined, close: () => undefined });
	const pages = [new Drawn(), new Drawn()];
	const watchers = pages.map((sink) => fanOut.watch({ credit: MiB, sink }));
	fanOut.live();
	fanOut.output(Buffer.alloc(4096, 'a'));
	await until(() => pages.every(({ bytes }) => bytes === 4096));
	fanOut.output(Buffer.alloc(4096, 'b'));
	watchers[0]?.credit(4096);
	assert.deepEqual(
		pages.map(({ bytes }) => bytes),
		[4096, 4096],
	);
	await eventually(() => pages.every(({ bytes }) => bytes === 8192), 'what was gathered');
	fanOut.close();
});

test('a flood goes in pieces packed once for all, whole for each, though credit comes back late and not for all at the same time', async () => {
	const fanOut = new FanOut(() => undefined);
	fanOut.from({ credit: () => undefined, close: () => undefined });
	fanOut.live();
	const log = Buffer.from(Array.from({ length: 1000 }, (_, n) => `[${n}/1000] Compiling a part of a large program\r\n`).join(''));
	const pages = [1, 2, 3, 5].map((late) => {
		const page = { late, bytes: 0, plain: 0, packed: new Set<Uint8Array>(), owed: 0, watcher: undefined as Watcher | undefined };
		const sink = new Drawn();
		sink.output = (bytes: Uint8Array, _at?: bigint, pack?: () => Uint8Array | undefined) => {
			const packed = pack?.();
			page.bytes += bytes.length;
			if (packed) page.packed.add(packed);
			else page.plain += bytes.length;
			page.owed += bytes.length;
		};
		page.watcher = fanOut.watch({ credit: windowBytes, sink });
		return page;
	});
	await until(() => pages.every(({ watcher }) => watcher !== undefined));
	const giveBack = (page: (typeof pages)[number]) => {
		if (page.owed < windowBytes / 4) return;
		const { owed } = page;
		page.owed = 0;
		page.watcher?.credit(owed);
	};
	const rounds = 100;
	for (let round = 0; round < rounds; round++) {
		fanOut.output(log);
		await new Promise((resolve) => setImmediate(resolve));
		// Nobody is left so far behind that the ring has let go what they have not seen.
		for (const page of pages) if (round % page.late === 0 || (round + 1) * log.length - page.bytes > windowBytes) giveBack(page);
	}
	await eventually(() => {
		for (const page of pages) giveBack(page);
		return pages.every(({ bytes }) => bytes === rounds * log.length);
	}, 'the whole flood');
	for (const { late, plain } of pages)
		assert.ok(plain < 0.05 * rounds * log.length, `${plain} bytes not packed, of whom reads every ${late} rounds`);
	const pieces = new Set(pages.flatMap(({ packed }) => [...packed]));
	for (const { packed } of pages) assert.equal(packed.size, pieces.size);
	fanOut.close();
});

test('at the end a follower is sent as much as it may be, though not the whole piece', async () => {
	const { fanOut, print, join } = fanned();
	const { page } = join(windowBytes);
	await until(() => page.told.includes('live'));
	print('a'.repeat(150_000));
	await eventually(() => page.bytes === 150_000, 'what fits');
	print('b'.repeat(120_000));
	await new Promise((resolve) => setImmediate(resolve));
	assert.equal(page.bytes, 150_000, 'it waits for credit');
	fanOut.gone();
	assert.equal(page.bytes, windowBytes);
});

test('who does not read is not brought up to the present again and again, each time with a whole screen', async () => {
	const { print, join, credit } = fanned();
	const { page, watcher } = join(windowBytes);
	await until(() => page.told.includes('live'));
	let printed = 0;
	for (let piece = 0; piece < 12; piece++) {
		const text = line(piece).repeat(4900);
		print(text);
		printed += Buffer.byteLength(text);
		// What the ring has let go has been drawn, and what was gathered sent: now it could be.
		await until(() => credit() > printed - MiB);
		await new Promise((resolve) => setTimeout(resolve, 150));
	}
	print('the end');
	assert.deepEqual([page.told, page.free], [['live'], 0]);
	assert.ok(page.bytes <= windowBytes);
	watcher.credit(MiB);
	await eventually(async () => (await page.screen()).includes('the end'), 'the present');
	assert.deepEqual(page.told, ['live', 'gap', 'live']);
});
