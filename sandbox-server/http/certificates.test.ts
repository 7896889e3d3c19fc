/** Certificates over HTTP: for whoever has finished the course, verified by anybody, forged by nobody. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { decodeProtectedHeader, importJWK, jwtVerify, SignJWT } from 'jose';
import { newBadgeKey } from '../progress/badge-key.ts';
import { Drawer } from '../progress/draw.ts';
import { openStore } from '../store/sqlite-store.ts';
import { Browser, folderWith, TestServer } from './stand-ins.ts';

async function open(t: TestContext, changes = {}) {
	const server = await TestServer.start({ requestsPerMinute: 10_000, ...changes });
	t.after(() => server.stop());
	/** Somebody who has passed every step of the course. */
	const finisher = async () => {
		const browser = await server.visitor();
		for (const lesson of ['first', 'second']) {
			await browser.ask('POST', `/api/lessons/apptainer/${lesson}/steps/read/done`);
			await browser.ask('POST', `/api/lessons/apptainer/${lesson}/steps/pull/check`);
		}
		return browser;
	};
	const issue = async (browser: Browser, name: string) =>
		browser.ask('POST', '/api/certificates?language=en', { course: 'apptainer', name });
	const verify = async (code: string, browser = new Browser(server.app, '', '')) => {
		const answer = await browser.ask('POST', '/api/certificates/verify?language=en', { code });
		return { status: answer.statusCode, ...answer.json() };
	};
	return { server, finisher, issue, verify };
}

test('who has finished gets one in their name; anybody verifies its code, and learns no more than it says', async (t) => {
	const { server, finisher, issue, verify } = await open(t);
	const ada = await finisher();
	server.store.ownWork.addTime({ learner: server.learner(ada).id, course: 'apptainer' }, { lesson: 'first', ms: 90_000, at: 5 });
	const issued = (await issue(ada, '  Ada  Lovelace\u202e ')).json();
	assert.match(issued.code, /^([ACDEFGHJKPRTWXY34679]{4}-){4}[ACDEFGHJKPRTWXY34679]{4}$/);
	const { code, issued: at, ...said } = issued;
	assert.deepEqual(said, { course: 'apptainer', title: { fr: 'a', en: 'a' }, name: 'Ada Lovelace', lessons: 2, steps: 4, ms: 90_000 });
	assert.ok(Math.abs(at - Date.now()) < 3600_000);
	assert.deepEqual((await ada.ask('GET', '/api/certificates')).json(), { certificates: [issued] });
	for (const typed of [code, code.toLowerCase(), code.replaceAll('-', ' '), ` ${code.replaceAll('-', '')}\n`])
		assert.deepEqual(await verify(typed), { status: 200, ...issued });
	assert.ok(!server.log.join('').includes(code), 'no log has the code');
	assert.ok(!server.log.join('').includes('Lovelace'));
});

test('the file comes in both languages, to its owner alone', async (t) => {
	const { finisher, issue, server } = await open(t);
	const ada = await finisher();
	const url = '/api/certificates/apptainer/pdf';
	assert.equal((await ada.ask('GET', url)).json().code, 'not-found');
	await issue(ada, 'Ada Lovelace');
	for (const [language, name] of [
		['fr', 'attestation'],
		['en', 'certificate'],
	]) {
		const answer = await ada.ask('GET', `${url}?language=${language}`);
		assert.equal(answer.headers['content-type'], 'application/pdf');
		assert.equal(answer.headers['content-disposition'], `attachment; filename="${name}-apptainer.pdf"`);
		assert.equal(answer.rawPayload.subarray(0, 5).toString(), '%PDF-');
		assert.ok(answer.rawPayload.toString('latin1').includes(`http://localhost:8080/${language}/${name}/#`));
	}
	assert.equal((await (await server.visitor()).ask('GET', url)).json().code, 'not-found');
});

