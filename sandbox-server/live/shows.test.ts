/** A trainer's terminal that is shown to the room: who sees what of it, and that nothing comes back. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { openLive } from '../../tests/fixtures/live-pages.ts';
import { settled, until } from '../../tests/fixtures/manual-clock.ts';
import type { Page } from '../../tests/fixtures/page.ts';
import { RoomService } from '../rooms/room-service.ts';

const key = 'first/1';
const follow = (page: Page) => page.send({ type: 'follow', channel: 9 });
const state = (page: Page) => page.told('room').at(-1)?.state as { shown?: { by: string; mine: boolean } } | undefined;

/** Grace leads a room and has a shell; Ada is in it. */
async function shown(t: TestContext) {
	const live = await openLive(t);
	const { world, learner, page, ready, shows } = live;
	const { clock, store } = world;
	const rooms = new RoomService({ store, key: Buffer.alloc(32, 7), now: () => clock.now() });
	const { who: grace, page: desk, agent } = await ready();
	const starts = clock.now();
	const draft = { title: 'Jour 1', course: 'a', lessons: [], starts, ends: starts + 3600_000, expected: 1, names: [] };
	const made = () => rooms.open(rooms.create(draft, { learner: grace.owner, name: 'Grace' }).id);
	const room = made();
	const come = async (name: string, to = room) => {
		const who = learner();
		rooms.join(who.owner, { code: to.code ?? '', name });
		return { who, page: await page(who) };
	};
	const ada = await come('Ada');
	await desk.show(1);
	agent.print(key, 'secret of before\r\n');
	agent.printCommand(key, 'cat notes', 0);
	const show = (where = room) => shows.start(where, grace.owner, { lesson: 'first', terminal: '1' });
	/** The room's pages are told after a moment. */
	const tell = () => clock.advance(5000);
	const attendance = live.attendance;
	assert.ok(attendance);
	return { ...live, clock, attendance, rooms, room, made, come, grace, desk, agent, ada, show, tell };
}

test('a room sees the terminal from the prompt on, live and later, and its commands; nothing that is typed there arrives', async (t) => {
	const { agent, ada, come, desk, show, tell } = await shown(t);
	show();
	await tell();
	await until(() => state(ada.page)?.shown !== undefined);
	assert.deepEqual(state(ada.page)?.shown, { by: 'Grace', lesson: 'first', terminal: '1', mine: false });
	await until(() => state(desk)?.shown?.mine === true);
	follow(ada.page);
	await until(() => ada.page.told('live').length === 1);
	agent.printCommand(key, 'apptainer pull lolcow.sif', 0);
	await until(() => ada.page.told('command').length === 1);
	await until(() => ada.page.output.get(9)?.endsWith('$ ') ?? false);
	const late = await come('Marie');
	follow(late.page);
	await until(() => late.page.told('live').length === 1);
	for (const { page } of [ada, late]) {
		assert.deepEqual(page.told('command'), [{ type: 'command', channel: 9, command: 'apptainer pull lolcow.sif' }]);
		assert.match(page.output.get(9) ?? '', /^\$ .*lolcow\.sif.*out\r\n.*\$ $/s);
		assert.ok(!page.output.get(9)?.includes('secret'));
		page.type(9, 'rm -rf ~\r');
		page.send({ type: 'resize', channel: 9, cols: 10, rows: 10 });
		page.send({ type: 'end', channel: 9 });
		await until(() => page.told('error').length === 3);
		assert.ok(page.told('error').every(({ code }) => code === 'forbidden'));
	}
	assert.deepEqual([agent.shell(key).inputs, agent.shell(key).info.cols, agent.shell(key).info.alive], [[], 80, true]);
});

