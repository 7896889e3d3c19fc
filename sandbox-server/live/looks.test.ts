/** A page that looks at somebody's terminal, with their leave: what it sees and types, and when nothing of it arrives any more. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { InProcessAgent } from '../../tests/fixtures/in-process-agent.ts';
import { openLive } from '../../tests/fixtures/live-pages.ts';
import { settled, until } from '../../tests/fixtures/manual-clock.ts';
import { RoomService } from '../rooms/room-service.ts';

const key = 'first/1';
const typed = (agent: InProcessAgent) => agent.shell(key).inputs.join('');

/** Ada works, and Grace, a trainer of her room, has asked to look. */
async function asked(t: TestContext) {
	const live = await openLive(t);
	const { world, looks, looker, ready, learner } = live;
	const { who, page, agent } = await ready();
	const by = learner();
	const rooms = new RoomService({ store: world.store, key: Buffer.alloc(32, 7), now: () => world.clock.now() });
	const starts = world.clock.now();
	const draft = { title: 'Jour 1', course: 'a', lessons: [], starts, ends: starts + 3600_000, expected: 1, names: [] };
	const room = rooms.open(rooms.create(draft, { learner: by.owner, name: 'Grace' }).id);
	rooms.join(who.owner, { code: room.code ?? '', name: 'Ada' });
	const grace = world.store.rooms.person(room.id, by.owner.id);
	assert.ok(grace);
	await page.show(1, '1', { cols: 100, rows: 30 });
	agent.print(key, 'ada@lab$ ');
	const look = looks.ask(room, grace, { learner: who.owner.name, lesson: 'first', terminal: '1' });
	const desk = await looker(look, who, by);
	const answer = (yes: boolean) => {
		const { phase: to } = look;
		assert.ok(to === 'asked' || to === 'typing-asked' || to === 'typing');
		looks.answer(room.id, look.id, who.owner.id, { yes, to });
	};
	const phase = () => desk.told('look').at(-1)?.phase;
	/** Up to typing. */
	const typing = async () => {
		if (look.phase === 'asked') answer(true);
		looks.askTyping(room.id, look.id, by.owner.id);
		answer(true);
		await until(() => phase() === 'typing');
		const before = desk.told('live').length;
		desk.send({ type: 'watch', channel: 1, terminal: '1' });
		await until(() => desk.told('live').length > before);
	};
	return { ...live, rooms, room, by, grace, who, page, agent, look, desk, answer, phase, typing };
}

test('nothing is seen before the first yes, nothing typed before the second; then both type, and the size stays the learner’s', async (t) => {
	const { looks, look, desk, agent, answer, phase, page, typing } = await asked(t);
	assert.equal(phase(), 'asked');
	desk.send({ type: 'watch', channel: 1, terminal: '1' });
	desk.send({ type: 'open', channel: 2, terminal: '1', cols: 40, rows: 10 });
	desk.type(1, 'x');
	await until(() => desk.told('error').length === 3);
	assert.deepEqual(
		desk.told('error').map(({ code }) => code),
		['forbidden', 'forbidden', 'forbidden'],
	);
	answer(true);
	await until(() => phase() === 'looking');
	desk.send({ type: 'watch', channel: 1, terminal: '1' });
	await until(() => desk.output.get(1) === 'ada@lab$ ');
	desk.type(1, 'too early');
	await until(() => desk.told('error').length === 4);
	desk.send({ type: 'close', channel: 1 });
	await typing();
	desk.type(1, 'ls\r');
	await until(() => typed(agent).includes('ls\r'));
	assert.equal(looks.mine(look.learner.id)[0]?.hands, 'guest');
	page.type(1, 'pwd\r');
	await until(() => typed(agent).includes('pwd\r'));
	await until(() => desk.told('look').at(-1)?.hands === 'own');
	assert.ok(!typed(agent).includes('too early'));
	assert.deepEqual([agent.shell(key).info.cols, agent.shell(key).info.rows], [100, 30]);
});

test('one click of the learner ends it at once: what is typed afterwards never arrives, what is printed is not seen', async (t) => {
	const { looks, room, look, who, desk, agent, phase, typing } = await asked(t);
	await typing();
	looks.stop(room.id, look.id, who.owner.id);
	desk.type(1, 'rm -rf ~\r');
	agent.print(key, 'secret');
	await until(() => desk.closed !== undefined);
	await settled();
	assert.equal(phase(), 'ended');
	assert.ok(!(desk.output.get(1) ?? '').includes('secret'));
	assert.ok(!typed(agent).includes('rm'));
});

test('it ends when the learner’s last page of that lesson closes', async (t) => {
	const { looks, page, pageOf, desk, typing, who } = await asked(t);
	const other = await pageOf(who, 'second');
	await typing();
	await page.close();
	await until(() => desk.closed !== undefined);
	assert.equal(desk.told('look').at(-1)?.phase, 'ended');
	assert.deepEqual(looks.mine(who.owner.id), []);
	assert.equal(other.closed, undefined);
});

test('a yes shows nothing while no page of that lesson is open', async (t) => {
	const { looker, looks, grace, room, who, by } = await asked(t);
	const look = looks.ask(room, grace, { learner: who.owner.name, lesson: 'second', terminal: '1' });
	const desk = await looker(look, who, by);
	await until(() => desk.told('look').length === 1);
	looks.answer(room.id, look.id, who.owner.id, { yes: true, to: 'asked' });
	await until(() => desk.closed !== undefined);
	assert.deepEqual(
		desk.told('look').map(({ phase }) => phase),
		['asked', 'ended'],
	);
});

test('it ends when the page that looks is gone, and a second after the room was closed', async (t) => {
	const { looks, rooms, room, who, desk, look, world, typing } = await asked(t);
	await typing();
	rooms.close(room.id);
	await world.clock.advance(1000);
	await until(() => desk.closed !== undefined);
	assert.equal(look.phase, 'ended');
	assert.deepEqual(looks.mine(who.owner.id), []);
});

test('who looks and loses the connection looks no more', async (t) => {
	const { looks, room, who, desk, typing } = await asked(t);
	await typing();
	desk.socket.terminate();
	await until(() => looks.mine(who.owner.id).length === 0);
	assert.deepEqual(looks.log(room.id, who.owner.id).at(-1)?.what, 'ended');
});

test('keys arrive while the page sees the terminal as it is, and not otherwise', async (t) => {
	const { desk, agent, typing } = await asked(t);
	await typing();
	desk.type(2, 'blind');
	await until(() => desk.told('error').at(-1)?.code === 'forbidden');
	desk.send({ type: 'close', channel: 1 });
	desk.type(1, 'blind');
	await until(() => desk.told('error').length === 2);
	assert.ok(!typed(agent).includes('blind'));
});
