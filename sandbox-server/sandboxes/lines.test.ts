/** Lines as whoever has the sandbox's end of the socket may treat them: the dialler, or the learner in its place. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ManualClock, until } from '../../tests/fixtures/manual-clock.ts';
import { MountedFolders } from '../runtimes/mounted-folder.ts';
import { Lines, mostLines, NoLine } from './lines.ts';

async function sandbox(t: TestContext) {
	const root = mkdtempSync(join(tmpdir(), 'etabli-'));
	const transport = new MountedFolders(root).of('one');
	const clock = new ManualClock();
	const lines = await Lines.listen(transport, clock, (error) => assert.fail(String(error)));
	const dialled: Socket[] = [];
	t.after(async () => {
		for (const socket of dialled) socket.destroy();
		await lines.close();
		rmSync(root, { recursive: true });
	});
	/** A line that waits. */
	const dial = async () => {
		const socket = connect(join(transport.path, 'preview.sock'));
		socket.on('error', () => undefined);
		dialled.push(socket);
		await once(socket, 'connect');
		return socket;
	};
	return { lines, clock, dial };
}

/** What is asked on a line, once it is. */
async function asked(line: Socket): Promise<number> {
	const [bytes] = (await once(line, 'data')) as [Buffer];
	assert.equal(bytes.length, 2);
	return bytes.readUInt16LE();
}

const why = (expected: NoLine['why']) => (error: unknown) => error instanceof NoLine && error.why === expected;

test('a port is named, what comes with the answer is kept, and a refusal is one', async (t) => {
	const { lines, dial } = await sandbox(t);
	const line = await dial();
	const connecting = lines.connect(65_535);
	assert.equal(await asked(line), 65_535);
	line.write(Buffer.concat([Buffer.of(0), Buffer.from('early')]));
	const connection = await connecting;
	connection.resume();
	const [early] = (await once(connection, 'data')) as [Buffer];
	assert.equal(String(early), 'early');
	assert.equal(lines.used, 1);
	const refusing = lines.connect(80);
	const other = await dial();
	assert.equal(await asked(other), 80);
	other.write(Buffer.of(111));
	await assert.rejects(refusing, why('refused'));
	connection.destroy();
	await until(() => lines.used === 0);
});

test('who speaks unasked, or comes in crowds, is not kept', async (t) => {
	const { lines, dial } = await sandbox(t);
	const talker = await dial();
	const gone = once(talker, 'close');
	talker.resume().write('GET / HTTP/1.1\r\n\r\n');
	await gone;
	const crowd = await Promise.all(Array.from({ length: 5 }, dial));
	let closed = 0;
	for (const one of crowd) one.resume().on('close', () => closed++);
	await until(() => closed === 3);
	assert.equal(lines.used, 0);
});

test('without a line, with one that breaks, one that never answers, and after the end: each says so, and nothing waits for ever', async (t) => {
	const { lines, clock, dial } = await sandbox(t);
	const none = assert.rejects(lines.connect(1), why('none'));
	await clock.advance(8000);
	await none;
	// A line that breaks once it is used costs a try, not the answer.
	const broken = await dial();
	const connecting = lines.connect(2);
	await asked(broken);
	broken.destroy();
	const line = await dial();
	assert.equal(await asked(line), 2);
	line.write(Buffer.of(0));
	(await connecting).destroy();
	const silent = await dial();
	const waiting = assert.rejects(lines.connect(3), why('none'));
	await asked(silent);
	await clock.advance(5000);
	await clock.advance(8000);
	await waiting;
	const last = assert.rejects(lines.connect(4), why('closed'));
	await lines.close();
	await last;
	await assert.rejects(lines.connect(5), why('closed'));
	assert.equal(clock.pending, 0);
	assert.ok(lines.closed);
});

test('so many at a time, so many more wait, and those beyond are told at once', async (t) => {
	const { lines, dial } = await sandbox(t);
	const connect = async () => {
		const line = await dial();
		line.once('data', () => line.write(Buffer.of(0)));
		return await lines.connect(1);
	};
	const used: Socket[] = [];
	for (let count = 0; count < mostLines; count++) used.push(await connect());
	await dial();
	const waiting = Array.from({ length: mostLines }, () => lines.connect(1).catch((error: NoLine) => error.why));
	await assert.rejects(lines.connect(1), why('busy'));
	assert.equal(lines.used, mostLines);
	await lines.close();
	assert.deepEqual(new Set(await Promise.all(waiting)), new Set(['closed']));
	assert.equal(
		used.every(({ destroyed }) => destroyed),
		true,
	);
});