test('who is in another room, in none, or has left gets nothing; nor does anybody once it is over', async (t) => {
	const { agent, ada, come, made, page, learner, rooms, room, shows, desk, show, clock, attendance } = await shown(t);
	const [other, nobody] = [await come('Alan', made()), { page: await page(learner()) }];
	follow(ada.page);
	await until(() => ada.page.told('error').length === 1);
	assert.equal(ada.page.told('error')[0]?.code, 'forbidden', 'nothing is shown yet');
	show();
	follow(ada.page);
	await until(() => ada.page.told('live').length === 1);
	for (const stranger of [other, nobody]) {
		follow(stranger.page);
		await until(() => stranger.page.told('error').length === 1);
		assert.equal(stranger.page.told('error')[0]?.code, 'forbidden');
	}
	const left = await come('Emmy');
	follow(left.page);
	await until(() => left.page.told('live').length === 1);
	left.page.send({ type: 'follow', channel: 8 });
	await until(() => left.page.told('live').length === 2);
	rooms.leave(room.id, left.who.owner);
	attendance.touch({ learners: [left.who.owner.id] });
	await clock.advance(100);
	await until(() => left.page.told('gone').length === 2);
	const before = ada.page.received;
	shows.stop(room.id);
	agent.print(key, 'a password');
	await until(() => ada.page.told('gone').length === 1 && desk.output.get(1)?.includes('a password') === true);
	await settled();
	assert.equal(ada.page.received, before);
	show();
	follow(ada.page);
	await until(() => ada.page.told('live').length === 2);
	rooms.close(room.id);
	attendance.touch({ room: room.id });
	agent.print(key, 'after the end');
	await clock.advance(100);
	await until(() => ada.page.told('gone').length === 2);
	assert.ok(!ada.page.output.get(9)?.includes('after the end'));
	follow(ada.page);
	await until(() => ada.page.told('error').length === 2);
	assert.equal(ada.page.told('error')[1]?.code, 'forbidden');
});

test('a channel that has followed and shows the own shell since stays when the show is over', async (t) => {
	const { world, service, room, shows, ada, show, tell } = await shown(t);
	show();
	ada.page.send({ type: 'start' });
	await until(() => ada.page.told('sandbox').some(({ sandbox }) => sandbox.state === 'ready'));
	follow(ada.page);
	await until(() => ada.page.told('live').length === 1);
	await ada.page.show(9);
	await until(() => ada.page.told('live').length === 2);
	shows.stop(room.id);
	await tell();
	const own = world.agent(service.sandbox(ada.who).name);
	own.print(key, 'still there');
	await until(() => ada.page.output.get(9)?.endsWith('still there') ?? false);
	assert.deepEqual(ada.page.told('gone'), []);
});

test('only a trainer of the room shows a terminal there, of its course, that is open; a new shell is shown in place of the old', async (t) => {
	const { agent, ada, grace, desk, room, shows, show } = await shown(t);
	const refusal = (act: () => void) => {
		try {
			act();
			return 'done';
		} catch (error) {
			assert.ok(error instanceof Refusal);
			return error.code;
		}
	};
	assert.equal(
		refusal(() => shows.start(room, ada.who.owner, { lesson: 'first', terminal: '1' })),
		'forbidden',
	);
	assert.equal(
		refusal(() => shows.start(room, grace.owner, { lesson: 'none', terminal: '1' })),
		'not-found',
	);
	assert.equal(
		refusal(() => shows.start(room, grace.owner, { lesson: 'first', terminal: '2' })),
		'no-terminal',
	);
	show();
	follow(ada.page);
	await until(() => ada.page.told('live').length === 1);
	desk.send({ type: 'end', channel: 1 });
	await until(() => ada.page.told('exited').length === 1);
	await desk.show(1);
	await until(() => ada.page.told('gone').length === 1);
	follow(ada.page);
	await until(() => ada.page.told('live').length === 2);
	agent.print(key, 'new');
	await until(() => ada.page.output.get(9)?.endsWith('new') ?? false);
});

test('what was done in a program that writes no marks before it began is not shown; a command that was cut is said to be', async (t) => {
	const { agent, ada, desk, show, tell } = await shown(t);
	agent.print(key, '\x1b]633;E;apptainer shell a.sif\x07\x1b]133;C\x07Apptainer> cat token\r\na token\r\nApptainer> ');
	await until(() => desk.output.get(1)?.endsWith('Apptainer> ') ?? false);
	show();
	await tell();
	follow(ada.page);
	await until(() => ada.page.told('live').length === 1);
	agent.print(key, 'ls\r\n\x1b]133;D;0\x07\x1b]133;A\x07$ ');
	agent.printCommand(key, `echo ${'a'.repeat(1000)}`, 0);
	await until(() => ada.page.told('command').length === 1);
	assert.deepEqual(ada.page.told('command'), [{ type: 'command', channel: 9, command: `echo ${'a'.repeat(995)}`, cut: true }]);
	await until(() => ada.page.output.get(9)?.endsWith('$ ') ?? false);
	assert.ok(!ada.page.output.get(9)?.includes('token'));
});

