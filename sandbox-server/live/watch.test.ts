/** A page that only looks: what it sees, and what it cannot do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { windowBytes } from '../../src/shared/protocol/messages.ts';
import type { InProcessAgent } from '../../tests/fixtures/in-process-agent.ts';
import { openLive } from '../../tests/fixtures/live-pages.ts';
import { settled, until } from '../../tests/fixtures/manual-clock.ts';
import type { Page } from '../../tests/fixtures/page.ts';

const key = 'first/1';
const streams = (agent: InProcessAgent) => [...(agent.connection?.streams ?? [])];

async function watch(page: Page, channel: number): Promise<void> {
	page.send({ type: 'watch', channel, terminal: '1' });
	await until(() => page.told('live').some((live) => live.channel === channel) || page.told('error').length > 0);
}

test('a watcher sees what was and what comes, in the size that there is, and paces nobody', async (t) => {
	const { ready, page: visit } = await openLive(t);
	const { who, page: desk, agent } = await ready();
	await desk.show(1, '1', { cols: 100, rows: 30 });
	agent.print(key, 'before ');
	const pacing = streams(agent).filter((stream) => stream.pacing).length;
	const looker = await visit(who);
	await watch(looker, 3);
	assert.deepEqual(looker.told('opened'), [{ type: 'opened', channel: 3, cols: 100, rows: 30, fresh: false }]);
	agent.print(key, 'after');
	await until(() => looker.output.get(3) === 'before after');
	assert.equal(streams(agent).filter((stream) => stream.pacing).length, pacing, 'its stream does not pace');
	assert.deepEqual([agent.shell(key).info.cols, agent.shell(key).info.rows], [100, 30]);
	desk.send({ type: 'resize', channel: 1, cols: 90, rows: 20 });
	await until(() => looker.told('resized').at(-1)?.cols === 90);
});

test('whoever only looks cannot type, resize or end, and is told so; the channel goes on', async (t) => {
	const { ready, page: visit } = await openLive(t);
	const { who, page: desk, agent } = await ready();
	await desk.show(1);
	const looker = await visit(who);
	await watch(looker, 3);
	looker.type(3, 'rm -rf ~\r');
	looker.send({ type: 'resize', channel: 3, cols: 40, rows: 10 });
	looker.send({ type: 'end', channel: 3 });
	await until(() => looker.told('error').length === 3);
	assert.deepEqual(
		looker.told('error').map(({ code }) => code),
		['forbidden', 'forbidden', 'forbidden'],
	);
	agent.print(key, 'still here');
	await until(() => looker.output.get(3) === 'still here');
	assert.deepEqual([agent.shell(key).inputs, agent.shell(key).info.cols], [[], 80]);
	desk.send({ type: 'end', channel: 1 });
	await until(() => looker.told('exited').length === 1);
});

test('no shell starts for a watcher; one that is replaced, or goes, is told as gone', async (t) => {
	const { ready, page: visit } = await openLive(t);
	const { who, page: desk, agent } = await ready();
	const looker = await visit(who);
	await watch(looker, 3);
	assert.deepEqual(
		looker.told('error').map(({ code, channel }) => [code, channel]),
		[['no-terminal', 3]],
	);
	assert.throws(() => agent.shell(key), 'nothing was opened');
	await desk.show(1);
	await watch(looker, 3);
	desk.send({ type: 'end', channel: 1 });
	await until(() => desk.told('exited').length === 1 && looker.told('exited').length === 1);
	await desk.show(1);
	await until(() => looker.told('gone').length === 1);
	await watch(looker, 3);
	agent.print(key, 'new');
	await until(() => looker.output.get(3)?.endsWith('new') ?? false);
});

test('a watcher that does not read has its window and no more, and the driver does not wait for it', async (t) => {
	const { ready, page: visit } = await openLive(t);
	const { who, page: desk, agent } = await ready();
	await desk.show(1);
	const looker = await visit(who);
	await watch(looker, 3);
	looker.acks = false;
	const flood = `${'x'.repeat(79)}\n`.repeat((16 * windowBytes) / 80);
	agent.print(key, flood);
	await until(() => desk.received === flood.length && looker.received === windowBytes);
	await settled();
	assert.equal(looker.received, windowBytes);
	agent.print(key, 'the end');
	looker.acks = true;
	looker.send({ type: 'ack', channel: 3, bytes: windowBytes });
	await until(() => looker.told('reset').length === 1 && looker.told('live').length === 2);
	await until(() => looker.output.get(3)?.endsWith('the end') ?? false);
	assert.ok(looker.received < 4 * windowBytes, 'the screen and what is left, not all');
});

test('however many look, the agent has one stream for them; it ends with the last', async (t) => {
	const { ready, page: visit } = await openLive(t);
	const { who, page: desk, agent } = await ready();
	await desk.show(1);
	const before = streams(agent).length;
	const lookers = [await visit(who), await visit(who), await visit(who)];
	for (const looker of lookers) await watch(looker, 3);
	agent.print(key, 'for all');
	for (const looker of lookers) await until(() => looker.output.get(3) === 'for all');
	assert.equal(streams(agent).length, before + 1);
	for (const looker of lookers) await looker.close();
	await until(() => streams(agent).length === before);
	const later = await visit(who);
	await watch(later, 3);
	assert.equal(later.output.get(3), 'for all');
});

test('looking is no sign of life: only what the learner does is', async (t) => {
	const { world, service, ready, page: visit } = await openLive(t);
	const { who, page: desk } = await ready();
	await desk.show(1);
	const told: number[] = [];
	const active = service.active.bind(service);
	t.mock.method(service, 'active', (...about: Parameters<typeof active>) => {
		told.push(world.clock.now());
		active(...about);
	});
	await world.clock.advance(60_000);
	const looker = await visit(who);
	await watch(looker, 3);
	await settled();
	assert.deepEqual(told, []);
	desk.type(1, 'a');
	desk.type(1, 'b');
	await until(() => told.length === 1);
	await world.clock.advance(60_000);
	desk.send({ type: 'active' });
	await until(() => told.length === 2);
});
