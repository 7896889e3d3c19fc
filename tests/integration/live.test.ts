/** Terminals from a page's WebSocket to a real shell of the real agent, across restarts of the server, floods and ends. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { lessonSchema } from '../../src/shared/course/course.ts';
import { windowBytes } from '../../src/shared/protocol/messages.ts';
import { eventually } from '../fixtures/eventually.ts';
import { testLesson } from '../fixtures/in-process-sandboxes.ts';
import { atPrompt, draw, type Machine, machine } from './shell-machine.ts';

test('a server that restarts finds vim as it was: same screen, nothing typed, commands recorded once', {
	timeout: patience(240_000),
}, async (t) => {
	const one = await machine(t);
	const page = await one.visit();
	const before = await draw(page, 1, { cols: 100, rows: 30 });
	page.type(1, "printf '\\e[31mred\\e[0m \\e[4mline\\e[0m\\n'; seq 1 5000\r");
	await before.shows('5000');
	page.type(1, 'false\r');
	await page.until(() => one.commands().length === 2);
	page.type(1, 'vim -u NONE -c "set nocompatible mouse=a number showmode" notes.txt\r');
	await before.until(() => before.terminal.buffer.active.type === 'alternate');
	page.type(1, 'ihello from vim');
	await before.shows('-- INSERT --');
	page.type(1, '\x1b');
	await before.until(() => !before.text().includes('INSERT') && before.text().includes('hello from vim'));
	const was = await before.look();
	await one.leave();

	await one.serve();
	const again = await one.visit();
	const after = await draw(again, 7, { cols: 100, rows: 30 });
	await after.shows('hello from vim');
	assert.deepEqual(await after.look(), was);
	again.type(7, ':wq\r');
	await again.until(() => one.commands().length === 3);
	assert.equal(readFileSync(join(one.home, '01-first/notes.txt'), 'utf8'), 'hello from vim\n');
	assert.deepEqual(
		one.commands().map(([command, exit]) => [command.slice(0, 6), exit]),
		[
			['printf', 0],
			['false', 1],
			['vim -u', 0],
		],
	);
});

test('a command that ends while no server runs is recorded by the next one, once', { timeout: patience(240_000) }, async (t) => {
	const one = await machine(t);
	const page = await one.visit();
	const screen = await draw(page, 1);
	await atPrompt(screen);
	page.type(1, 'until [ -e go ]; do sleep 0.05; done; (exit 7)\r');
	await screen.shows('exit 7');
	await one.leave();
	writeFileSync(join(one.home, '01-first/go'), '');
	await one.serve();
	const again = await one.visit();
	await again.until(() => one.commands().length === 1);
	await one.leave();
	await one.serve();
	const third = await one.visit();
	await draw(third, 1);
	third.type(1, 'true\r');
	await third.until(() => one.commands().length === 2);
	assert.deepEqual(one.commands(), [
		['until [ -e go ]; do sleep 0.05; done; (exit 7)', 7],
		['true', 0],
	]);
});

test('a flood to a page that does not acknowledge stops at the window, Ctrl-C still works, and the shell goes on', {
	timeout: patience(240_000),
}, async (t) => {
	const one = await machine(t);
	const page = await one.visit();
	await page.show(1);
	page.acks = false;
	page.received = 0;
	page.type(1, 'yes\r');
	await page.until(() => page.received > windowBytes / 2);
	page.type(1, '\x03');
	page.acks = true;
	page.send({ type: 'ack', channel: 1, bytes: windowBytes });
	await page.until(() => one.commands().length === 1);
	assert.deepEqual(one.commands(), [['yes', 130]]);
	// The window, and 256 KiB by which a pacing stream may lag behind the shell, and the pseudo-terminal's own.
	assert.ok(page.received < 4 * windowBytes, `${page.received} bytes`);
	const screen = await draw(page, 2);
	page.type(2, 'echo st""ill here\r');
	await screen.shows('still here');
});

test('exit gives a new shell in the same place; a killed sandbox is told and can be had anew', {
	timeout: patience(240_000),
}, async (t) => {
	const one = await machine(t);
	const page = await one.visit();
	await page.show(1);
	page.type(1, 'exit 5\r');
	await page.until(() => page.told('exited').length === 1);
	assert.equal(page.told('exited')[0]?.code, 5);
	const screen = await draw(page, 1);
	assert.equal(page.told('opened').at(-1)?.fresh, true);
	page.type(1, 'pwd\r');
	await screen.shows(join(one.home, '01-first'));

	const killed = one.sandbox;
	one.runtime.processes.get(killed)?.kill('SIGKILL');
	await page.until(() => page.told('sandbox').at(-1)?.sandbox.state === 'lost');
	assert.match(page.told('sandbox').at(-1)?.sandbox.reason ?? '', /ended by itself/);
	await page.until(() => !existsSync(join(one.data, 'sandboxes', killed)));
	page.send({ type: 'start' });
	await page.until(() => page.told('sandbox').at(-1)?.sandbox.state === 'ready');
	await page.show(3);
	assert.notEqual(one.sandbox, killed);
});

test('a lesson’s files and setup are there before its first prompt, once, and again after a reset', {
	timeout: patience(240_000),
}, async (t) => {
	const source = mkdtempSync(join(tmpdir(), 'etabli-files-'));
	t.after(() => rmSync(source, { recursive: true, force: true }));
	mkdirSync(join(source, 'deep'));
	writeFileSync(join(source, 'lolcow.def'), 'Bootstrap: docker\n');
	writeFileSync(join(source, 'deep/run.sh'), '#!/bin/sh\n');
	chmodSync(join(source, 'deep/run.sh'), 0o755);
	symlinkSync('lolcow.def', join(source, 'link'));
	const setup = '#!/bin/sh\necho "$ETABLI_LESSON for $LEARNER" >> made\n';
	const one = await machine(t, { lesson: testLesson('first', { files: source, setup }) });
	const page = await one.visit();
	const screen = await draw(page, 1);
	const folder = join(one.home, '01-first');
	page.type(1, 'cat link; deep/run.sh && echo r""uns; touch mine\r');
	await screen.shows('runs');
	await page.show(2, '2');
	assert.equal(readFileSync(join(folder, 'made'), 'utf8'), `first for ${one.lab.owner.name}\n`);
	await page.until(() => existsSync(join(folder, 'mine')));
	await one.service.resetLesson(one.lab, 'first');
	assert.equal(existsSync(join(folder, 'mine')), false);
	assert.equal(readFileSync(join(folder, 'made'), 'utf8'), `first for ${one.lab.owner.name}\n`);
	await page.until(() => page.told('sandbox').at(-1)?.sandbox.state === 'ready');
	const fresh = await draw(page, 4);
	page.type(4, 'cat li""nk\r');
	await fresh.shows('Bootstrap: docker');
});

test('a cluster that does not start is told, and the lesson’s files and setup are there all the same', {
	timeout: patience(240_000),
}, async (t) => {
	// The command `cluster` is a sandbox's; this machine has none.
	const settings = lessonSchema.parse({ minutes: 10, cluster: 'slurm', steps: [{ id: 'one' }] });
	const one = await machine(t, { lesson: testLesson('first', { settings, setup: '#!/bin/sh\necho once >> made\n' }) });
	const page = await one.visit();
	await atPrompt(await draw(page, 1));
	await page.until(() => page.told('notice').length > 0);
	assert.equal(page.told('notice')[0]?.code, 'setup-failed');
	await page.show(2, '2');
	assert.equal(readFileSync(join(one.home, '01-first/made'), 'utf8'), 'once\n');
});

test('two pages draw the same, the one that is used gives the size', { timeout: patience(240_000) }, async (t) => {
	const one = await machine(t);
	const [desk, phone] = [await one.visit(), await one.visit()];
	const wide = await draw(desk, 1, { cols: 120, rows: 40 });
	const narrow = await draw(phone, 1, { cols: 40, rows: 20 });
	phone.type(1, 'stty size\r');
	await wide.shows('20 40');
	await narrow.shows('20 40');
	desk.type(1, 'stty size\r');
	await wide.shows('40 120');
	await narrow.shows('40 120');
	for (const screen of [wide, narrow]) await atPrompt(screen);
	assert.deepEqual(await narrow.look(), await wide.look());
});

/** Everything by which a learner could tell one shell from another; what differs anyhow is left out. */
const whoAmI = `{ env; set; alias; shopt; trap; jobs; stty -a; pwd; history | wc -l; ls /proc/$$/fd; ps -o args= -p $$; dirs -v; } > ~/look`;
async function looks(one: Machine): Promise<string[]> {
	const page = await one.visit();
	const screen = await draw(page, 1, { cols: 101, rows: 31 });
	await atPrompt(screen);
	page.type(1, `${whoAmI}; echo loo""ked\r`);
	await screen.shows('looked');
	await atPrompt(screen);
	const varies = /^(BASHPID|EPOCH\w+|PPID|RANDOM|SRANDOM|SECONDS|ETABLI_TTY|_)=|^declare|^LEARNER=/;
	const text = readFileSync(join(one.home, 'look'), 'utf8').replaceAll(one.data, '').replaceAll(one.lab.owner.name, 'learner');
	return [screen.text(), ...text.split('\n').filter((line) => !varies.test(line))];
}

