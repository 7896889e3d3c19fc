import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { satisfied } from './dependencies.ts';
import { root } from './paths.ts';

const locked = {
	'': { version: '1.0.0' },
	'node_modules/a': { version: '1.2.3' },
	'node_modules/tool': { version: '2.0.0', dev: true },
	'node_modules/other-processor': { version: '3.0.0', optional: true },
};

test('what is installed must be what is locked; packages for development only when they are wanted', () => {
	const production = { 'node_modules/a': { version: '1.2.3' } };
	assert.equal(satisfied(locked, production, false), true);
	assert.equal(satisfied(locked, production, true), false);
	assert.equal(satisfied(locked, { ...production, 'node_modules/tool': { version: '2.0.0' } }, true), true);
	assert.equal(satisfied(locked, { 'node_modules/a': { version: '1.2.4' } }, false), false);
	assert.equal(satisfied(locked, {}, false), false);
});

test('the lock file names no host: every machine takes packages from its own registry', () => {
	assert.doesNotMatch(readFileSync(join(root, 'package-lock.json'), 'utf8'), /"resolved": "https?:/);
});

test('every package of the lock file is known by its content, whoever hands it out', () => {
	const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
		packages: Record<string, { integrity?: string }>;
	};
	const unknown = Object.entries(packages).filter(([path, { integrity }]) => path !== '' && !/^sha512-./.test(integrity ?? ''));
	assert.deepEqual(unknown, []);
	assert.ok(Object.keys(packages).length > 100);
});

test('the lock file has the optional packages of every processor: npm ci refuses one that lacks them', () => {
	const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
		packages: Record<string, { optionalDependencies?: Record<string, string> }>;
	};
	const names = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)));
	const wanted = Object.values(packages).flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}));
	assert.deepEqual(
		wanted.filter((name) => !names.has(name)),
		[],
	);
});
