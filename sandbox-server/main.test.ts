import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createPlain } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { createServer } from './app.ts';
import { testCourse } from './http/stand-ins.ts';
import { createLogger } from './log.ts';
import { serve } from './main.ts';
import { Failure } from './setup/failure.ts';

let data: string;
beforeEach(() => {
	data = mkdtempSync(join(tmpdir(), 'etabli-server-'));
});
afterEach(() => rmSync(data, { recursive: true }));

const parts = (changes: { data?: string; port?: number; host?: string } = {}) => ({
	config: { host: '127.0.0.1', port: 0, publicUrl: undefined, data, maxSandboxes: undefined, keep: false, ...changes },
	courses: [testCourse],
	site: undefined,
	bench: undefined,
	logger: createLogger('info', () => {}),
});

/** Starts a server, does something with it, stops it. */
async function whileServing(work: (url: string) => Promise<void>): Promise<void> {
	const stop = new AbortController();
	const { promise: url, resolve: onListening, reject } = Promise.withResolvers<string>();
	const served = serve({ ...parts(), signal: stop.signal, onListening });
	served.catch(reject);
	try {
		await work(await url);
	} finally {
		stop.abort();
		await served;
	}
}

async function failure(changes: { data?: string; port?: number; host?: string }): Promise<Failure> {
	const error = await serve({ ...parts(changes), signal: AbortSignal.abort(), onListening: () => {} }).catch((thrown: unknown) => thrown);
	assert.ok(error instanceof Failure, String(error));
	return error;
}

test('with no engine, lessons are there, a bench is not, and pages are told why; identity and progress outlive a restart', async () => {
	let cookie = '';
	let name = '';
	await whileServing(async (url) => {
		const session = await fetch(`${url}/api/session`);
		cookie = session.headers.getSetCookie()[0]?.split(';')[0] ?? '';
		const body = (await session.json()) as { learner: string; live: boolean; version: string };
		name = body.learner;
		assert.equal(body.live, false);
		assert.match(body.version, /^\d+\.\d+\.\d+/);
		const headers = { cookie, origin: url };
		const report = await fetch(`${url}/api/sandboxes/apptainer?language=en`, { headers });
		assert.deepEqual(await report.json(), { state: 'unavailable', reason: 'This server is in reading mode: it has no container engine, hence no bench.' });
		const done = await fetch(`${url}/api/lessons/apptainer/first/steps/read/done`, { method: 'POST', headers });
		assert.equal(done.status, 200);
		const check = await fetch(`${url}/api/lessons/apptainer/first/steps/pull/check`, { method: 'POST', headers });
		assert.equal(((await check.json()) as { code: string }).code, 'no-sandbox');
	});
	assert.equal(statSync(join(data, 'secret')).mode & 0o777, 0o600);
	await whileServing(async (url) => {
		const session = await fetch(`${url}/api/session`, { headers: { cookie } });
		assert.equal(((await session.json()) as { learner: string }).learner, name);
		const steps = await fetch(`${url}/api/lessons/apptainer/first/steps`, { headers: { cookie } });
		assert.deepEqual(await steps.json(), {
			steps: [
				{ lesson: 'first', step: 'read', state: 'passed' },
				{ lesson: 'first', step: 'pull', state: 'todo' },
			],
		});
	});
});

test('a port that is taken, an address of another machine, a folder in use: one sentence, and what to do', async () => {
	const other = createPlain().listen(0, '127.0.0.1');
	await once(other, 'listening');
	const { port } = other.address() as AddressInfo;
	const taken = await failure({ port });
	assert.match(taken.message, new RegExp(`already listens on port ${port}`));
	assert.equal(taken.hint, `Stop it, or take another port: --port ${port + 1}.`);
	other.close();

	assert.match((await failure({ host: '192.0.2.1' })).message, /no address of this machine/);
	await whileServing(async () => assert.match((await failure({})).message, /Another server runs with the folder/));
	writeFileSync(join(data, 'file'), '');
	assert.match((await failure({ data: join(data, 'file') })).message, /^Something else is in the way/);
});

test('a key of the cookies that is cut short stops the start, and the folder is free again', async () => {
	writeFileSync(join(data, 'secret'), 'short');
	for (let i = 0; i < 2; i++) await assert.rejects(createServer({ ...parts(), version: '0' }), /secret is too short/);
});

test('a server that is closed without ever having listened, and closed twice, leaves nothing open', async () => {
	const server = await createServer({ ...parts(), version: '0' });
	await Promise.all([server.close(), server.close()]);
	await whileServing(async (url) => assert.equal((await fetch(`${url}/healthz`)).status, 200));
});
