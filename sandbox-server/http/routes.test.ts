import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal, refusalText } from '../../src/shared/protocol/refusals.ts';
import { tokenDigest } from '../store/migrations.ts';
import { type Browser, TestServer } from './stand-ins.ts';

async function withServer(work: (server: TestServer, browser: Browser) => Promise<void>, changes = {}): Promise<void> {
	const server = await TestServer.start(changes);
	try {
		await work(server, await server.visitor());
	} finally {
		await server.stop();
	}
}

test('the first visit gives an identity that lasts; later visits keep it', () =>
	withServer(async ({ app }) => {
		const first = await app.inject({ url: '/api/session', headers: { host: '127.0.0.1:8080' } });
		assert.match(first.json().learner, /^learner-[0-9a-f]{6}$/);
		assert.deepEqual([first.json().live, first.json().version], [true, '1.2.3']);
		const cookie = first.cookies[0];
		assert.ok(cookie);
		assert.equal(cookie.name, 'etabli');
		assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path, cookie.secure], [true, 'Lax', '/', undefined]);
		assert.equal(cookie.maxAge, 400 * 24 * 3600);
		const again = await app.inject({ url: '/api/session', headers: { host: '127.0.0.1:8080', cookie: `etabli=${cookie.value}` } });
		assert.equal(again.json().learner, first.json().learner);
	}));

test('behind TLS the cookie is Secure', () =>
	withServer(
		async ({ app }) => {
			const answer = await app.inject('/api/session');
			assert.equal(answer.cookies[0]?.secure, true);
			assert.match(String(answer.headers['strict-transport-security']), /max-age/);
		},
		{ addresses: { publicOrigin: 'https://etabli.example.org', host: '127.0.0.1' } },
	));

test('a forged, foreign or missing cookie is nobody', () =>
	withServer(async ({ app, store }) => {
		const { id } = store.createLearner();
		for (const cookie of ['', `etabli=${id}`, `etabli=${id}.AAAA`, 'etabli=', 'other=1']) {
			const answer = await app.inject({ url: '/api/lessons/apptainer/first/steps', headers: { host: 'localhost', cookie } });
			assert.deepEqual([answer.statusCode, answer.json().code], [401, 'no-identity'], cookie);
		}
	}));

test('a learner’s values are the learner’s own, and stay', () =>
	withServer(async (server, browser) => {
		const url = '/api/lessons/apptainer/first/values';
		const mine = (await browser.ask('GET', url)).json();
		assert.match(mine.values.animal, /^(heron|otter)$/);
		assert.deepEqual((await browser.ask('GET', url)).json(), mine);
		const seen = new Set<string>();
		while (seen.size < 2) seen.add((await (await server.visitor()).ask('GET', url)).json().values.animal);
		assert.equal((await server.app.inject({ url, headers: { host: 'localhost' } })).statusCode, 401);
	}));

test('a sandbox is started, asked for, reset and put away; nobody else sees it', () =>
	withServer(async (server, browser) => {
		const other = await server.visitor();
		const url = '/api/sandboxes/apptainer';
		assert.deepEqual((await browser.ask('GET', url)).json(), { state: 'none' });
		for (let i = 0; i < 2; i++) assert.deepEqual((await browser.ask('POST', url)).json(), { state: 'ready' });
		assert.deepEqual((await other.ask('GET', url)).json(), { state: 'none' });
		await other.ask('DELETE', url);
		assert.deepEqual((await browser.ask('GET', url)).json(), { state: 'ready' });
		assert.equal((await browser.ask('POST', `${url}/reset`, {})).statusCode, 200);
		assert.deepEqual((await browser.ask('DELETE', url)).json(), { state: 'none' });
	}));