test('the badge is signed: jose verifies it with the key that everybody can read, and refuses an altered one', async (t) => {
	const { server, finisher, issue } = await open(t);
	const ada = await finisher();
	const url = '/api/certificates/apptainer/badge';
	assert.equal((await ada.ask('GET', url)).json().code, 'not-found');
	const { code, issued } = (await issue(ada, 'Ada Lovelace')).json();
	const answer = await ada.ask('GET', `${url}?language=en`);
	assert.equal(answer.headers['content-type'], 'application/vc+jwt');
	assert.equal(answer.headers['content-disposition'], 'attachment; filename="badge-apptainer.jwt"');
	const jwt = answer.body;

	const { alg, typ, kid } = decodeProtectedHeader(jwt);
	assert.deepEqual([alg, typ, kid], ['RS256', 'JWT', 'http://localhost:8080/.well-known/badge-key.json']);
	const told = await new Browser(server.app, '', '').ask('GET', new URL(String(kid)).pathname);
	assert.equal(told.headers['access-control-allow-origin'], '*');
	assert.deepEqual(Object.keys(told.json()).sort(), ['e', 'kty', 'n'], 'the public half alone');
	const key = await importJWK(told.json(), 'RS256');
	const { payload } = await jwtVerify(jwt, key);
	const id = `http://localhost:8080/en/certificate/#${code}`;
	assert.deepEqual([payload.iss, payload.jti, payload['id']], ['http://localhost:8080/.well-known/badge-issuer.json', id, id]);
	assert.equal(payload.nbf, Math.floor(issued / 1000));
	assert.equal(Date.parse(String(payload['validFrom'])), (payload.nbf ?? 0) * 1000);
	assert.deepEqual(payload['type'], ['VerifiableCredential', 'OpenBadgeCredential']);
	const subject = payload['credentialSubject'] as { identifier: object[]; achievement: { name: string; criteria: { narrative: string } } };
	assert.deepEqual(subject.identifier, [{ type: 'IdentityObject', hashed: false, identityHash: 'Ada Lovelace', identityType: 'name' }]);
	assert.deepEqual([subject.achievement.name, subject.achievement.criteria.narrative.length > 20], ['a', true]);
	assert.deepEqual((await ada.ask('GET', '/.well-known/badge-issuer.json')).json(), payload['issuer']);

	const [head = '', body = '', signature = ''] = jwt.split('.');
	const coded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
	const text = Buffer.from(body, 'base64url').toString();
	const other = coded(JSON.parse(text.replace('Ada Lovelace', 'Charles Babbage')));
	for (const forged of [
		`${head}.${other}.${signature}`,
		`${coded({ alg: 'none', typ: 'JWT' })}.${other}.`,
		`${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
		await new SignJWT(payload).setProtectedHeader({ alg: 'RS256' }).sign((await newBadgeKey()).sign),
	])
		await assert.rejects(jwtVerify(forged, key, { algorithms: ['RS256'] }));
	assert.equal((await (await server.visitor()).ask('GET', url)).json().code, 'not-found', 'to its owner alone');
});

test('who has not finished, or gives no name that can be printed, is told why not', async (t) => {
	const { server, finisher, issue } = await open(t);
	const ben = await server.visitor();
	await ben.ask('POST', '/api/lessons/apptainer/first/steps/read/done');
	const refused = (answer: Awaited<ReturnType<typeof issue>>) => [answer.statusCode, answer.json().code];
	assert.deepEqual(refused(await issue(ben, 'Ben')), [409, 'course-not-done']);
	const ada = await finisher();
	assert.deepEqual(refused(await issue(ada, ' \u200b ')), [400, 'bad-name']);
	assert.deepEqual(refused(await issue(ada, 'a'.repeat(41))), [400, 'name-too-long']);
	assert.deepEqual(refused(await issue(ada, 'a'.repeat(1001))), [400, 'bad-request']);
	const chinese = await issue(ada, '李小龙');
	assert.deepEqual(refused(chinese), [400, 'name-unprintable']);
	assert.match(chinese.json().message, /李小龙/);
	assert.deepEqual(refused(await ada.ask('POST', '/api/certificates', { course: 'nosuch', name: 'Ada' })), [404, 'not-found']);
	assert.deepEqual((await ada.ask('GET', '/api/certificates')).json(), { certificates: [] });
});

test('a code that is made up, altered, replaced, withdrawn or erased certifies nothing', async (t) => {
	const { server, finisher, issue, verify } = await open(t);
	const ada = await finisher();
	const { code: first } = (await issue(ada, 'Ada')).json();
	const altered = `${first.slice(0, -1)}${first.endsWith('A') ? 'C' : 'A'}`;
	for (const typed of [altered, 'ACDE', '', 'x'.repeat(200), "' or 1=1 --"]) {
		const { status, code, message } = await verify(typed);
		assert.deepEqual([status, code], [403, 'wrong-certificate'], typed);
		assert.match(message, /No certificate has this code/);
	}
	const second = (await issue(ada, 'Ada Lovelace')).json();
	assert.equal((await verify(first)).code, 'wrong-certificate', 'replaced');
	assert.equal((await verify(second.code)).name, 'Ada Lovelace');
	const ben = await finisher();
	await ben.ask('DELETE', '/api/certificates/apptainer');
	assert.equal((await verify(second.code)).status, 200, 'nobody withdraws another’s');
	assert.deepEqual((await ada.ask('DELETE', '/api/certificates/apptainer')).json(), { gone: true });
	assert.equal((await verify(second.code)).code, 'wrong-certificate', 'withdrawn');
	assert.equal((await ada.ask('DELETE', '/api/certificates/apptainer')).statusCode, 200, 'again');
	const third = (await issue(ada, 'Ada')).json();
	const { id } = server.learner(ada);
	await ada.ask('POST', '/api/lessons/apptainer/first/steps/read/reset');
	assert.equal((await verify(third.code)).status, 200, 'it says what was done');
	server.store.forgetSteps({ learner: id, course: 'apptainer' });
	assert.equal(server.store.people.forgetVisitors(Date.now() + 1), 0, 'ben has progress, ada a certificate');
	server.store.certificates.remove(id, 'apptainer');
	assert.equal(server.store.people.forgetVisitors(Date.now() + 1), 1);
	assert.equal(server.store.learner(id), undefined);
});

test('a learner who is erased takes their certificate along', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-certificates-'));
	const path = join(folder, 'store.sqlite');
	const store = openStore(path);
	t.after(() => {
		store.close();
		rmSync(folder, { recursive: true });
	});
	const { id } = store.createLearner();
	const title = { fr: 'a', en: 'b' };
	const row = { code: 'A'.repeat(20), learner: id, course: 'gone', title, name: 'Ada', lessons: 1, steps: 2, ms: 3, issued: 4 };
	store.certificates.put(row);
	assert.deepEqual(store.certificates.byCode(row.code), row);
	const database = new DatabaseSync(path, { enableForeignKeyConstraints: true });
	database.prepare('delete from learner where id = ?').run(id);
	database.close();
	assert.equal(store.certificates.byCode(row.code), undefined);
});

test('wrong codes are counted by themselves: a browser has few; a right one costs nothing and is never refused, nor is a code of another kind', async (t) => {
	const { server, finisher, issue, verify } = await open(t);
	const { code } = (await issue(await finisher(), 'Ada')).json();
	const guesser = await server.visitor();
	for (let n = 0; n < 20; n++) assert.equal((await verify(code, guesser)).status, 200);
	const said: number[] = [];
	for (let n = 0; n < 10; n++) said.push((await verify(`WRONG-${n}`, guesser)).status);
	assert.deepEqual([...new Set(said)], [403, 429]);
	assert.equal(said.filter((status) => status === 403).length, 6);
	assert.equal((await verify(code, guesser)).status, 200);
	const joined = await guesser.ask('POST', '/api/rooms/join', { code: 'ACDEFG', name: 'Ada' });
	assert.equal(joined.json().code, 'wrong-room-code', 'room codes have tries of their own');
	for (let n = 0; n < 8; n++) await guesser.ask('POST', '/api/rooms/join', { code: 'ACDEFG', name: 'Ada' });
	assert.equal((await verify(code, guesser)).status, 200);
	assert.equal((await verify('WRONG')).code, 'wrong-certificate', 'others may');
});

test('who goes away, or orders many, holds nobody up', async (t) => {
	const script = `import { parentPort, workerData } from 'node:worker_threads';
if (workerData.letters === 'Ada') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
parentPort.postMessage('');
`;
	const folder = folderWith({ 'thread.mjs': script });
	t.after(folder.remove);
	// No deadline passes.
	const clock = { now: () => 0, after: () => () => {} };
	const { server, finisher, issue } = await open(t, { drawer: new Drawer({ script: join(folder.path, 'thread.mjs'), clock }) });
	const [ada, ben] = [await finisher(), await finisher()];
	const url = `http://127.0.0.1:${await server.listen()}/api/certificates`;
	const leaves = new AbortController();
	const headers = { origin: new URL(url).origin, cookie: ada.cookie, 'content-type': 'application/json' };
	const body = JSON.stringify({ course: 'apptainer', name: 'Ada' });
	const orders = Array.from({ length: 4 }, () => fetch(url, { method: 'POST', headers, body, signal: leaves.signal }));
	const refused = await Promise.race(orders);
	assert.equal((await refused.json()).code, 'too-many', 'one is drawn, two wait');
	const other = issue(ben, 'Ben');
	leaves.abort();
	await Promise.allSettled(orders);
	assert.equal((await other).json().name, 'Ben');
	assert.deepEqual((await ada.ask('GET', '/api/certificates')).json(), { certificates: [] });
});
