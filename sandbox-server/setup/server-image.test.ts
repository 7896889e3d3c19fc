import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programFiles } from '../tools/transfer/program.ts';
import { packagePaths } from './node-agent-image.ts';
import { serverPackages } from './server-image.ts';

test('the server’s image has the packages of a server, and not those that only build pages', () => {
	const packages = serverPackages(programFiles());
	for (const name of ['fastify', 'ws', 'zod', '@kubernetes/client-node', 'dejavu-fonts-ttf']) assert.ok(packages.includes(name), name);
	for (const name of ['astro', '@astrojs/starlight', 'asciinema-player']) assert.ok(!packages.includes(name), name);
});

test('a package brings what it needs, and of its compiled parts those that are installed', () => {
	const paths = packagePaths(['satteri']);
	const parts = paths.filter((path) => path.startsWith('node_modules/@bruits/satteri-'));
	assert.ok(parts.length > 0 && parts.length < 9, parts.join());
});
