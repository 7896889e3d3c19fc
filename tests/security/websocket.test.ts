/** Thousands of malformed messages, frames and upgrades: each refused with a code of the catalogue, and nobody else notices. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import type { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { encodeFrame, maxClientFrame, subprotocol } from '../../src/shared/protocol/messages.ts';
import { Random } from '../fixtures/random.ts';
import { Attacked } from './hostility.ts';

let attacked: Attacked;
before(async () => {
	attacked = await Attacked.start();
});
after(() => attacked?.server.stop());

/** Inputs sent by these tests, told at the end. */
let inputs = 0;
after(() => {
	console.log(`${inputs} malformed WebSocket inputs`);
	assert.ok(inputs >= 3000, `${inputs}`);
});

const proto = '{"__proto__":{"type":"start"},"type":"start"}';
const handWritten: (string | Uint8Array)[] = [
	...['', ' ', '{', '}', '[]', 'null', 'true', '0', '""', '"start"', '{}', '[{"type":"start"}]', '\u0000', '\ufeff{"type":"start"}'],
	...[
		'{"type":null}',
		'{"type":1}',
		'{"type":["start"]}',
		'{"type":"Start"}',
		'{"type":"start "}',
		'{"type":"toString"}',
		'{"type":"__proto__"}',
	],
	...[
		'{"type":"start","x":1}',
		'{"type":"start","learner":"learner-000000"}',
		proto,
		'{"constructor":{"prototype":{"x":1}},"type":"start"}',
	],
	...[
		'{"type":"open"}',
		'{"type":"open","channel":1,"terminal":"1","cols":80}',
		'{"type":"open","channel":0,"terminal":"1","cols":80,"rows":24}',
	],
	...['0', '5', '-1', '1 ', '../1', '1/../../sandbox/1', 'constructor'].map((terminal) =>
		JSON.stringify({ type: 'open', channel: 1, terminal, cols: 80, rows: 24 }),
	),
	...[0, -1, 1001, 1.5, 1e9, 2 ** 53, '80', null].map((cols) =>
		JSON.stringify({ type: 'open', channel: 1, terminal: '1', cols, rows: 24 }),
	),
	...['1e999', '-0.5', '"1"', '65536', 'NaN', '[1]', '{}'].map((channel) => `{"type":"close","channel":${channel}}`),
	...[0, -5, 2 ** 31 + 1, 1.5, '9'].map((bytes) => JSON.stringify({ type: 'ack', channel: 1, bytes })),
	...['', '../x', 'A', 'x'.repeat(61), '__proto__', 'a--b', '-a', '%2e'].map((step) => JSON.stringify({ type: 'focus', step })),
	`{"type":"start"${' '.repeat(60_000)},"x":0}`,
	`${'['.repeat(20_000)}${']'.repeat(20_000)}`,
	`{"type":"start","type":"nothing"}`,
	// Binary: too short, of another kind, empty, only a head.
	...[[], [2], [2, 1, 0, 0], [0, 1, 0, 0, 0, 65], [1, 1, 0, 0, 0, 65], [3, 1, 0, 0, 0, 65], [255, 1, 0, 0, 0, 65], [2, 1, 0, 0, 0]].map(
		(bytes) => Uint8Array.from(bytes),
	),
];