test('a command that looks other than it is is told to nobody', async (t) => {
	const { agent, ada, show } = await shown(t);
	show();
	follow(ada.page);
	await until(() => ada.page.told('live').length === 1);
	for (const hidden of ['\\x15', '\\x0d', '\\x1b[201~', '\u202e', '\u200b', '\u2066', '\u0085'])
		agent.printCommand(key, `echo ${hidden}a`, 0);
	agent.printCommand(key, 'for x in \u00e9 b; do\\x0a\\x09echo $x\\x0adone', 0);
	await until(() => ada.page.told('command').length > 0);
	assert.deepEqual(
		ada.page.told('command').map(({ command }) => command),
		['for x in \u00e9 b; do\n\techo $x\ndone'],
	);
});

test('what is shown ends with its lab: the next one is shown when its trainer presses again', async (t) => {
	const { ada, grace, desk, shows, show, clock } = await shown(t);
	show();
	follow(ada.page);
	await until(() => ada.page.told('live').length === 1);
	shows.labEnded(grace);
	await clock.advance(100);
	await until(() => ada.page.told('gone').length === 1 && state(desk)?.shown === undefined);
	follow(ada.page);
	await until(() => ada.page.told('error').at(-1)?.code === 'forbidden');
});

test('much output goes packed to whoever can read that, once it is for several; everybody has the same bytes', async (t) => {
	const { agent, come, ada, show } = await shown(t);
	show();
	const pages = [ada.page];
	for (const name of ['Marie', 'Alan', 'Emmy', 'Hedy']) pages.push((await come(name)).page);
	const [plain, ...packing] = pages as [Page, ...Page[]];
	follow(plain);
	for (const page of packing) page.send({ type: 'follow', channel: 9, packs: true });
	await until(() => pages.every((page) => page.told('live').length === 1));
	const before = pages.map(({ received, travelled }) => ({ received, travelled }));
	// What comes first after a pause goes at once; what follows is gathered.
	agent.print(key, 'begins\r\n');
	const lines = Array.from({ length: 2000 }, (_, line) => `line ${line} of a log\r\n`).join('');
	agent.print(key, `${lines}the end\r\n`);
	await until(() => pages.every((page) => page.output.get(9)?.endsWith('the end\r\n')));
	for (const page of packing) assert.equal(page.output.get(9), plain.output.get(9));
	const [here, ...theirs] = pages.map(({ received, travelled }, at) => ({
		received: received - (before[at]?.received ?? 0),
		travelled: travelled - (before[at]?.travelled ?? 0),
	}));
	assert.equal(here?.travelled, here?.received, 'who did not ask for it gets nothing packed');
	for (const { received, travelled } of theirs) {
		assert.equal(received, here?.received);
		assert.ok(travelled < received / 2, `${travelled} of ${received} bytes travelled`);
	}
	// A little is not worth it.
	agent.print(key, 'x');
	await until(() => pages.every((page) => page.output.get(9)?.endsWith('x')));
});

test('a steady flow goes packed to its end, though each page gives credit back in the middle of it', async (t) => {
	const { agent, come, ada, show } = await shown(t);
	show();
	const pages = [ada.page];
	for (const name of ['Marie', 'Alan', 'Emmy']) pages.push((await come(name)).page);
	for (const page of pages) page.send({ type: 'follow', channel: 9, packs: true });
	await until(() => pages.every((page) => page.told('live').length === 1));
	for (let piece = 0; piece < 100; piece++) {
		agent.print(key, Array.from({ length: 100 }, (_, line) => `line ${line} of piece ${piece} of a log, as such lines are\r\n`).join(''));
		await new Promise((resolve) => setTimeout(resolve, 3));
	}
	agent.print(key, 'the end\r\n');
	await until(() => pages.every((page) => page.output.get(9)?.endsWith('the end\r\n')));
	for (const { received, travelled } of pages) assert.ok(travelled < 0.4 * received, `${travelled} of ${received} bytes travelled`);
});
