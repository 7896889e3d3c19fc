/** Looking at a real shell of the real agent: whoever looks changes nothing for whoever types. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { windowBytes } from '../../src/shared/protocol/messages.ts';
import { atPrompt, draw, machine } from './shell-machine.ts';

const MiB = 2 ** 20;

test('a watcher of 40×10 does not shrink a shell of 100×30, and sees the same screen', { timeout: patience(240_000) }, async (t) => {
	const one = await machine(t);
	const [desk, looker] = [await one.visit(), await one.visit()];
	const mine = await draw(desk, 1, { cols: 100, rows: 30 });
	await atPrompt(mine);
	const theirs = await draw(looker, 1, { watch: true });
	looker.send({ type: 'resize', channel: 1, cols: 40, rows: 10 });
	looker.type(1, 'echo not mine\r');
	await looker.until(() => looker.told('error').length === 2);
	desk.type(1, 'stty size; echo do""ne\r');
	await mine.shows('30 100');
	await theirs.shows('30 100');
	await mine.shows('done');
	await theirs.shows('done');
	for (const screen of [mine, theirs]) await atPrompt(screen);
	assert.deepEqual(await theirs.look(), await mine.look());
	assert.ok(!mine.text().includes('not mine'));
});

test('a watcher that does not read costs the server less than 1 MB, and the shell and its driver go on; then it is shown what is left', {
	timeout: patience(240_000),
}, async (t) => {
	const one = await machine(t);
	const [desk, looker] = [await one.visit(), await one.visit()];
	const mine = await draw(desk, 1, { cols: 100, rows: 30 });
	await atPrompt(mine);
	await draw(looker, 1, { watch: true });
	looker.acks = false;
	looker.received = 0;
	// More than the agent keeps (4 MiB): a stream that does not read is overtaken.
	desk.type(1, 'head -c 12000000 /dev/zero | tr "\\0" x | fold -w 99; echo; echo e""nd\r');
	await mine.shows('end');
	assert.ok(desk.received > 12_000_000);
	assert.ok(looker.received <= windowBytes, `${looker.received} bytes on the way to who does not read`);
	assert.ok(looker.received < MiB);
	looker.acks = true;
	looker.send({ type: 'ack', channel: 1, bytes: windowBytes });
	await looker.until(() => looker.told('reset').length === 1 && looker.told('live').length === 2);
	await looker.until(() => (looker.output.get(1) ?? '').includes('\nend\r\n'));
	assert.ok(looker.received < 6 * MiB, 'the rest of what the agent has kept, not all');
});

test('a page that closes while it is looked at leaves the watcher in peace; after a restart nobody looks unasked', {
	timeout: patience(240_000),
}, async (t) => {
	const one = await machine(t);
	const [desk, looker] = [await one.visit(), await one.visit()];
	const mine = await draw(desk, 1, { cols: 100, rows: 30 });
	await atPrompt(mine);
	const theirs = await draw(looker, 1, { watch: true });
	desk.type(1, '(sleep 0.5; echo a""lone) &\r');
	await mine.shows('sleep');
	await desk.close();
	await theirs.shows('alone');
	assert.equal(looker.told('resized').at(-1)?.cols, 100, 'nobody drives: the size stays');
	await one.leave();
	await one.serve();
	const again = await one.visit();
	assert.deepEqual(again.told('opened'), []);
});
