/** The access code: who has it gets in, who has not can read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppDeps } from './deps.ts';
import { connect, origin, TestServer } from './stand-ins.ts';

const code = 'Blue-Otter-42';
const host = 'localhost:8080';

async function withServer(work: (server: TestServer) => Promise<void>, changes: Partial<AppDeps> = { accessCode: code }): Promise<void> {
	const server = await TestServer.start(changes);
	try {
		await work(server);
	} finally {
		await server.stop();
	}
}

/** A visitor types a code: the cookies that come back, and the answer. */
async function type(server: TestServer, text: string, remoteAddress = '192.0.2.1') {
	const answer = await server.app.inject({
		method: 'POST',
		url: '/api/access',
		headers: { host, origin },
		payload: { code: text },
		remoteAddress,
	});
	return { status: answer.statusCode, body: answer.json(), cookie: answer.cookies.map(({ name, value }) => `${name}=${value}`).join('; ') };
}

const session = async (server: TestServer, cookie = '') => await server.app.inject({ url: '/api/session', headers: { host, cookie } });

test('without the code there is no identity, no sandbox and no ticket; the answer says what is asked for, in both languages', () =>
	withServer(async (server) => {
		const asked = await session(server);
		assert.deepEqual([asked.statusCode, asked.json().code, asked.cookies.length], [401, 'access-code', 0]);
		assert.match(asked.json().message, /code d’accès/);
		const english = await server.app.inject({ url: '/api/session?language=en', headers: { host } });
		assert.match(english.json().message, /access code that your trainer/);
		// Somebody who was here before there was a code.
		const open = await TestServer.start({ store: server.store });
		const cookie = (await open.visitor()).cookie;
		await open.app.close();
		for (const [method, url] of [
			['GET', '/api/sandboxes/apptainer'],
			['POST', '/api/sandboxes/apptainer'],
			['POST', '/api/tickets'],
		] as const) {
			const answer = await server.app.inject({
				method,
				url,
				headers: { host, origin, cookie },
				...(url.endsWith('tickets') && { payload: { course: 'apptainer', lesson: 'first', language: 'fr' } }),
			});
			assert.deepEqual([answer.statusCode, answer.json().code], [401, 'access-code'], url);
		}
		assert.equal(server.benches.running.size, 0);
		const port = await server.listen();
		const refused = await connect(port, { protocols: ['etabli.v1', 'ticket.x'], headers: { origin: `http://127.0.0.1:${port}`, cookie } });
		assert.equal('status' in refused && refused.status, 401);
	}));

test('the right code lets a browser in for good, however its capitals are typed', () =>
	withServer(async (server) => {
		const entered = await type(server, '  blue-otter-42 ');
		assert.equal(entered.status, 200);
		const first = await session(server, entered.cookie);
		assert.equal(first.statusCode, 200);
		const cookies = [...first.cookies].map(({ name, value }) => `${name}=${value}`).join('; ');
		const again = await session(server, cookies);
		assert.equal(again.json().learner, first.json().learner);
		assert.doesNotMatch(entered.cookie, /otter/i);
		assert.ok(!server.log.join().includes('otter'), 'the code is not in the log');
	}));

test('another code makes the old one void; a cookie that was made up is none', async () => {
	let cookie = '';
	await withServer(async (server) => {
		cookie = (await type(server, code)).cookie;
	});
	await withServer(
		async (server) => {
			assert.equal((await session(server, cookie)).statusCode, 401);
			assert.equal((await session(server, 'etabli-access=true')).statusCode, 401);
		},
		{ accessCode: 'red-otter-43' },
	);
});

test('a wrong code is told; a program that guesses is slowed down, its neighbours are not', () =>
	withServer(async (server) => {
		const wrong = await type(server, 'blue-otter-41');
		assert.deepEqual([wrong.status, wrong.body.code, wrong.cookie], [403, 'wrong-code', '']);
		let guesses = 1;
		while ((await type(server, `guess-${guesses}`)).status === 403) guesses++;
		assert.equal(guesses, 60);
		assert.equal((await type(server, code)).status, 429, 'not even the right one, for now');
		assert.equal((await type(server, code, '192.0.2.2')).status, 200);
		server.clock.ahead += 6_000;
		assert.equal((await type(server, code)).status, 200);
	}));

test('without a code configured nothing is asked', () =>
	withServer(async (server) => {
		assert.equal((await session(server)).statusCode, 200);
		assert.equal((await type(server, 'anything')).status, 200);
	}, {}));
