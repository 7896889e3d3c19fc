/** Thousands of inputs that are nearly right: each field of each message and body swapped, names of a second learner in every place. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import type { z } from 'zod';
import type { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { checkQuerySchema, languageQuerySchema, resetRequestSchema, ticketRequestSchema } from '../../src/shared/protocol/api.ts';
import { clientMessageSchema } from '../../src/shared/protocol/messages.ts';
import { eventually } from '../fixtures/eventually.ts';
import { Random } from '../fixtures/random.ts';
import { Attacked, checkedCode } from './hostility.ts';
import { type Fields, oddValues, parsed, randomMutation, singleMutations } from './mutations.ts';

const seed = Number(process.env['ETABLI_TEST_SEED'] ?? 20_261_124);
/** At the same time. */
const lanes = 8;
/** Inputs of one learner: the requests of each are limited. */
const each = 150;

let attacked: Attacked;
/** Has a sandbox of another course, and a step passed: what the others are after. */
let victim: LearnerClient;
before(async () => {
	attacked = await Attacked.start();
	victim = attacked.bystander;
});
after(() => attacked?.server.stop());

const counts = { messages: 0, bodies: 0, names: 0, floods: 0 };

async function stranger(): Promise<LearnerClient> {
	const learner = attacked.server.learner();
	await learner.get('/api/session');
	return learner;
}

/** Gives every input to one of several learners, a few at a time. */
async function shareOut<T>(inputs: readonly T[], use: (learner: LearnerClient, input: T) => Promise<void>): Promise<void> {
	await Promise.all(
		Array.from({ length: lanes }, async (_, lane) => {
			let learner = await stranger();
			for (let at = lane, used = 1; at < inputs.length; at += lanes, used++) {
				if (used % each === 0) learner = await stranger();
				await use(learner, inputs[at] as T);
			}
		}),
	);
}

/** Mutations that the schema refuses. */
function malformed(schema: z.ZodType, valid: readonly Fields[], random: number): string[] {
	const numbers = new Random(seed);
	const made = [...valid.flatMap(singleMutations), ...Array.from({ length: random }, () => randomMutation(numbers, numbers.pick(valid)))];
	return [...new Set(made)].filter((text) => !schema.safeParse(parsed(text)).success);
}

const messages: Fields[] = [
	{ type: 'start' },
	{ type: 'open', channel: 1, terminal: '1', cols: 80, rows: 24 },
	{ type: 'close', channel: 1 },
	{ type: 'end', channel: 1 },
	{ type: 'resize', channel: 1, cols: 80, rows: 24 },
	{ type: 'ack', channel: 1, bytes: 5 },
	{ type: 'focus', step: 'write' },
];

test(`messages, every field swapped (seed ${seed}): bad-message, and that connection alone is closed`, async () => {
	await shareOut(malformed(clientMessageSchema, messages, 1000), async (learner, text) => {
		const { headers, protocols } = await attacked.honest(learner);
		const socket = await attacked.upgrade(headers, protocols);
		assert.ok(socket instanceof WebSocket, JSON.stringify(socket));
		const codes: string[] = [];
		socket.on('error', () => undefined); // How it ended is told by "close".
		socket.on('message', (data) => {
			const message = JSON.parse(String(data)) as { type: string; code?: string };
			if (message.type === 'error') codes.push(message.code ?? '');
		});
		socket.send(text);
		counts.messages++;
		const [closed] = (await once(socket, 'close')) as [number];
		assert.deepEqual([codes, closed], [['bad-message'], 1008], text.slice(0, 200));
	});
	await attacked.isUnharmed();
	attacked.hadNoFault();
});