/** Garbage of every sort; none of it is a message by chance. */
function generated(random: Random, count: number): (string | Uint8Array)[] {
	const valid = [
		'{"type":"start"}',
		'{"type":"open","channel":1,"terminal":"1","cols":80,"rows":24}',
		'{"type":"ack","channel":1,"bytes":5}',
		'{"type":"resize","channel":1,"cols":80,"rows":24}',
	];
	const sorts: (() => string | Uint8Array)[] = [
		() => String.fromCharCode(...Array.from({ length: 1 + random.below(200) }, () => 32 + random.below(0xd7ff - 32))),
		// A message with one character changed into one that stands in no message.
		() => {
			const text = random.pick(valid);
			const at = random.below(text.length);
			return `${text.slice(0, at)}${random.pick(['\u0001', '¤', '§', '\\', '\u2028'])}${text.slice(at + 1)}`;
		},
		() => random.pick(valid).slice(0, -1 - random.below(10)),
		() =>
			JSON.stringify({
				type: random.pick(['start', 'open', 'end', 'focus']),
				[random.pick(['__proto__', 'constructor', 'prototype', 'x'])]: random.below(9),
				extra: true,
			}),
		// Not kind 2: nothing of this is input.
		() => {
			const bytes = random.bytes(1 + random.below(300));
			if (bytes[0] === 2) bytes[0] = 0;
			return bytes;
		},
	];
	return Array.from({ length: count }, () => random.pick(sorts)());
}

/** Sends one thing over a connection of its own. @returns the error that came back and the closing code */
async function send(learner: LearnerClient, data: string | Uint8Array): Promise<{ codes: string[]; closed: number }> {
	const { headers, protocols } = await attacked.honest(learner);
	const socket = await attacked.upgrade(headers, protocols);
	assert.ok(socket instanceof WebSocket, JSON.stringify(socket));
	const codes: string[] = [];
	socket.on('error', () => undefined); // How it ended is told by "close".
	socket.on('message', (text) => {
		const message = JSON.parse(String(text)) as { type: string; code?: string };
		if (message.type === 'error') codes.push(message.code ?? '');
	});
	socket.send(data);
	inputs++;
	const [closed] = (await once(socket, 'close')) as [number];
	return { codes, closed };
}

test('hand-written malformed messages: bad-message, and that connection alone is closed', async () => {
	for (const data of handWritten) {
		// A learner each few inputs: tickets and connections of one are limited.
		const learner = attacked.server.learner();
		await learner.get('/api/session');
		const { codes, closed } = await send(learner, data);
		assert.deepEqual([codes, closed], [['bad-message'], 1008], `${typeof data === 'string' ? data.slice(0, 80) : data}`);
	}
	await attacked.isUnharmed();
	attacked.hadNoFault();
});

test('2,000 generated ones, many learners at once', async () => {
	const all = generated(new Random(20_261_123), 2000);
	const lanes = 8;
	await Promise.all(
		Array.from({ length: lanes }, async (_, lane) => {
			let learner = attacked.server.learner();
			for (let i = lane; i < all.length; i += lanes) {
				// Requests a minute are limited for each learner.
				if (((i - lane) / lanes) % 150 === 0) {
					learner = attacked.server.learner();
					await learner.get('/api/session');
				}
				const data = all[i] ?? '';
				const { codes, closed } = await send(learner, data);
				assert.deepEqual(
					[codes, closed],
					[['bad-message'], 1008],
					JSON.stringify(typeof data === 'string' ? data.slice(0, 200) : [...data.slice(0, 20)]),
				);
			}
		}),
	);
	await attacked.isUnharmed();
	attacked.hadNoFault();
});

