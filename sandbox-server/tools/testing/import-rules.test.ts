/** Each rule of .dependency-cruiser.mjs, tried on a small tree in which it is broken. A rule that reports nothing there guards nothing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../setup/paths.ts';

type Files = Record<string, string>;
interface Rules {
	default: { forbidden: { name: string }[] };
	layers: string[][];
}
const { default: config, layers } = (await import(join(root, '.dependency-cruiser.mjs'))) as Rules;

/** What breaks each rule that is not about layers: one file of `src/…` that imports another. */
const planted: Record<string, Files> = {
	'no-cycles': { 'src/site/one.ts': "import './two.ts';", 'src/site/two.ts': "import './one.ts';" },
	'site-not-to-server': { 'src/site/to-server.ts': "import type { A } from '../../sandbox-server/store/leaf.ts';\nexport type B = A;" },
	'server-not-to-site': { 'sandbox-server/http/to-site.ts': "import '../../src/site/leaf.ts';" },
	'shared-runs-everywhere': { 'src/shared/to-node.ts': "import 'node:fs';" },
	'shared-stands-alone': { 'src/shared/to-site.ts': "import '../site/leaf.ts';" },
	'browser-without-node': { 'src/browser/to-node.ts': "import 'node:fs';" },
	'courses-only-to-shared': { 'src/courses/to-site.ts': "import '../site/leaf.ts';" },
	'dockerode-stays-with-docker': { 'sandbox-server/labs/to-docker.ts': "import type { A } from 'dockerode';\nexport type B = A;" },
	'kubernetes-client-stays': {
		'sandbox-server/labs/to-cluster.ts': "import type { A } from '@kubernetes/client-node';\nexport type B = A;",
	},
	'kubernetes-client-late': { 'sandbox-server/runtimes/kubernetes/early.ts': "import '@kubernetes/client-node';" },
	'before-npm': { 'sandbox-server/cli/main.ts': "import '../http/leaf.ts';" },
	'no-tests-in-products': { 'sandbox-server/http/to-test.ts': "import './leaf.test.ts';", 'sandbox-server/http/leaf.test.ts': '' },
	'declared-packages-only': { 'sandbox-server/http/to-undeclared.ts': "import 'undeclared';" },
	'no-development-packages-in-products': { 'sandbox-server/http/to-development.ts': "import 'development';" },
	resolvable: { 'src/site/to-nothing.ts': "import './nothing.ts';" },
};

