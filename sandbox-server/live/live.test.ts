/** The live connection, message by message. (Over 400 lines: a test for each thing that a page sends or is told, over the same few helpers.) */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lessonSchema } from '../../src/shared/course/course.ts';
import type { ClusterView } from '../../src/shared/protocol/cluster-view.ts';
import { encodeFrame, maxClientFrame, windowBytes } from '../../src/shared/protocol/messages.ts';
import type { InProcessAgent } from '../../tests/fixtures/in-process-agent.ts';
import { testLesson } from '../../tests/fixtures/in-process-sandboxes.ts';
import { openLive as open } from '../../tests/fixtures/live-pages.ts';
import { settled, until } from '../../tests/fixtures/manual-clock.ts';
import { noRooms } from '../../tests/fixtures/no-rooms.ts';

const key = 'first/1';
const inputs = (agent: InProcessAgent) => agent.shell(key).inputs.join('');

test('a page is welcomed, starts a sandbox, opens a terminal, types and sees', async (t) => {
	const { ready, learner, page: visit } = await open(t);
	const stranger = await visit(learner());
	assert.deepEqual(stranger.messages, [
		{ type: 'welcome', protocol: 1, sandbox: { state: 'none' }, steps: [{ lesson: 'first', step: 'one', state: 'todo' }] },
	]);
	const { who, page, agent } = await ready();
	await page.show(1, '1', { cols: 100, rows: 30 });
	assert.deepEqual(page.told('opened'), [{ type: 'opened', channel: 1, cols: 100, rows: 30, fresh: true }]);
	const { env } = agent.shell(key);
	assert.deepEqual([env['LEARNER'], env['ETABLI_LANG'], env['LANG'], env['ETABLI_LESSON']], [who.owner.name, 'en', 'C.UTF-8', 'first']);
	agent.print(key, '$ ');
	page.type(1, 'ls\r');
	await until(() => inputs(agent) === 'ls\r' && page.output.get(1) === '$ ');
	assert.equal(stranger.messages.length, 1, 'nobody else hears of it');
});

test('who is in a room is told that it is over; a page that has connected again leads nobody anywhere', async (t) => {
	const went: string[] = [];
	const rooms = {
		...noRooms,
		isMember: () => true,
		wentTo: (_: unknown, lesson: string, step: string) => void went.push(`${lesson}/${step}`),
	};
	const { learner, page: visit, steps } = await open(t, testLesson('first'), rooms);
	const page = await visit(learner());
	await until(() => page.told('room').length === 1);
	assert.equal(page.told('room')[0]?.state, null);
	page.send({ type: 'focus', step: 'one', again: true });
	page.send({ type: 'focus', step: 'two' });
	await until(() => steps.focused.length === 2);
	assert.deepEqual(went, ['first/two']);
});

test('a page whose terminal cannot be shown is told, and can ask again', async (t) => {
	const { ready, page: visit } = await open(t);
	const { who, page: desk, agent } = await ready();
	await desk.show(1, '1', { cols: 120, rows: 40 });
	agent.full = true;
	const phone = await visit(who);
	phone.send({ type: 'open', channel: 5, terminal: '1', cols: 40, rows: 20 });
	await until(() => phone.told('error').some(({ code, channel }) => code === 'terminal-failed' && channel === 5));
	await until(() => desk.told('resized').at(-1)?.cols === 120);
	agent.full = false;
	await phone.show(5, '1', { cols: 40, rows: 20 });
	agent.print(key, 'hello');
	await until(() => phone.output.get(5) === 'hello');
});

test('two pages of one learner see the same terminal; the one in use gives the size', async (t) => {
	const { ready, page: visit } = await open(t);
	const { who, page: desk, agent } = await ready();
	await desk.show(1, '1', { cols: 120, rows: 40 });
	agent.print(key, 'hello');
	const phone = await visit(who);
	await phone.show(5, '1', { cols: 40, rows: 20 });
	await until(() => phone.output.get(5) === 'hello');
	assert.equal(phone.told('opened')[0]?.fresh, false);
	await until(() => desk.told('resized').at(-1)?.cols === 40);
	desk.type(1, 'x');
	await until(() => phone.told('resized').at(-1)?.cols === 120);
	assert.equal(agent.shell(key).info.rows, 40);
	assert.deepEqual(
		[...(agent.connection?.streams ?? [])].map(({ pacing }) => pacing).sort(),
		[false, true, true],
		'the server’s own stream and one viewer pace',
	);
	await desk.close();
	await until(() => phone.told('resized').at(-1)?.cols === 40);
	assert.equal(agent.shell(key).inputs.join(''), 'x');
});

