import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { errorCodes, PublicError } from '../../src/shared/errors.ts';
import { TestServer } from './stand-ins.ts';

const text = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');

test('docs/protocol.md lists every code of the catalogue with its status, and no other', () => {
	const listed = [...text.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \| .+ \|$/gm)].map(([, code, status]) => `${code} ${status}`);
	assert.deepEqual(
		listed,
		errorCodes.map((code) => `${code} ${new PublicError(code).status}`),
	);
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
