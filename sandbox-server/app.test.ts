import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer as createPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { createServer } from './app.ts';
import { testCourse } from './http/stand-ins.ts';
import { createLogger } from './observability/log/log.ts';
import { StoreUnusable } from './store/migrations.ts';
import { openStore } from './store/sqlite-store.ts';

let data: string;
beforeEach(() => {
	data = mkdtempSync(join(tmpdir(), 'etabli-server-'));
});
afterEach(() => rmSync(data, { recursive: true }));

const parts = (changes: { data?: string; port?: number; host?: string } = {}) => ({
	config: { host: '127.0.0.1', port: 0, publicUrl: undefined, data, maxSandboxes: undefined, keep: false, ...changes },
	courses: [testCourse],
	site: undefined,
	sandboxParts: undefined,
	version: '1.2.3',
	logger: createLogger('info', () => {}),
});

/** Starts a server, does something with it, stops it. */
async function whileServing(work: (url: string) => Promise<void>, changes: Parameters<typeof parts>[0] = {}): Promise<void> {
	const server = await createServer(parts(changes));
	try {
		await work(await server.listen());
	} finally {
		await server.close();
	}
}

test('with no engine, lessons are there, a sandbox is not, and pages are told why; identity and progress outlive a restart', async () => {
	let cookie = '';
	let name = '';
	await whileServing(async (url) => {
		const session = await fetch(`${url}/api/session`);
		cookie = session.headers.getSetCookie()[0]?.split(';')[0] ?? '';
		const body = (await session.json()) as { learner: string; live: boolean; version: string };
		name = body.learner;
		assert.equal(body.live, false);
		assert.equal(body.version, '1.2.3');
		const headers = { cookie, origin: url };
		const report = await fetch(`${url}/api/sandboxes/apptainer?language=en`, { headers });
		assert.deepEqual(await report.json(), {
			state: 'unavailable',
			reason:
				'This server is in reading mode: it has no container engine, hence no workbench. Read the lesson, or tell whoever runs the server: ./etabli doctor says what is missing.',
		});
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

test('what cannot be tidied up does not keep the server from starting', async () => {
	const store = openStore(join(data, 'store.sqlite'));
	store.rooms.putRoom({
		id: '0123456789ab',
		code: undefined,
		title: 'a',
		course: 'apptainer',
		lessons: [],
		state: 'planned',
		starts: 0,
		ends: 1,
		// Beyond what can be read again.
		erases: 2 ** 60,
		expected: 1,
		names: [],
		handLooks: false,
		rosterFrom: undefined,
		created: 0,
	});
	store.close();
	await whileServing(async (url) => assert.equal((await fetch(`${url}/api/session`)).status, 200));
});

test('a port that is taken is told with the system’s code, and the folder is free again', async () => {
	const other = createPlain().listen(0, '127.0.0.1');
	await once(other, 'listening');
	const { port } = other.address() as AddressInfo;
	await assert.rejects(
		whileServing(async () => {}, { port }),
		{ code: 'EADDRINUSE', syscall: 'listen' },
	);
	other.close();
	await whileServing(async (url) => assert.equal((await fetch(`${url}/healthz`)).status, 200), { port });
});

test('a data folder has one server at a time', () =>
	whileServing(async () => {
		await assert.rejects(
			createServer(parts()),
			(error) => error instanceof StoreUnusable && /Another server runs with the folder/.test(error.message),
		);
	}));

test('a file in the place of the data folder is told with the system’s code', async () => {
	writeFileSync(join(data, 'file'), '');
	await assert.rejects(createServer(parts({ data: join(data, 'file') })), { code: 'EEXIST' });
});

test('a key of the cookies that is cut short stops the start, and the folder is free again', async () => {
	writeFileSync(join(data, 'secret'), 'short');
	for (let i = 0; i < 2; i++) await assert.rejects(createServer(parts()), /secret is too short/);
});

test('a server that is closed without ever having listened, and closed twice, leaves nothing open', async () => {
	const server = await createServer(parts());
	await Promise.all([server.close(), server.close()]);
	await whileServing(async (url) => assert.equal((await fetch(`${url}/healthz`)).status, 200));
});