test('a page that does not acknowledge gets its window and no more; a forged acknowledgement is worth what was on the way', async (t) => {
	const { ready } = await open(t);
	const { page, agent } = await ready();
	await page.show(1);
	page.acks = false;
	const flood = 'x'.repeat(4 * windowBytes);
	agent.print(key, flood);
	await until(() => page.received === windowBytes);
	page.send({ type: 'ack', channel: 1, bytes: 2 ** 31 });
	// Those, and as many by which the window has grown: it is the first that was worked off.
	await until(() => page.received === 3 * windowBytes);
	await settled();
	const credits = [...(agent.connection?.streams ?? [])].map(({ creditLeft }) => creditLeft).sort((a, b) => a - b);
	assert.equal(credits[0], 0, 'the viewer’s is used up');
	assert.ok((credits[1] ?? 0) > windowBytes / 2, 'the server’s own is not: it needs nobody to go on');
	page.acks = true;
	page.send({ type: 'ack', channel: 1, bytes: windowBytes });
	await until(() => page.received === flood.length);
});

test('a page that acknowledges but does not read does not make the server grow', async (t) => {
	const { ready } = await open(t);
	const { page, agent } = await ready();
	await page.show(1);
	page.acks = false;
	page.socket.pause();
	const before = process.memoryUsage.rss();
	const megabyte = 'x'.repeat(2 ** 20);
	for (let i = 0; i < 30; i++) {
		agent.print(key, megabyte);
		page.send({ type: 'ack', channel: 1, bytes: 2 ** 31 });
		await settled();
	}
	const stream = [...(agent.connection?.streams ?? [])].find(({ creditLeft }) => creditLeft === 0);
	assert.ok(stream, 'the viewer has no credit left');
	// Kernel buffers take a few MB; the log of the in-process agent is 30 MB; unbounded, another 30 MB would wait in the socket.
	assert.ok(process.memoryUsage.rss() - before < 200 * 2 ** 20);
	page.socket.resume();
	page.acks = true;
	page.send({ type: 'ack', channel: 1, bytes: 2 ** 31 });
	await until(() => page.received >= 30 * 2 ** 20);
});

test('during a replay nothing is typed into the shell', async (t) => {
	const { ready } = await open(t);
	const { page, agent } = await ready();
	await page.show(1);
	page.acks = false;
	agent.print(key, 'y'.repeat(2 * windowBytes));
	page.send({ type: 'close', channel: 1 });
	page.send({ type: 'open', channel: 2, terminal: '1', cols: 80, rows: 24 });
	await until(() => page.output.get(2)?.length === windowBytes);
	page.type(2, '\x1b[?62c');
	await settled();
	assert.equal(inputs(agent), '');
	page.acks = true;
	page.send({ type: 'ack', channel: 2, bytes: windowBytes });
	await until(() => page.told('live').some(({ channel }) => channel === 2));
	page.type(2, 'ok');
	await until(() => inputs(agent) === 'ok');
});

test('when the shell ends the page is told, after the last output, and a new one opens in its place', async (t) => {
	const { ready } = await open(t);
	const { page, agent } = await ready();
	await page.show(1);
	agent.print(key, 'exit\r\nlogout');
	agent.exit(key, { kind: 'exit', code: 3 });
	await until(() => page.told('exited').length === 1);
	assert.deepEqual(page.told('exited'), [{ type: 'exited', channel: 1, code: 3 }]);
	assert.equal(page.output.get(1), 'exit\r\nlogout');
	await page.show(1);
	assert.equal(page.told('opened').at(-1)?.fresh, true);
	assert.equal(agent.shells.size, 1, 'the old ring is freed');
	page.send({ type: 'end', channel: 1 });
	await until(() => page.told('exited').length === 2);
});

