/** Cookies and sessions: who is known by them, also those from before there were sessions. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { TestServer } from '../http/stand-ins.ts';
import { openStore } from '../store/sqlite-store.ts';

const host = 'localhost:8080';
const day = 24 * 3600_000;
/** What the version before gave Anne: her cookie, signed with its key, and her value of a parameter. */
const anne = {
	cookie: 'etabli=kmmHprFuCWpKSraUDGmhUnF0wCyKMSle.GGXb5sq1iCvCpVnPL5KdJu9%2BeR%2BDrg%2B6%2Bh4rJWWdcO4',
	name: 'learner-fd07ab',
	animal: 'otter',
};
const tls = { addresses: { publicOrigin: 'https://etabli.example.org', host: '127.0.0.1' } };

/** A server over the store that the version before left. */
async function upgraded(t: TestContext, changes = {}): Promise<TestServer> {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-upgrade-'));
	const path = join(folder, 'store.sqlite');
	const before = new DatabaseSync(path);
	before.exec(readFileSync(new URL('../../tests/fixtures/stores/schema-4.sql', import.meta.url), 'utf8'));
	before.close();
	const server = await TestServer.start({ store: openStore(path), ...changes });
	t.after(async () => {
		await server.stop();
		rmSync(folder, { recursive: true });
	});
	return server;
}

async function ask(server: TestServer, url: string, cookie: string) {
	const answer = await server.app.inject({ url, headers: { host, cookie } });
	const set = answer.cookies.filter(({ value }) => value !== '').map(({ name, value }) => `${name}=${encodeURIComponent(value)}`);
	return { status: answer.statusCode, body: answer.json(), set, cookies: answer.cookies };
}

test('after an upgrade: the old cookie is the same learner, with progress, files and values, and becomes a session', async (t) => {
	const server = await upgraded(t);
	const steps = await ask(server, '/api/lessons/apptainer/first/steps', anne.cookie);
	assert.deepEqual(
		steps.body.steps.map(({ step, state }: { step: string; state: string }) => `${step} ${state}`),
		['pull failed', 'read passed'],
		'a page that was open during the upgrade goes on',
	);
	const visit = await ask(server, '/api/session', anne.cookie);
	assert.deepEqual([visit.body.learner, visit.set.length], [anne.name, 1]);
	const fresh = visit.set[0] ?? '';
	assert.notEqual(fresh, anne.cookie);
	for (const cookie of [fresh, anne.cookie]) {
		const values = await ask(server, '/api/lessons/apptainer/first/values', cookie);
		assert.equal(values.body.values.animal, anne.animal);
	}
	server.clock.ahead += 11 * 60_000;
	assert.equal((await ask(server, '/api/sandboxes/apptainer', anne.cookie)).status, 401, 'its time is over once it has been replaced');
	assert.equal((await ask(server, '/api/sandboxes/apptainer', fresh)).status, 200);
});

test('after an upgrade the store holds all that it held', async (t) => {
	const { store } = await upgraded(t);
	const [lab] = store.sandboxes();
	assert.deepEqual([lab?.name, lab?.state, lab?.extended], ['etabli-1', 'ready', 1]);
	const id = lab?.learner ?? '';
	assert.equal(store.learner(id)?.name, anne.name);
	assert.deepEqual(
		store.commands('etabli-1', 9).map(({ command, printed }) => [command, printed]),
		[['apptainer pull docker://alpine', 'INFO: done']],
	);
	assert.deepEqual(
		[store.quizzes({ learner: id, course: 'apptainer' }, 'first'), store.setups('etabli-1'), store.lastOffset('etabli-1', 'first/1')],
		[['layers'], ['first'], 345n],
	);
	const [home] = store.homes();
	assert.deepEqual(
		[home?.file, store.reason({ learner: home?.learner ?? '', course: 'apptainer' })?.text.en],
		['apptainer/x.tar.gz', 'idle'],
	);
	store.people.forgetVisitors(Date.now() + day);
	assert.ok(store.learner(id) && store.learner(home?.learner ?? ''), 'nobody who has done something is forgotten');
});

test('an old cookie that is asked after again and again does not live for ever beside its successor', async (t) => {
	const server = await upgraded(t);
	for (let minute = 0; minute < 12; minute += 3) {
		await ask(server, '/api/session', anne.cookie);
		server.clock.ahead += 3 * 60_000;
	}
	const late = await ask(server, '/api/session', anne.cookie);
	assert.notEqual(late.body.learner, anne.name);
});

