import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { clientOf } from './client.ts';

test('an engine that closes idle connections, while this process is busy, still answers', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-client-'));
	const socket = join(folder, 'engine.sock');
	let connections = 0;
	const engine = createServer((_, answer) => answer.end('OK')).on('connection', () => connections++);
	await new Promise<void>((resolve) => engine.listen(socket, resolve));
	t.after(() => {
		engine.close();
		rmSync(folder, { recursive: true });
	});
	const client = clientOf(`unix://${socket}`);
	for (const _ of [1, 2, 3]) {
		assert.equal(String(await client.ping()), 'OK');
		engine.closeIdleConnections();
		// This turn's news of closed connections are not read before the next question.
	}
	assert.equal(connections, 3, 'no connection is used twice');
});

test('a request is described in a few words for the client’s debug log, however many others are under way', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-client-'));
	const socket = join(folder, 'engine.sock');
	const waiting: (() => void)[] = [];
	const engine = createServer((_, answer) => void waiting.push(() => answer.end('OK')));
	await new Promise<void>((resolve) => engine.listen(socket, resolve));
	t.after(() => {
		engine.close();
		rmSync(folder, { recursive: true });
	});
	const client = clientOf(`unix://${socket}`);
	const pings = Array.from({ length: 40 }, () => client.ping());
	while (waiting.length < pings.length) await new Promise((resolve) => engine.once('request', resolve));
	// As docker-modem asks for it at each request, whether or not anybody reads it.
	const { length } = inspect((client.modem as unknown as { agent: object }).agent, { showHidden: true, depth: null });
	for (const answer of waiting) answer();
	await Promise.all(pings);
	assert.ok(length < 100, `${length} characters for each request`);
});