test('commands are recorded once, also across a restart of the server and in a second shell', async (t) => {
	const { world, service, ready } = await open(t);
	const { who, page, agent } = await ready();
	const { name } = service.sandbox(who);
	await page.show(1);
	agent.printCommand(key, 'apptainer pull x', 0);
	await until(() => world.store.commands(name, 10).length === 1);
	agent.connection?.drop();
	agent.printCommand(key, 'false', 1);
	world.connect(name);
	await until(() => world.store.commands(name, 10).length === 2);
	agent.exit(key, { kind: 'exit', code: 0 });
	await page.show(2);
	agent.printCommand(key, 'true', 0);
	await until(() => world.store.commands(name, 10).length === 3);
	world.connect(name);
	await settled();
	assert.deepEqual(
		world.store.commands(name, 10).map(({ command, exit, terminal, folder }) => [command, exit, terminal, folder]),
		[
			['apptainer pull x', 0, key, '/home/learner'],
			['false', 1, key, '/home/learner'],
			['true', 0, key, '/home/learner'],
		],
	);
});

test('when the agent goes and comes back the page is told both times and finds its screen', async (t) => {
	const { world, service, ready } = await open(t);
	const { who, page, agent } = await ready();
	const { name } = service.sandbox(who);
	await page.show(1);
	agent.print(key, 'still here');
	agent.connection?.drop();
	await until(() => page.told('sandbox').at(-1)?.sandbox.state === 'starting');
	page.type(1, 'into the void');
	world.connect(name);
	await until(() => page.told('sandbox').at(-1)?.sandbox.state === 'ready');
	await page.show(2);
	assert.equal(page.output.get(2), 'still here');
	assert.equal(inputs(agent), '');
});

test('an engine that is away is told, and open terminals go on undisturbed', async (t) => {
	const { engine, world, ready } = await open(t);
	const { page, agent } = await ready();
	await page.show(1);
	const before = page.told('sandbox').length;
	engine.breakWatches();
	await settled();
	assert.equal(page.told('notice').length, 0, 'it answers all the same');
	engine.away = true;
	await until(() => page.told('notice')[0]?.code === 'engine-away');
	agent.print(key, 'going on');
	await until(() => page.output.get(1) === 'going on');
	engine.away = false;
	await world.clock.advance(30_000);
	await until(() => page.told('notice').at(-1)?.code === 'engine-back');
	assert.equal(page.told('sandbox').length, before, 'a page that is told "ready" again would open its terminals again');
});

test('steps, focus and notices reach every page of the learner in its own language, and nobody else', async (t) => {
	const { steps, ready, page: visit, learner } = await open(t);
	const { who, page, agent } = await ready();
	const french = await visit(who, 'fr');
	const stranger = await visit(learner());
	page.send({ type: 'focus', step: 'one' });
	await until(() => steps.focused[0] === 'a/first/one');
	steps.say(who, (language) => ({ lesson: 'first', step: 'one', state: 'failed', message: language === 'fr' ? 'non' : 'no' }));
	await until(() => page.told('step').length === 1 && french.told('step').length === 1);
	assert.deepEqual([page.told('step')[0]?.report.message, french.told('step')[0]?.report.message], ['no', 'non']);
	const vitals = { memoryUsed: 1, memoryLimit: 2, oomKills: 0, processes: 1, processLimit: 9, processLimitHits: 0, mounts: [] };
	agent.connection?.tell(vitals);
	agent.connection?.tell({ ...vitals, oomKills: 1 });
	await until(() => french.told('notice').length === 1);
	assert.match(french.told('notice')[0]?.message ?? '', /mémoire/);
	assert.equal(stranger.messages.length, 1);
});