test('a shell that was there before its learner looks as one that was asked for', { timeout: patience(240_000) }, async (t) => {
	const ahead = await machine(t, { pool: 1 });
	await eventually(() => ahead.waiting().length === 1, 'a shell that waits');
	assert.deepEqual(ahead.waiting(), ['80x24, 0 bytes'], 'it waits, and has printed nothing');
	const mine = await looks(ahead);
	assert.deepEqual(ahead.waiting(), []);
	assert.ok(mine.some((line) => /^LANG=(en_US|C)\.(UTF-8|utf8)$/.test(line)) && mine.includes('ETABLI_LESSON=first'));
	assert.ok(mine.includes('/home/01-first'));
	const fresh = await machine(t, { shellsAhead: false });
	const theirs = await looks(fresh);
	assert.deepEqual([mine.filter((line) => !theirs.includes(line)), theirs.filter((line) => !mine.includes(line))], [[], []]);
});

test('a shell that waits is found by the next server; the second terminal, and one in place of a dead one, are started', {
	timeout: patience(240_000),
}, async (t) => {
	const one = await machine(t, { pool: 1 });
	await eventually(() => one.waiting().length === 1, 'a shell that waits');
	await one.leave();
	await one.serve();
	await eventually(() => one.waiting().length === 1, 'a shell that waits');
	const page = await one.visit();
	const first = await draw(page, 1);
	assert.deepEqual(one.waiting(), []);
	page.type(1, 'echo $LEARNER; pwd\r');
	await first.shows(one.lab.owner.name);
	await first.shows(join(one.home, '01-first'));
	await page.show(2, '2');
	page.type(2, 'echo $LEARNER > second\r');
	const second = join(one.home, '01-first/second');
	await eventually(() => existsSync(second) && readFileSync(second, 'utf8') === `${one.lab.owner.name}\n`, 'what the second shell wrote');
	page.type(1, 'exit\r');
	await page.until(() => page.told('exited').length === 1);
	const again = await draw(page, 3);
	page.type(3, 'echo st""ill $LEARNER\r');
	await again.shows(`still ${one.lab.owner.name}`);
});

test('a shell that dies while it waits is nobody’s loss', { timeout: patience(240_000) }, async (t) => {
	const one = await machine(t, { pool: 1 });
	await eventually(() => one.waiting().length === 1, 'a shell that waits');
	one.killWaiting();
	await eventually(() => one.waiting().length === 0, 'the end of the shell');
	const page = await one.visit();
	const screen = await draw(page, 1);
	page.type(1, 'echo for $LEARNER\r');
	await screen.shows(`for ${one.lab.owner.name}`);
});