test('with TLS the name begins with __Host-; the old name counts for who was here before, once, and is taken away', async (t) => {
	const server = await upgraded(t, tls);
	const visit = await ask(server, '/api/session', anne.cookie);
	assert.equal(visit.body.learner, anne.name);
	assert.match(visit.set[0] ?? '', /^__Host-etabli=/);
	const [cookie] = visit.cookies;
	assert.deepEqual([cookie?.secure, cookie?.httpOnly, cookie?.path, cookie?.domain, cookie?.sameSite], [true, true, '/', undefined, 'Lax']);
	assert.ok(visit.cookies.some(({ name, value }) => name === 'etabli' && value === ''));
	// A neighbour of the same domain plants a session of their own under the plain name.
	const planted = (visit.set[0] ?? '').replace('__Host-etabli', 'etabli');
	assert.equal((await ask(server, '/api/sandboxes/apptainer', planted)).status, 401);
	assert.equal((await ask(server, '/api/sandboxes/apptainer', `${planted}; ${visit.set[0]}`)).status, 200);
});

test('neither a learner’s id nor what the store holds of a session opens anything', async (t) => {
	const server = await TestServer.start();
	t.after(() => server.stop());
	const browser = await server.visitor();
	const learner = server.learner(browser);
	const { digest } = server.session(browser);
	const sign = (text: string) => `etabli=${encodeURIComponent(server.app.signCookie(text))}`;
	for (const secret of [learner.id, learner.seed, digest]) {
		assert.equal((await ask(server, '/api/sandboxes/apptainer', sign(secret))).status, 401);
	}
	assert.equal(new Set([learner.id, learner.seed, digest]).size, 3);
});

test('a session lasts 400 days from the last visit, and can be ended on the server', async (t) => {
	const server = await TestServer.start();
	t.after(() => server.stop());
	const browser = await server.visitor();
	server.clock.ahead += 390 * day;
	assert.equal((await browser.ask('GET', '/api/session')).json().learner, browser.name);
	server.clock.ahead += 390 * day;
	assert.equal((await browser.ask('GET', '/api/sandboxes/apptainer')).statusCode, 200);
	server.clock.ahead += 11 * day;
	assert.equal((await browser.ask('GET', '/api/sandboxes/apptainer')).statusCode, 401);
	server.clock.ahead = 0;
	const other = await server.visitor();
	server.store.people.endSessions(server.learner(other).id);
	assert.equal((await other.ask('GET', '/api/sandboxes/apptainer')).statusCode, 401);
});

test('a group of routes has its own door: an identity provider’s form post comes in there, and nowhere else', async (t) => {
	const provider = 'https://login.example.org';
	const policy = { name: 'sign-on', origins: [provider], framedBy: [provider], sameSite: 'none', requestsPerMinute: 5 } as const;
	const server = await TestServer.start({
		...tls,
		groups: [
			{
				policy,
				install: (app) => {
					app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) => done(null, body));
					app.post('/api/sign-on', { schema: { hide: true }, config: { action: 'access.enter' } }, async (request) => ({
						said: request.body,
					}));
				},
			},
		],
	});
	t.after(() => server.stop());
	const post = (url: string, from: string) =>
		server.app.inject({
			method: 'POST',
			url,
			headers: { origin: from, 'content-type': 'application/x-www-form-urlencoded' },
			payload: 'state=x',
		});
	const taken = await post('/api/sign-on', provider);
	assert.deepEqual([taken.statusCode, taken.json()], [200, { said: 'state=x' }]);
	assert.match(String(taken.headers['content-security-policy']), /frame-ancestors https:\/\/login\.example\.org/);
	assert.equal(taken.headers['x-frame-options'], undefined);
	assert.equal((await post('/api/sign-on', 'https://evil.example')).json().code, 'wrong-origin');
	const elsewhere = await post('/api/tickets', provider);
	assert.deepEqual([elsewhere.json().code, elsewhere.headers['x-frame-options']], ['wrong-origin', 'DENY']);
	assert.match(String(elsewhere.headers['content-security-policy']), /frame-ancestors 'none'/);
	const statuses = [];
	for (let i = 0; i < 5; i++) statuses.push((await post('/api/sign-on', provider)).statusCode);
	assert.deepEqual(statuses, [200, 200, 200, 200, 429], 'its own limit, of which two are used');
	assert.equal((await server.app.inject('/api/session')).statusCode, 200);
});