test('a preparation that fails is told, and the terminal opens all the same; one that works runs once, with the lesson’s files', async (t) => {
	const { service, ready } = await open(t, testLesson('first', { setup: '#!/bin/sh\n' }));
	const { who, page, agent } = await ready();
	agent.answer = ({ name }) => ({
		outcome: name.startsWith('setup') ? 'time-limit' : 'exited',
		code: 0,
		ms: 60_000,
		stdout: '',
		stderr: 'slow',
	});
	await page.show(1);
	await until(() => page.told('notice')[0]?.code === 'setup-failed');
	agent.answer = () => ({ outcome: 'exited', code: 0, ms: 1, stdout: '', stderr: '' });
	await page.show(2, '2');
	await page.show(3, '3');
	const prepared = agent.scripts.map(({ name }) => name);
	assert.deepEqual(prepared, ['prepare first', 'setup first', 'prepare first', 'setup first']);
	assert.equal(agent.scripts[1]?.cwd, '/home/learner/01-first');
	await service.resetLesson(who, 'first');
	assert.match(agent.scripts.at(-2)?.script ?? '', /-delete/);
	assert.equal(agent.shells.size, 0, 'the lesson’s shells have been ended');
	await until(() => page.told('sandbox').at(-1)?.sandbox.state === 'ready');
});

test('a preparation that fails each time is tried twice, and then only when the learner asks for it; every new terminal says so', async (t) => {
	const { service, ready } = await open(t, testLesson('first', { setup: '#!/bin/sh\n' }));
	const { who, page, agent } = await ready();
	agent.answer = ({ name }) => ({ outcome: 'exited', code: name.startsWith('setup') ? 1 : 0, ms: 1, stdout: '', stderr: 'broken' });
	for (const number of [1, 2, 3, 4] as const) await page.show(number, String(number));
	await until(() => page.told('notice').length === 4);
	const setups = () => agent.scripts.filter(({ name }) => name === 'setup first').length;
	assert.equal(setups(), 2);
	await service.sandbox(who).prepareLesson(testLesson('first'), 'en');
	assert.equal(page.told('notice').length, 4, 'checks do not say it again and again');
	await service.resetLesson(who, 'first');
	assert.equal(setups(), 3);
	agent.answer = () => ({ outcome: 'exited', code: 0, ms: 1, stdout: '', stderr: '' });
	await service.resetLesson(who, 'first');
	await page.show(5, '1');
	assert.equal(setups(), 4);
	assert.equal(page.told('notice').filter(({ code }) => code === 'setup-failed').length, 5);
});

test('whatever malformed thing a page sends ends that page’s connection, with a code, and no other', async (t) => {
	const { ready, page: visit, learner, service } = await open(t);
	const { who, page: neighbour } = await ready();
	await neighbour.show(1);
	const bad: (string | Uint8Array)[] = [
		'',
		'{',
		'null',
		'[]',
		'{"type":"nothing"}',
		'{"type":"start","extra":1}',
		'{"type":"open","channel":0,"terminal":"1","cols":80,"rows":24}',
		'{"type":"open","channel":1,"terminal":"../1","cols":80,"rows":24}',
		'{"type":"open","channel":1,"terminal":"1","cols":1e9,"rows":24}',
		'{"type":"ack","channel":1,"bytes":-1}',
		'{"type":"focus","step":"../../etc"}',
		`{"__proto__":{"type":"start"}}`,
		'x'.repeat(60_000),
		new Uint8Array(0),
		new Uint8Array([2, 1]),
		encodeFrame(1, 1, new Uint8Array([65])),
		encodeFrame(2, 1, new Uint8Array(0)),
		encodeFrame(255, 0xffffffff, new Uint8Array([65])),
	];
	for (const message of bad) {
		const page = await visit(learner());
		page.socket.send(message);
		await until(() => page.closed !== undefined);
		assert.deepEqual(page.closed, { code: 1008, reason: 'bad-message' }, JSON.stringify(message).slice(0, 80));
		assert.equal(page.told('error')[0]?.code, 'bad-message');
	}
	const big = await visit(learner());
	big.socket.send(new Uint8Array(maxClientFrame + 1));
	await until(() => big.closed !== undefined);
	assert.equal(big.closed?.code, 1009);
	const fast = await visit(learner());
	for (let i = 0; i < 5000; i++) fast.send({ type: 'close', channel: 1 });
	await until(() => fast.closed !== undefined);
	assert.equal(fast.closed?.reason, 'too-many');
	assert.equal(neighbour.closed, undefined);
	assert.ok(service.sandbox(who).ready);
});