test('steps: checked, read, reset, and forgotten with their lesson or sandbox when asked', () =>
	withServer(async (_, browser) => {
		const lesson = '/api/lessons/apptainer/first';
		const passed = { lesson: 'first', step: 'pull', state: 'passed' };
		assert.deepEqual((await browser.ask('POST', `${lesson}/steps/pull/check?language=en`)).json(), passed);
		assert.equal((await browser.ask('POST', `${lesson}/steps/read/done`)).json().state, 'passed');
		assert.equal(
			(await browser.ask('POST', `${lesson}/steps/pull/done`)).json().code,
			'bad-request',
			'a step with a check is not just done',
		);
		assert.deepEqual((await browser.ask('POST', `${lesson}/quizzes/1`, { choices: [1] })).json(), { correct: true });
		for (const choices of ['1', [-1], [1.5], [100], Array.from({ length: 101 }, () => 1), undefined]) {
			assert.equal((await browser.ask('POST', `${lesson}/quizzes/1`, { choices })).statusCode, 400);
		}
		assert.equal((await browser.ask('POST', `${lesson}/quizzes/..%2Fx`, { choices: [1] })).statusCode, 400);
		assert.equal((await browser.ask('GET', `${lesson}/steps`)).json().steps.length, 2);
		assert.equal((await browser.ask('GET', '/api/courses/apptainer/progress')).json().steps.length, 2);
		assert.equal((await browser.ask('POST', `${lesson}/steps/pull/reset`)).json().state, 'todo');
		assert.equal((await browser.ask('POST', `${lesson}/reset`, {})).json().code, 'no-sandbox');
		await browser.ask('POST', '/api/sandboxes/apptainer');
		assert.equal((await browser.ask('POST', `${lesson}/reset`, {})).json().steps.length, 1);
		assert.equal((await browser.ask('POST', `${lesson}/reset`, { progress: true })).json().steps.length, 0);
		await browser.ask('POST', `${lesson}/steps/pull/check`);
		await browser.ask('POST', '/api/sandboxes/apptainer/reset', { progress: true });
		assert.equal((await browser.ask('GET', `${lesson}/steps`)).json().steps.length, 0);
	}));

test('what does not exist is not found, what is malformed is refused, each in the language asked for', () =>
	withServer(async (_, browser) => {
		const code = async (method: 'GET' | 'POST', url: string, body?: object): Promise<string> =>
			(await browser.ask(method, url, body)).json().code;
		for (const url of ['/api/sandboxes/nothing', '/api/lessons/apptainer/third/steps', '/api/nothing', '/api/']) {
			assert.equal(await code('GET', url), 'not-found', url);
		}
		assert.equal(await code('POST', '/api/lessons/apptainer/first/steps/none/check'), 'not-found');
		assert.equal(await code('POST', '/api/tickets', { course: 'apptainer', lesson: 'none', language: 'fr' }), 'not-found');
		assert.equal(await code('GET', '/api/sandboxes/Not_a_name'), 'bad-request');
		assert.equal(await code('GET', '/api/sandboxes/%2e%2e'), 'not-found');
		assert.equal(await code('GET', '/api/sandboxes/apptainer?language=de'), 'bad-request');
		assert.equal(await code('GET', '/api/sandboxes/%zz'), 'bad-request');
		assert.equal(await code('POST', '/api/tickets', { course: 'apptainer', lesson: 'first', language: 'fr', extra: 1 }), 'bad-request');
		assert.equal(await code('POST', '/api/tickets'), 'bad-request');
		assert.equal(await code('POST', '/api/tickets', { course: 'x'.repeat(20_000) }), 'too-large');
		const typed = await browser.ask('POST', '/api/tickets', undefined, { 'content-type': 'text/plain' });
		assert.equal(typed.json().code, 'bad-request');
		const english = await browser.ask('GET', '/api/nothing', undefined, { 'accept-language': 'de, en;q=0.8, fr;q=0.7' });
		assert.equal(english.json().message, refusalText('not-found', 'en'));
		assert.equal((await browser.ask('GET', '/api/nothing?language=en')).json().message, refusalText('not-found', 'en'));
		assert.equal((await browser.ask('GET', '/api/nothing')).json().message, refusalText('not-found', 'fr'));
	}));

