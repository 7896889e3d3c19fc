/** The access code: who has it gets in, who has not can read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppDeps } from '../http/app-deps.ts';
import { connect, origin, TestServer } from '../http/stand-ins.ts';

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
async function type(server: TestServer, text: string, { remoteAddress = '192.0.2.1', cookie = '' } = {}) {
	const answer = await server.app.inject({
		method: 'POST',
		url: '/api/access',
		headers: { host, origin, cookie },
		payload: { code: text },
		remoteAddress,
	});
	return { status: answer.statusCode, body: answer.json(), cookie: answer.cookies.map(({ name, value }) => `${name}=${value}`).join('; ') };
}

const session = async (server: TestServer, cookie = '') => await server.app.inject({ url: '/api/session', headers: { host, cookie } });

test('without the code there is no identity, no sandbox and no ticket; the answer says what is asked for, in both languages', () =>
	withServer(async (server) => {
		const asked = await session(server);
		assert.deepEqual([asked.statusCode, asked.json().code, asked.cookies.map(({ name }) => name)], [401, 'access-code', ['etabli-door']]);
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
		assert.equal(server.labs.running.size, 0);
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

test('a wrong code is told; a program that guesses is slowed down, its neighbours are not', () => {
	let clock = 0;
	return withServer(
		async (server) => {
			const wrong = await type(server, 'blue-otter-41');
			assert.deepEqual([wrong.status, wrong.body.code, wrong.cookie], [403, 'wrong-code', '']);
			let guesses = 1;
			while ((await type(server, `guess-${guesses}`)).status === 403) guesses++;
			assert.equal(guesses, 60);
			assert.equal((await type(server, code)).status, 429, 'not even the right one, for now');
			assert.equal((await type(server, code, { remoteAddress: '192.0.2.2' })).status, 200);
			clock += 6_000;
			assert.equal((await type(server, code)).status, 200);
		},
		{ accessCode: code, now: () => clock },
	);
});

/** Time stands still: nothing comes back while the test runs. */
const standing = { accessCode: code, now: () => 0 };

test('in a hall behind one address, who types wrong codes keeps only themselves out', () =>
	withServer(async (server) => {
		const page = async () => {
			const [number] = (await session(server)).cookies;
			return { cookie: `${number?.name}=${encodeURIComponent(number?.value ?? '')}` };
		};
		const [honest, late] = [await page(), await page()];
		// Wrong ones from pages, and from a program that shows no number.
		for (let guesser = 0; guesser < 30; guesser++) {
			const one = await page();
			for (let i = 0; i < 6; i++) assert.equal((await type(server, `guess-${i}`, one)).status, 403);
			assert.equal((await type(server, code, one)).status, 429);
		}
		while ((await type(server, 'guess')).status === 403);
		assert.equal((await type(server, code)).status, 429);
		assert.equal((await type(server, 'blue-otter', honest)).status, 403);
		assert.equal((await type(server, code, honest)).status, 200);
		assert.equal((await type(server, code, late)).status, 200);
		assert.equal((await type(server, code, await page())).status, 200, 'who comes later, too');
	}, standing));

test('a program of the hall that takes every number and types wrong codes keeps out who comes anew, and nobody who came before it', () => {
	let clock = 0;
	return withServer(
		async (server) => {
			const page = async () => {
				const [number] = (await session(server)).cookies;
				return number && { cookie: `${number.name}=${encodeURIComponent(number.value)}` };
			};
			const before = await page();
			while (await page());
			while ((await type(server, 'guess')).status === 403);
			assert.equal(await page(), undefined);
			assert.equal((await type(server, code)).status, 429, 'who comes anew');
			assert.equal((await type(server, code, before)).status, 200);
			assert.equal((await type(server, code, { remoteAddress: '192.0.2.2' })).status, 200);
			clock += 60_000;
			assert.equal((await type(server, code, await page())).status, 200, 'once it has stopped');
		},
		{ accessCode: code, requestsPerMinute: 100_000, now: () => clock },
	);
});

test('numbers are few, and hold for an hour: a program that throws them away gets little further', () => {
	let clock = 0;
	return withServer(
		async (server) => {
			const numbers = async () => {
				let count = 0;
				while ((await session(server)).cookies.length > 0) count++;
				return count;
			};
			const [first] = (await session(server)).cookies;
			assert.equal(await numbers(), 299);
			clock += 60_000;
			assert.equal(await numbers(), 30);
			clock += 3600_000;
			const old = { cookie: `${first?.name}=${encodeURIComponent(first?.value ?? '')}` };
			let tries = 0;
			while ((await type(server, 'guess', old)).status === 403) tries++;
			assert.equal(tries, 60, 'an old number is as good as none');
		},
		{ accessCode: code, requestsPerMinute: 100_000, now: () => clock },
	);
});

test('without a code configured nothing is asked', () =>
	withServer(async (server) => {
		assert.equal((await session(server)).statusCode, 200);
		assert.equal((await type(server, 'anything')).status, 200);
	}, {}));