test('too large, not UTF-8, not masked, reserved bits: the WebSocket itself is closed with the fitting code', async () => {
	const learner = attacked.server.learner();
	await learner.get('/api/session');
	assert.equal((await send(learner, 'x'.repeat(maxClientFrame + 1))).closed, 1009);
	assert.equal((await send(learner, new Uint8Array(10 * 2 ** 20))).closed, 1009);
	const frames: [string, number[]][] = [
		['text that is not UTF-8', [0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]],
		['not masked', [0x81, 0x02, 0x7b, 0x7d]],
		['reserved bits', [0xf1, 0x82, 0, 0, 0, 0, 0x7b, 0x7d]],
		['reserved opcode', [0x83, 0x82, 0, 0, 0, 0, 0x7b, 0x7d]],
		['a ping in pieces', [0x09, 0x80, 0, 0, 0, 0]],
		['a ping too long', [0x89, 0xfe, 0x01, 0x00, 0, 0, 0, 0]],
		['a length of 2^63', [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
		['a piece that continues nothing', [0x80, 0x82, 0, 0, 0, 0, 0x7b, 0x7d]],
	];
	for (const [what, bytes] of frames) {
		const { headers, protocols } = await attacked.honest(learner);
		const socket = await attacked.upgrade(headers, protocols);
		assert.ok(socket instanceof WebSocket);
		socket.on('error', () => undefined); // As above.
		// Past the library, which sends no such frames.
		(socket as unknown as { _socket: { write(bytes: Uint8Array): void } })._socket.write(Uint8Array.from(bytes));
		inputs++;
		const [code] = (await once(socket, 'close')) as [number];
		assert.ok([1002, 1006, 1007, 1009].includes(code), `${what}: ${code}`);
	}
	await attacked.isUnharmed();
	attacked.hadNoFault();
});

test('too many messages, and too much input: too-many, and only that connection', async () => {
	const learner = await attacked.server.withTerminal();
	const other = await attacked.server.learner({ cookie: learner.cookie }).connect();
	const terminal = await learner.terminal();
	await terminal.run('echo ready');
	for (let i = 0; i < 5000 && !learner.closed; i++) learner.send({ type: 'resize', channel: 1, cols: 80 + (i % 40), rows: 24 });
	inputs += 600; // As many as are let through at once; the rest is not read.
	await assert.rejects(
		learner.until(() => false, 'the end'),
		/1008 too-many/,
	);
	assert.ok(learner.errors.includes('too-many'));
	await learner.connect();
	await learner.terminal();
	const flood = new Uint8Array(60_000).fill(35);
	for (let i = 0; i < 500; i++) learner.sendBytes(2, flood);
	inputs += 140; // 8 MiB of it.
	await assert.rejects(
		learner.until(() => false, 'the end'),
		/1008 too-many/,
	);
	assert.equal(other.closed, undefined, 'the same learner’s other page goes on');
	await attacked.isUnharmed();
	await other.goHome();
});

test('channels that are unknown, many, or opened over and over', async () => {
	const learner = await attacked.server.withTerminal();
	await learner.terminal();
	for (const type of ['close', 'end'] as const) learner.send({ type, channel: 777 });
	learner.send({ type: 'ack', channel: 777, bytes: 2 ** 31 });
	learner.send({ type: 'ack', channel: 1, bytes: 2 ** 31 });
	learner.sendBytes(0xffffffff, new TextEncoder().encode('rm -rf ~\r'));
	learner.sendRaw(encodeFrame(2, 777, new TextEncoder().encode('rm -rf ~\r')));
	for (let channel = 2; channel < 60; channel++) learner.send({ type: 'open', channel, terminal: '1', cols: 80, rows: 24 });
	await learner.until(() => learner.errors.length >= 51, 'the refusals');
	assert.deepEqual([...new Set(learner.errors)], ['too-many']);
	for (let i = 0; i < 200; i++) learner.send({ type: 'open', channel: 1, terminal: `${1 + (i % 4)}` as '1', cols: 80, rows: 24 });
	inputs += 264;
	learner.send({ type: 'close', channel: 2 });
	await learner.disconnect();
	await learner.connect();
	assert.match(await (await learner.terminal()).run('echo and on'), /and on/);
	await attacked.isUnharmed();
	attacked.hadNoFault();
	await learner.goHome();
});

test('upgrades: origins, cookies, tickets of others, used ones, none; the ticket of an honest page works all the same', async () => {
	const [ada, eve] = [await attacked.server.learner().connect(), await attacked.server.learner().connect()];
	const { origin, port } = new URL(attacked.server.address);
	const refused = async (headers: Record<string, string>, protocols: string[], status: number, code: string) => {
		inputs++;
		assert.deepEqual(await attacked.upgrade(headers, protocols), { status, code }, JSON.stringify([headers, protocols]));
	};
	const ticket = await attacked.ticket(ada);
	const protocols = [subprotocol, `ticket.${ticket}`];
	const foreign = [
		'null',
		'http://evil.example',
		`http://localhost:${port}`,
		`https://127.0.0.1:${port}`,
		'http://127.0.0.1',
		`http://127.0.0.1:${Number(port) + 1}`,
	];
	foreign.push(
		`http://sub.127.0.0.1:${port}`,
		`http://127.0.0.1:${port}.evil.example`,
		`${origin}/`,
		`${origin}@evil.example`,
		`http://evil.example#${origin}`,
		'file://',
		' ',
	);
	for (const bad of foreign) await refused({ origin: bad, cookie: ada.cookie }, protocols, 403, 'wrong-origin');
	await refused({ cookie: ada.cookie }, protocols, 403, 'wrong-origin');
	// A stranger's name that points here: page and host agree, and it is still refused.
	await refused(
		{ origin: `http://evil.example:${port}`, host: `evil.example:${port}`, cookie: ada.cookie },
		protocols,
		403,
		'wrong-origin',
	);

	const [name, value = ''] = ada.cookie.split('=');
	const text = decodeURIComponent(value);
	const forged = [
		'',
		'x',
		text.slice(0, -1),
		text.slice(0, -8),
		`${text}A`,
		text.replace(/\..*/, ''),
		text.replace(/\..*/, '.'),
		text.replace(/^./, (c) => (c === 'a' ? 'b' : 'a')),
		`${text.split('.')[0]}.${'A'.repeat(43)}`,
	];
	for (const bad of forged) await refused({ origin, cookie: `${name}=${encodeURIComponent(bad)}` }, protocols, 401, 'no-identity');
	await refused({ origin }, protocols, 401, 'no-identity');

	await refused({ origin, cookie: ada.cookie }, [`ticket.${ticket}`], 400, 'bad-request');
	for (const bad of [
		'',
		'ticket.',
		'ticket.x',
		`ticket.${'A'.repeat(32)}`,
		`ticket.${ticket}x`,
		'ticket.__proto__',
		'ticket.constructor',
	].filter(Boolean)) {
		await refused({ origin, cookie: ada.cookie }, [subprotocol, bad], 403, 'bad-ticket');
	}
	await refused({ origin, cookie: ada.cookie }, [subprotocol], 403, 'bad-ticket');

	const opened = await attacked.upgrade({ origin, cookie: ada.cookie }, protocols);
	assert.ok(opened instanceof WebSocket, 'after all that the honest page comes in');
	await refused({ origin, cookie: ada.cookie }, protocols, 403, 'bad-ticket');
	opened.terminate();
	const stolen = await attacked.ticket(ada);
	await refused({ origin, cookie: eve.cookie }, [subprotocol, `ticket.${stolen}`], 403, 'bad-ticket');
	await refused({ origin, cookie: ada.cookie }, [subprotocol, `ticket.${stolen}`], 403, 'bad-ticket');
	// More tickets than a learner may hold: the oldest is void.
	const first = await attacked.ticket(ada);
	for (let i = 0; i < 8; i++) await attacked.ticket(ada);
	await refused({ origin, cookie: ada.cookie }, [subprotocol, `ticket.${first}`], 403, 'bad-ticket');
	await attacked.isUnharmed();
	attacked.hadNoFault();
});

test('more connections than a learner may have: too-many; others come in', async () => {
	const learner = await attacked.server.learner().connect();
	const sockets: WebSocket[] = [];
	let refusal: unknown;
	for (let i = 0; i < 20 && !refusal; i++) {
		const { headers, protocols } = await attacked.honest(learner);
		const socket = await attacked.upgrade(headers, protocols);
		inputs++;
		if (socket instanceof WebSocket) sockets.push(socket);
		else refusal = socket;
	}
	assert.deepEqual(refusal, { status: 429, code: 'too-many' });
	assert.equal(sockets.length, 15, 'sixteen with the first');
	await attacked.server.learner().connect();
	for (const socket of sockets) socket.terminate();
	await attacked.isUnharmed();
});