test('only pages of this server may change anything', () =>
	withServer(async ({ app, labs }, browser) => {
		const tries: [string | undefined, string][] = [
			[undefined, 'localhost:8080'],
			['null', 'localhost:8080'],
			['http://evil.example', 'localhost:8080'],
			['http://localhost:8081', 'localhost:8080'],
			['https://localhost:8080', 'localhost:8080'],
			['http://localhost:8080/', 'localhost:8080'],
			// A stranger's name that points here: page and address agree, and yet it is not ours.
			['http://evil.example:8080', 'evil.example:8080'],
		];
		for (const [from, host] of tries) {
			const headers: Record<string, string> = { host, cookie: browser.cookie };
			if (from !== undefined) headers['origin'] = from;
			const answer = await app.inject({ method: 'POST', url: '/api/sandboxes/apptainer', headers });
			assert.deepEqual([answer.statusCode, answer.json().code], [403, 'wrong-origin'], `${from} → ${host}`);
		}
		assert.equal(labs.running.size, 0);
		const rebound = await app.inject({ url: '/api/session', headers: { host: 'evil.example:8080' } });
		assert.equal(rebound.json().code, 'wrong-origin');
		for (const host of ['localhost:8080', '127.0.0.1:8080', '[::1]:8080', '192.168.1.9:8080', '127.0.0.1']) {
			const headers = { host, origin: `http://${host}`, cookie: browser.cookie };
			assert.equal((await app.inject({ method: 'POST', url: '/api/sandboxes/apptainer', headers })).statusCode, 200, host);
		}
	}));

test('with a public address, it alone is the origin', () =>
	withServer(
		async (_, browser) => {
			const start = (origin: string) => browser.ask('POST', '/api/sandboxes/apptainer', undefined, { origin, host: 'backend:8080' });
			assert.equal((await start('https://etabli.example.org')).statusCode, 200);
			for (const origin of [
				'http://etabli.example.org',
				'https://etabli.example.org.evil.example',
				'http://backend:8080',
				'http://localhost:8080',
			]) {
				assert.equal((await start(origin)).json().code, 'wrong-origin', origin);
			}
		},
		{ addresses: { publicOrigin: 'https://etabli.example.org', host: '127.0.0.1' } },
	));

test('an error inside goes into the log, with the number that the answer carries; the person gets a sentence', () =>
	withServer(async ({ labs, log }, browser) => {
		labs.failure = new Error('the password is swordfish');
		const answer = await browser.ask('DELETE', '/api/sandboxes/apptainer');
		assert.equal(answer.statusCode, 500);
		assert.deepEqual(Object.keys(answer.json()), ['code', 'message']);
		assert.equal(answer.json().code, 'internal');
		assert.doesNotMatch(answer.body, /swordfish|\.ts/);
		const line = log.find((text) => text.includes('swordfish'));
		assert.ok(line?.includes(String(answer.headers['x-request-id'])));
		labs.failure = new Refusal('engine-away', 'connect ENOENT');
		const away = await browser.ask('DELETE', '/api/sandboxes/apptainer?language=en');
		assert.deepEqual([away.statusCode, away.json().message], [503, refusalText('engine-away', 'en')]);
	}));

test('the log holds names, and neither cookies, ids nor tickets', () =>
	withServer(async ({ log, app, store }, browser) => {
		const ticket = (await browser.ask('POST', '/api/tickets', { course: 'apptainer', lesson: 'first', language: 'fr' })).json().ticket;
		app.log.info({
			headers: { cookie: 'hidden-1', 'sec-websocket-protocol': 'hidden-2' },
			ticket: 'hidden-3',
			req: { headers: { authorization: 'hidden-4' } },
		});
		const all = log.join('\n');
		assert.ok(all.includes(browser.name));
		assert.doesNotMatch(all, /hidden-\d/);
		assert.ok(!all.includes(ticket));
		const token = decodeURIComponent(browser.cookie).slice('etabli='.length).split('.')[0] ?? '';
		const session = store.people.session(tokenDigest(token), Date.now());
		assert.equal(session?.learner.name, browser.name, 'the test looks for the right thing');
		for (const secret of [token, tokenDigest(token), session?.learner.id ?? '', session?.learner.seed ?? ''])
			assert.ok(!all.includes(secret));
	}));

test('too many requests of one learner are refused; another behind the same address goes on', () =>
	withServer(
		async (server, browser) => {
			const other = await server.visitor();
			const codes = [];
			for (let i = 0; i < 7; i++) codes.push((await browser.ask('GET', '/api/sandboxes/apptainer')).statusCode);
			assert.deepEqual(codes, [200, 200, 200, 200, 200, 429, 429]);
			const refused = await browser.ask('GET', '/api/sandboxes/apptainer');
			assert.equal(refused.json().code, 'too-many');
			assert.ok(Number(refused.headers['retry-after']) > 0);
			assert.equal((await other.ask('GET', '/api/sandboxes/apptainer')).statusCode, 200);
		},
		{ requestsPerMinute: 5 },
	));