test('random bytes never do more than close the connection', async (t) => {
	const { ready, page: visit, learner } = await open(t);
	const { page: neighbour, agent } = await ready();
	await neighbour.show(1);
	let seed = 42;
	const random = () => {
		seed = (seed * 1103515245 + 12345) & 0x7fffffff;
		return seed;
	};
	for (let i = 0; i < 60; i++) {
		const page = await visit(learner());
		const bytes = Uint8Array.from({ length: random() % 200 }, () => random() % 256);
		page.socket.send(bytes, { binary: i % 2 === 0 });
		page.socket.terminate();
	}
	agent.print(key, 'well');
	await until(() => neighbour.output.get(1) === 'well');
});

test('messages about channels that are not there, and too many channels, are no reason to fall over', async (t) => {
	const { ready } = await open(t);
	const { page, agent } = await ready();
	page.send({ type: 'resize', channel: 9, cols: 10, rows: 10 });
	page.send({ type: 'ack', channel: 9, bytes: 10 });
	page.send({ type: 'end', channel: 9 });
	page.type(9, 'x');
	for (let channel = 1; channel <= 9; channel++) page.send({ type: 'open', channel, terminal: '1', cols: 80, rows: 24 });
	await until(() => page.told('error').length === 1);
	assert.deepEqual([page.told('error')[0]?.code, page.told('error')[0]?.channel], ['too-many', 9]);
	await until(() => page.told('live').length === 8);
	assert.equal(agent.shells.size, 1, 'one shell for all of them');
});

test('a terminal without a sandbox is refused with a sentence', async (t) => {
	const { learner, page: visit } = await open(t);
	const page = await visit(learner(), 'fr');
	page.send({ type: 'open', channel: 1, terminal: '1', cols: 80, rows: 24 });
	await until(() => page.told('error').length === 1);
	assert.deepEqual([page.told('error')[0]?.code, page.told('error')[0]?.channel], ['no-sandbox', 1]);
	assert.match(page.told('error')[0]?.message ?? '', /établi/);
});

test('a peer that answers no ping is let go, and its sandbox counts as not looked at', async (t) => {
	const { world, ready } = await open(t);
	const { page, agent } = await ready();
	await page.show(1);
	assert.equal(agent.vitalsMs, 3000);
	for (let i = 0; i < 5; i++) await world.clock.advance(20_000);
	assert.equal(page.closed, undefined, 'a page that answers stays');
	page.socket.pause();
	await world.clock.advance(61_000);
	await until(() => agent.vitalsMs === 0);
	assert.equal(agent.connection?.streams.size, 1, 'only the server’s own stream is left');
});

test('a page whose session has been ended elsewhere is told, and closed; another browser of the same person stays', async (t) => {
	const { world, learner, page, ended } = await open(t);
	const grace = learner();
	const [gone, other] = [await page(grace, 'en', 'ended'), await page(grace, 'en', 'kept')];
	ended.add('ended');
	await world.clock.advance(20_000);
	await until(() => gone.closed !== undefined);
	assert.deepEqual([gone.told('error')[0]?.code, gone.closed?.code], ['no-identity', 1008]);
	assert.equal(other.closed, undefined);
});

test('how a cluster stands is told to pages of lessons that have one, and to nobody else', async (t) => {
	const settings = lessonSchema.parse({ minutes: 10, steps: [{ id: 'one' }], cluster: 'slurm' });
	const withCluster = testLesson('first', { settings });
	const view: ClusterView = {
		controller: 'runs',
		settings: 'first',
		words: '',
		nodes: [{ name: 'c1', daemon: 'runs', state: 'idle', reason: '' }],
		jobs: [],
		queue: { all: 0, running: 0, waiting: 0 },
		ended: [],
	};
	for (const [lesson, told] of [
		[withCluster, 1],
		[testLesson('first'), 0],
	] as const) {
		const { ready, page: visit, learner, service } = await open(t, lesson);
		const { who, page } = await ready();
		const stranger = await visit(learner());
		service.sandbox(who).listener?.clusterSeen(view);
		await settled();
		page.send({ type: 'focus', step: 'one' });
		await until(() => page.told('cluster').length === told);
		assert.equal(stranger.told('cluster').length, 0);
		if (told === 1) assert.deepEqual(page.told('cluster')[0]?.state, view);
	}
});