/** Without a violation: a leaf in every folder, and each folder importing one of every lower line. */
const sound: Files = {
	'tsconfig.json': JSON.stringify({ compilerOptions: { module: 'esnext', moduleResolution: 'bundler', allowImportingTsExtensions: true } }),
	'package.json': JSON.stringify({
		dependencies: { declared: '1', dockerode: '1', '@kubernetes/client-node': '1' },
		devDependencies: { development: '1' },
	}),
	...Object.fromEntries(
		['declared', 'dockerode', '@kubernetes/client-node', 'undeclared', 'development'].flatMap((name) => [
			[`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' })],
			[`node_modules/${name}/index.js`, ''],
		]),
	),
	'src/site/leaf.ts': "import '../shared/leaf.ts';",
	'src/courses/leaf.ts': "import '../shared/leaf.ts';\nimport 'node:fs';",
	'src/shared/leaf.ts': '',
	'tests/some.test.ts': "import '../src/site/leaf.ts';",
	'sandbox-server/runtimes/docker/allowed.ts': "import 'dockerode';",
	'sandbox-server/runtimes/kubernetes/allowed.ts':
		"import type { A } from '@kubernetes/client-node';\nexport type B = A;\nimport('@kubernetes/client-node');",
	'sandbox-server/images/docker/allowed.ts': "import type { A } from 'dockerode';\nexport type B = A;",
	'sandbox-server/http/allowed.ts': "import 'declared';\nimport type { A } from 'development';\nexport type B = A;",
	...Object.fromEntries(layers.flat().map((folder) => [leafOf(folder), ''])),
	...Object.fromEntries(
		layers.flatMap((line, index) =>
			line
				.filter((folder) => !folder.endsWith('.ts'))
				.map((folder) => [
					`sandbox-server/${folder}/down.ts`,
					layers
						.slice(index + 1)
						.flat()
						.map((lower) => importOf(folder, lower))
						.join('\n'),
				]),
		),
	),
};

function leafOf(folder: string): string {
	return folder.endsWith('.ts') ? `sandbox-server/${folder}` : `sandbox-server/${folder}/leaf.ts`;
}

function importOf(folder: string, target: string): string {
	const up = folder.endsWith('.ts') ? './' : '../'.repeat(folder.split('/').length);
	return `import '${up}${leafOf(target).slice('sandbox-server/'.length)}';`;
}

interface Violation {
	rule: string;
	from: string;
	to: string;
}

/** What the rules say of a tree that holds these files. */
function violationsIn(files: Files): Violation[] {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-imports-'));
	try {
		for (const [path, text] of Object.entries(files)) {
			mkdirSync(dirname(join(folder, path)), { recursive: true });
			writeFileSync(join(folder, path), `${text}\n`);
		}
		copyFileSync(join(root, '.dependency-cruiser.mjs'), join(folder, '.dependency-cruiser.mjs'));
		const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
		const args = [program, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'src', 'sandbox-server', 'tests'];
		const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 27 });
		assert.ok(stdout, stderr);
		const { summary } = JSON.parse(stdout) as { summary: { violations: { rule: { name: string }; from: string; to: string }[] } };
		return summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
	} finally {
		rmSync(folder, { recursive: true });
	}
}

test('a tree in which every import goes down is in order', () => {
	assert.deepEqual(violationsIn(sound), []);
});

test('each rule reports the import that breaks it', () => {
	const expected = config.forbidden.map(({ name }) => name).filter((name) => !name.startsWith('layer-'));
	assert.deepEqual(Object.keys(planted).sort(), expected.sort(), 'a rule that nothing is planted for');
	const found = violationsIn(Object.assign({}, sound, ...Object.values(planted)));
	for (const [rule, files] of Object.entries(planted)) {
		const where = found.filter((one) => one.rule === rule).map(({ from }) => from);
		assert.ok(where.length > 0, `${rule} reports nothing`);
		assert.ok(
			where.every((from) => from in files),
			`${rule} also reports ${where.join(', ')}`,
		);
	}
});

test('each layer may import neither what lies above it nor its neighbours', () => {
	const forbidden = layers.slice(1).flatMap((line, index) =>
		line.flatMap((folder) => {
			const others = [...layers.slice(0, index + 1).flat(), ...line.filter((other) => other !== folder)];
			return others.map((other) => ({ folder, other }));
		}),
	);
	const files = forbidden.map(({ folder, other }) => {
		const path = folder.endsWith('.ts') ? `sandbox-server/${folder}` : `sandbox-server/${folder}/to-${other.replace(/\W/g, '-')}.ts`;
		return { path, folder, other, text: importOf(folder, other) };
	});
	const tree: Files = { ...sound };
	for (const { path, text } of files) tree[path] = `${tree[path] ?? ''}\n${text}`;
	const found = violationsIn(tree).filter(({ rule }) => rule.startsWith('layer-'));
	const told = new Set(found.map(({ rule, from, to }) => `${rule}: ${from} → ${to}`));
	const wanted = files.map(({ path, folder, other }) => `layer-${folder}: ${path} → ${leafOf(other)}`);
	assert.deepEqual([...told].sort(), wanted.sort());
});

test('every folder of the server has its line', () => {
	const folders = readdirSync(join(root, 'sandbox-server'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
	// What runs in the sandboxes; what a cluster is told, which is no code.
	const others = ['guest', 'deploy'];
	const known = new Set([...layers.flat().map((folder) => folder.split('/')[0]), ...others]);
	assert.deepEqual(
		folders.map(({ name }) => name).filter((name) => !known.has(name)),
		[],
		'name it in `layers` of .dependency-cruiser.mjs',
	);
});