test('ending and resetting keeps the engine busy, which all share: one learner may do so only so often', () =>
	withServer(async (server, browser) => {
		const other = await server.visitor();
		const codes = [];
		for (let i = 0; i < 32; i++) codes.push((await browser.ask('DELETE', '/api/sandboxes/apptainer')).statusCode);
		assert.deepEqual([codes.indexOf(429), codes.lastIndexOf(200)], [30, 29]);
		const reset = await browser.ask('POST', '/api/sandboxes/apptainer/reset', { progress: false });
		assert.deepEqual([reset.statusCode, reset.json().code], [429, 'too-many'], 'of all kinds together');
		assert.equal((await browser.ask('GET', '/api/sandboxes/apptainer')).statusCode, 200);
		assert.equal((await other.ask('DELETE', '/api/sandboxes/apptainer')).statusCode, 200);
	}));

test('what is refused for now says when to come back, to each a little differently', () =>
	withServer(async ({ labs }, browser) => {
		labs.failure = new Refusal('engine-away');
		const waits = new Set<number>();
		for (let i = 0; i < 20; i++) {
			const refused = await browser.ask('DELETE', '/api/sandboxes/apptainer');
			assert.equal(refused.statusCode, 503);
			waits.add(Number(refused.headers['retry-after']));
		}
		assert.ok(waits.size > 1 && [...waits].every((wait) => wait >= 5 && wait <= 8), [...waits].join());
		assert.equal(
			(await browser.ask('POST', '/api/sandboxes/apptainer/extend')).headers['retry-after'],
			undefined,
			'coming back would not help',
		);
	}));

test('work is taken home as a file whose name says whose it is', () =>
	withServer(async (_, browser) => {
		const answer = await browser.ask('GET', '/api/sandboxes/apptainer/archive');
		assert.equal(answer.statusCode, 200);
		assert.equal(answer.headers['content-type'], 'application/gzip');
		assert.equal(answer.headers['content-disposition'], `attachment; filename="apptainer-${browser.name}.tar.gz"`);
		assert.equal(answer.headers['cache-control'], 'no-store');
		assert.equal(answer.body, `work of ${browser.name} in apptainer`);
		for (let i = 0; i < 5; i++) await browser.ask('GET', '/api/sandboxes/apptainer/archive');
		assert.equal((await browser.ask('GET', '/api/sandboxes/apptainer/archive')).statusCode, 429);
		assert.equal((await browser.ask('GET', '/api/sandboxes/apptainer')).statusCode, 200);
		assert.equal((await browser.ask('POST', '/api/sandboxes/apptainer/extend')).json().code, 'no-extension');
	}));

test('the interface describes itself, and every route of the description exists', () =>
	withServer(async ({ app }, browser) => {
		const description = (await browser.ask('GET', '/api/openapi.json')).json();
		assert.match(description.openapi, /^3\./);
		assert.ok(description.paths['/api/lessons/{course}/{lesson}/steps/{step}/check'].post.responses['200']);
		assert.ok(description.paths['/api/tickets'].post.requestBody);
		for (const [path, methods] of Object.entries(description.paths as Record<string, object>)) {
			for (const method of Object.keys(methods)) {
				assert.ok(app.hasRoute({ method: method.toUpperCase() as 'GET', url: path.replace(/\{(\w+)\}/g, ':$1') }), `${method} ${path}`);
			}
		}
		assert.deepEqual((await app.inject('/healthz')).json(), { status: 'ok' });
	}));

test('answers with data are not kept, and run nothing', () =>
	withServer(async (_, browser) => {
		const { headers } = await browser.ask('GET', '/api/sandboxes/apptainer');
		assert.equal(headers['cache-control'], 'no-store');
		assert.match(String(headers['content-security-policy']), /default-src 'none'/);
		assert.equal(headers['x-content-type-options'], 'nosniff');
		assert.equal(headers['referrer-policy'], 'same-origin');
		assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
		assert.equal(headers['strict-transport-security'], undefined);
		assert.equal(headers['server'], undefined);
	}));
