import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { notices } from '../../src/shared/protocol/notices.ts';
import { refusals } from '../../src/shared/protocol/refusals.ts';
import { TestServer } from './stand-ins.ts';

const text = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');

test('docs/protocol.md lists every refusal with its status, and no other', () => {
	const listed = [...text.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \| .+ \|$/gm)].map(([, code, status]) => `${code} ${status}`);
	assert.deepEqual(
		listed,
		Object.entries(refusals).map(([code, { status }]) => `${code} ${status}`),
	);
});

test('docs/protocol.md lists every notice, and no other', () => {
	const table = /^### Notices\n[\s\S]+?(?=^##)/m.exec(text)?.[0] ?? '';
	const listed = [...table.matchAll(/^\| `([a-z-]+)` \| .+ \|$/gm)].map(([, code]) => code);
	assert.deepEqual(listed, Object.keys(notices));
});

test('docs/protocol.md lists every route, and no other', async () => {
	const listed = [...text.matchAll(/^\| `(GET|POST|DELETE) (\/api\/[^`]+)` \|/gm)].map(([, method, path]) => `${method} ${path}`);
	const server = await TestServer.start();
	const browser = await server.visitor();
	const { paths } = (await browser.ask('GET', '/api/openapi.json')).json() as { paths: Record<string, object> };
	const real = Object.entries(paths).flatMap(([path, methods]) =>
		Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
	);
	assert.deepEqual(listed.sort(), real.sort());
	await server.stop();
});
