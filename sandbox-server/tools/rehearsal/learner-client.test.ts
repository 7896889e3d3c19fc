import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { WebSocketServer } from 'ws';
import { LearnerClient } from './learner-client.ts';

test('a server that takes the connection and never says welcome is told, within a bound', async (t) => {
	const server = createServer((request, answer) =>
		answer
			.setHeader('content-type', 'application/json')
			.end(request.url === '/api/session' ? '{"learner":"learner-000000"}' : '{"ticket":"x"}'),
	);
	const sockets = new WebSocketServer({ server });
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => {
		for (const socket of sockets.clients) socket.terminate();
		server.close();
	});
	const { port } = server.address() as AddressInfo;
	const learner = new LearnerClient({ address: `http://127.0.0.1:${port}`, course: 'a', lesson: 'b', language: 'fr' });
	await assert.rejects(learner.connect(50), new RegExp(`^Error: no welcome from 127\\.0\\.0\\.1:${port} after \\d+ ms$`));
});