/** Asks, past any client of ours; an answer is a refusal of the catalogue. */
async function refused(learner: LearnerClient, method: string, path: string, body?: string): Promise<string> {
	const response = await fetch(`${attacked.server.address}${path}`, {
		method,
		redirect: 'manual',
		headers: { origin: attacked.server.address, cookie: learner.cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
		...(body !== undefined && { body }),
	});
	const said = await response.text();
	const what = `${response.status} ${said.slice(0, 200)} for ${method} ${path.slice(0, 200)} ${body?.slice(0, 200)}`;
	assert.ok(response.status >= 400 && response.status < 500, what);
	return checkedCode(said);
}

test(`bodies and queries, every field swapped (seed ${seed}): bad-request, and nothing is done`, async () => {
	const sandboxes = await attacked.server.sandboxes();
	const inputs = [
		...malformed(ticketRequestSchema, [{ course: 'trial', lesson: 'sandbox', language: 'en' }], 400).map(
			(body) => ['POST', '/api/tickets', body] as const,
		),
		...['/api/sandboxes/trial/reset', '/api/lessons/trial/sandbox/reset'].flatMap((path) =>
			malformed(resetRequestSchema, [{ progress: true }], 100).map((body) => ['POST', path, body] as const),
		),
		...malformed(languageQuerySchema, [{ language: 'fr' }], 0).flatMap((text) => queryOf(text, '/api/sandboxes/trial', 'GET')),
		...malformed(checkQuerySchema, [{ language: 'fr', now: '1' }], 0).flatMap((text) =>
			queryOf(text, '/api/lessons/trial/sandbox/steps/write/check', 'POST'),
		),
	];
	await shareOut(inputs, async (learner, [method, path, body]) => {
		counts.bodies++;
		const code = await refused(learner, method, path, body);
		assert.ok(['bad-request', 'too-large'].includes(code), `${code} for ${path} ${body?.slice(0, 200)}`);
	});
	assert.deepEqual(await attacked.server.sandboxes(), sandboxes);
	await attacked.isUnharmed();
	attacked.hadNoFault();
});

/** The text's fields as a query, if they can be said in one and still mean something else than the valid ones. */
function queryOf(text: string, path: string, method: string): [string, string, undefined][] {
	const fields = parsed(text);
	if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return [];
	const pairs = Object.entries(fields).filter(([, value]) => typeof value === 'string' && value.isWellFormed());
	const query = new URLSearchParams(pairs as [string, string][]);
	const said = Object.fromEntries(query);
	const schema = method === 'GET' ? languageQuerySchema : checkQuerySchema;
	return schema.safeParse(said).success ? [] : [[method, `${path}?${query}`, undefined]];
}

test('names of another learner, course, lesson, step, terminal and sandbox in the place of each: nothing of theirs is seen or touched', async () => {
	const sandboxes = await attacked.server.sandboxes();
	const [, victimCookie = ''] = victim.cookie.split('=');
	const names = [
		victim.name,
		sandboxes[0] ?? '',
		victimCookie,
		decodeURIComponent(victimCookie).split('.')[0] ?? '',
		'brief',
		'visit',
		'broken',
		'hangs',
		'1',
		'sandbox',
		'trial',
		'write',
	];
	const strings = oddValues.filter((value): value is string => typeof value === 'string' && value !== '' && value.isWellFormed());
	const routes = [
		['GET', '/api/courses/:course/progress'],
		['GET', '/api/lessons/:course/:lesson/steps'],
		['POST', '/api/lessons/:course/:lesson/reset'],
		['GET', '/api/sandboxes/:course'],
		['POST', '/api/sandboxes/:course'],
		['DELETE', '/api/sandboxes/:course'],
		['POST', '/api/sandboxes/:course/reset'],
		['POST', '/api/sandboxes/:course/extend'],
		['GET', '/api/sandboxes/:course/archive'],
		['POST', '/api/lessons/:course/:lesson/steps/:step/check'],
		['POST', '/api/lessons/:course/:lesson/steps/:step/reset'],
		['POST', '/api/lessons/:course/:lesson/steps/:step/done'],
	] as const;
	const valid: Record<string, string> = { course: 'trial', lesson: 'sandbox', step: 'write' };
	const known: Record<string, string[]> = { course: ['trial', 'brief'], lesson: ['sandbox', 'broken'], step: ['write'] };
	const inputs = routes.flatMap(([method, route]) =>
		[...route.matchAll(/:(\w+)/g)].flatMap(([, field = '']) =>
			[...names, ...strings]
				.filter((name) => !known[field]?.includes(name))
				.map((name) => ({
					method,
					path: route.replace(/:(\w+)/g, (_, each: string) => encodeURIComponent(each === field ? name : (valid[each] ?? ''))),
				}))
				// Who asks for "…/../progress" asks for another address, one that may be theirs: it is shortened before it is sent.
				.filter(({ path }) => new URL(path, attacked.server.address).pathname === path),
		),
	);
	await shareOut(inputs, async (learner, { method, path }) => {
		counts.names++;
		const body = path.endsWith('/reset') && !path.includes('/steps/') ? '{"progress":true}' : undefined;
		const code = await refused(learner, method, path, body);
		assert.ok(['bad-request', 'not-found', 'no-sandbox', 'too-large', 'too-many'].includes(code), `${code} for ${method} ${path}`);
	});
	// The same in the messages of a page: whose it is, is said by the ticket alone.
	const eve = await attacked.server.learner().connect();
	for (const name of names) eve.send({ type: 'focus', step: /^[a-z0-9-]{1,60}$/.test(name) ? name : 'write' });
	for (let channel = 1; channel <= 8; channel++) eve.send({ type: 'open', channel, terminal: '1', cols: 80, rows: 24 });
	await eve.until(() => eve.errors.length >= 8, 'the refusals');
	assert.deepEqual([...new Set(eve.errors)], ['no-sandbox']);
	counts.names += names.length + 8;
	await eve.disconnect();
	assert.deepEqual(await attacked.server.sandboxes(), sandboxes);
	assert.equal(victim.sandbox.state, 'ready');
	await attacked.isUnharmed();
	attacked.hadNoFault();
});

/** Bytes by which the server has grown in the end. */
async function growth(work: () => Promise<void>): Promise<number> {
	const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${attacked.server.pid}/status`, 'utf8'))?.[1]) * 1024;
	const before = memory();
	await work();
	return memory() - before;
}

/** A frame as a client sends it, its mask all zeros. */
function frame(head: number, payload: Uint8Array): Buffer {
	return Buffer.concat([Uint8Array.of(head, 0x80 | payload.length, 0, 0, 0, 0), payload]);
}

/** Each is sent over a connection that reads nothing of what comes back. */
const floods: Record<string, { bytes: Buffer; times: number }> = {
	'pings whose answers nobody reads': { bytes: Buffer.concat(Array(500).fill(frame(0x89, new Uint8Array(125)))), times: 800 },
	'one message in pieces of a byte': {
		bytes: Buffer.concat([frame(0x01, Uint8Array.of(32)), ...Array(2000).fill(frame(0x00, Uint8Array.of(32)))]),
		times: 1,
	},
	'pieces of nothing': {
		bytes: Buffer.concat([frame(0x01, new Uint8Array(0)), ...Array(2000).fill(frame(0x00, new Uint8Array(0)))]),
		times: 1,
	},
	'resizes of a terminal that is not there': {
		bytes: Buffer.concat(Array(500).fill(frame(0x81, Buffer.from('{"type":"resize","channel":1,"cols":80,"rows":24}')))),
		times: 20,
	},
	'a message that begins and begins': { bytes: Buffer.concat(Array(60).fill(frame(0x01, Uint8Array.of(32)))), times: 1 },
};

test('floods of pings, of tiny pieces, of resizes: that connection ends, the server does not grow, and nobody else notices', async () => {
	for (const [what, { bytes, times }] of Object.entries(floods)) {
		const learner = await stranger();
		const { headers, protocols } = await attacked.honest(learner);
		const socket = await attacked.upgrade(headers, protocols);
		assert.ok(socket instanceof WebSocket);
		socket.on('error', () => undefined); // As above.
		// Past the library, which sends no such frames.
		const { _socket: raw } = socket as unknown as { _socket: Socket };
		raw.on('error', () => undefined); // Cut off in the middle of it.
		let ended = false;
		raw.once('close', () => {
			ended = true;
		});
		raw.pause();
		const grown = await growth(async () => {
			for (let i = 0; i < times && !ended; i++) {
				await Promise.race([new Promise((resolve) => raw.write(bytes, resolve)), sleep(2000)]);
				counts.floods += 1;
			}
			await attacked.isUnharmed();
		});
		assert.ok(grown < 60 * 2 ** 20, `${what}: the server grew by ${Math.round(grown / 2 ** 20)} MB`);
		raw.resume();
		await eventually(() => ended || socket.readyState === WebSocket.CLOSED, `${what}: the connection to end`);
		socket.terminate();
	}
	attacked.hadNoFault();
});

test('how many inputs that were', (t) => {
	const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
	t.diagnostic(`${all} nearly right inputs`);
	console.log(
		`${all} nearly right inputs: ${Object.entries(counts)
			.map(([what, count]) => `${count} ${what}`)
			.join(', ')}`,
	);
	assert.ok(all >= 4000, `${all}`);
});
