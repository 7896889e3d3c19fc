import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError, type ConfigSources, readConfig, serverConfigSchema } from './config.ts';
import { options } from './options.ts';

const cwd = mkdtempSync(join(tmpdir(), 'etabli-config-'));
after(() => rmSync(cwd, { recursive: true }));
const root = '/checkout';
const read = (sources: Partial<ConfigSources>) => readConfig({ cwd, root, ...sources });

function problemsOf(sources: Partial<ConfigSources>) {
	try {
		read(sources);
	} catch (error) {
		assert.ok(error instanceof ConfigError);
		return error.problems;
	}
	assert.fail('no problem was found');
}

test('with nothing said, the defaults', () => {
	assert.deepEqual(read({}), {
		host: '127.0.0.1',
		port: 8080,
		publicUrl: undefined,
		previewUrl: undefined,
		trustProxy: undefined,
		accessCode: undefined,
		sso: undefined,
		data: '/checkout/.etabli',
		courses: ['/checkout/courses'],
		trust: [],
		accessibility: undefined,
		clusterProfile: undefined,
		kubernetes: undefined,
		engine: undefined,
		maxSandboxes: undefined,
		uids: '2100000000-2100065535',
		homeSize: 64,
		homeDays: 30,
		metricsPort: undefined,
		metricsHost: '127.0.0.1',
		mirror: undefined,
		keep: false,
		yes: false,
	});
});

test('flag before variable before file before default; paths start where they were written', () => {
	writeFileSync(join(cwd, 'my.yaml'), 'port: 1\nhost: 0.0.0.0\ndata: here\nkeep: true\n');
	const env = { ETABLI_CONFIG: 'my.yaml', ETABLI_PORT: '2', ETABLI_COURSES: '../courses', ETABLI_HOST: '' };
	const config = read({ env, flags: { port: '3' } });
	assert.equal(config.port, 3);
	assert.equal(config.host, '0.0.0.0', 'an empty variable is as good as none');
	assert.equal(config.keep, true);
	assert.equal(config.data, join(cwd, 'here'));
	assert.deepEqual(config.courses, [join(cwd, '../courses')]);
	assert.equal(read({ env }).port, 2);
	assert.equal(read({ flags: { config: 'my.yaml' } }).port, 1);
});

test('several folders of courses: a flag for each, ":" in the variable, a list in the file', () => {
	const both = [join(cwd, 'a'), '/b'];
	assert.deepEqual(read({ flags: { courses: ['a', '/b', './a'] } }).courses, both);
	assert.deepEqual(read({ env: { ETABLI_COURSES: 'a:/b' } }).courses, both);
	assert.deepEqual(read({ env: { ETABLI_COURSES: '["/with:colon"]' } }).courses, ['/with:colon']);
	writeFileSync(join(cwd, 'list.yaml'), 'courses:\n  - a\n  - /b\n');
	assert.deepEqual(read({ flags: { config: 'list.yaml' } }).courses, both);
	writeFileSync(join(cwd, 'one.yaml'), 'courses: a\n');
	assert.deepEqual(read({ flags: { config: 'one.yaml' } }).courses, [join(cwd, 'a')]);
	writeFileSync(join(cwd, 'none.yaml'), 'courses: []\n');
	for (const sources of [{ flags: { config: 'none.yaml' } }, { env: { ETABLI_COURSES: ':' } }, { env: { ETABLI_COURSES: '[' } }]) {
		assert.match(problemsOf(sources)[0]?.expected ?? '', /a folder, or several/);
	}
});

test('every problem is told in one run: where, what was expected, what stands there, what to write', () => {
	writeFileSync(join(cwd, 'bad.yaml'), '# a comment\nprot: 80\nkeep: perhaps\nmaxSandboxes: [1]\n');
	const problems = problemsOf({
		flags: { port: '80a', publicUrl: 'https://example.org/path', config: 'bad.yaml' },
		env: { ETABLI_ENGINE: 'docker', ETABLI_YES: 'oui' },
	});
	assert.deepEqual(
		problems.map(({ where, received, write }) => [where, received, write]),
		[
			['bad.yaml:2', '"prot"', 'port: 8080'],
			['--port', '"80a"', '--port 8080'],
			['--public-url', '"https://example.org/path"', '--public-url https://etabli.example.org'],
			['ETABLI_ENGINE', '"docker"', 'ETABLI_ENGINE=unix:///run/docker.sock'],
			['bad.yaml:4', 'a list or a group of values', 'maxSandboxes: 20'],
			['bad.yaml:3', '"perhaps"', 'keep: true'],
			['ETABLI_YES', '"oui"', 'ETABLI_YES=true'],
		],
	);
	assert.match(
		new ConfigError(problems).message,
		/^--port: expected a whole number from 1 to 65535.*; received "80a"\.\n {2}→ Write: --port 8080$/m,
	);
});

test('a file that is asked for and missing, or no YAML, is told', () => {
	assert.equal(problemsOf({ flags: { config: 'nowhere.yaml' } })[0]?.where, '--config');
	writeFileSync(join(cwd, 'broken.yaml'), 'port: 1\n  host: [\n');
	assert.match(problemsOf({ env: { ETABLI_CONFIG: 'broken.yaml' } })[0]?.where ?? '', /^broken\.yaml:\d$/);
	writeFileSync(join(cwd, 'list.yaml'), '- port\n');
	assert.equal(problemsOf({ flags: { config: 'list.yaml' } })[0]?.where, 'list.yaml:1');
});

test('a public address is kept as an origin', () => {
	assert.equal(read({ flags: { publicUrl: 'https://Example.org:443/' } }).publicUrl, 'https://example.org');
});

test('the commented example names every option with its default', () => {
	const example = readFileSync(new URL('../docs/operator/etabli.example.yaml', import.meta.url), 'utf8');
	for (const option of options) assert.match(example, new RegExp(`^# ${option.name}: `, 'm'), option.name);
	writeFileSync(join(cwd, 'example.yaml'), example);
	assert.deepEqual(read({ flags: { config: 'example.yaml' } }), read({}));
	writeFileSync(join(cwd, 'all.yaml'), example.replace(/^# (?=\w+: )/gm, ''));
	const config = read({ flags: { config: 'all.yaml' } });
	for (const option of options)
		if (option.default !== undefined && option.value !== 'DIR') assert.equal(config[option.name], option.default);
	assert.deepEqual(Object.keys(serverConfigSchema.shape).sort(), options.map((option) => option.name).sort());
});

test('where previews are shown has a name to fill in, and is no address in numbers', () => {
	assert.equal(read({ flags: { previewUrl: 'https://*.Pages.example.org/' } }).previewUrl, 'https://*.pages.example.org');
	for (const previewUrl of [
		'https://pages.example.org',
		'https://*',
		'https://*.10.0.0.5',
		'https://*.*.org',
		'https://x*.org',
		'https://*.example.org/x',
		'ftp://*.org',
	])
		assert.equal(problemsOf({ flags: { previewUrl } })[0]?.where, '--preview-url', previewUrl);
});
