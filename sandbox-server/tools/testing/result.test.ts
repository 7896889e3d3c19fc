import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runNodeSuite } from './node-suite.ts';
import { readReport } from './playwright-suite.ts';
import { details, exitStatus, longest, type SuiteResult, summaryLine, type Test } from './result.ts';
import { select, suites } from './suites.ts';

const suite = (...states: Test['state'][]): SuiteResult => ({
	suite: 'unit',
	duration: 0,
	tests: states.map((state, index) => ({ name: `t${index}`, file: 'f', state, text: 'because' })),
});

test('the summary counts over suites; failures and empty runs are no success', () => {
	const results = [suite('passed', 'passed', 'skipped'), suite('failed')];
	assert.equal(summaryLine(results), '2 passed, 1 failed, 1 skipped');
	assert.equal(exitStatus(results), 1);
	assert.equal(exitStatus([suite('passed', 'skipped')]), 0);
	assert.equal(exitStatus([suite('skipped')]), 1);
	assert.equal(exitStatus([]), 1);
	assert.deepEqual(details(results), ['', '✗ unit: t0 (f)', '    because', '', 'Skipped:', '- unit: t2: because']);
});

test('node’s tests: nested, skipped, failing, crashing files are all counted, each once', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli suite-'));
	t.after(() => rmSync(folder, { recursive: true }));
	mkdirSync(join(folder, 'out'));
	writeFileSync(
		join(folder, 'a.test.ts'),
		`import { describe, test } from 'node:test';
test('good', () => {});
describe('group', () => { test('inner', () => {}); test('bad', () => { throw new Error('on purpose'); }); });
test('later', { skip: 'no engine here' }, () => {});
`,
	);
	writeFileSync(join(folder, 'b.test.ts'), 'throw new Error("at once");\n');
	const files = ['a.test.ts', 'b.test.ts'].map((name) => join(folder, name));
	const tests = await runNodeSuite({ files, concurrency: 1, env: process.env, folder: join(folder, 'out'), name: 'x', onLine: () => {} });
	assert.deepEqual(
		tests.map(({ name, state }) => [name.replace(folder, ''), state]),
		[
			['good', 'passed'],
			['group › inner', 'passed'],
			['group › bad', 'failed'],
			['later', 'skipped'],
			['/b.test.ts', 'failed'],
		],
	);
	assert.ok(tests.every(({ ms }) => Number.isFinite(ms)));
	assert.match(tests[2]?.text ?? '', /on purpose/);
	assert.equal(tests[3]?.text, 'no engine here');
});

test('Playwright’s report: a test that passed only the second time has failed', () => {
	const one = (title: string, status: 'expected' | 'flaky' | 'skipped') => ({
		title,
		tests: [
			{ projectName: 'fr', status, annotations: [{ type: 'skip', description: 'why' }], results: [{ duration: 1200 }, { duration: 300 }] },
		],
	});
	const report = {
		suites: [
			{
				title: 'a.spec.ts',
				file: 'a.spec.ts',
				specs: [one('x', 'expected')],
				suites: [{ title: 'group', specs: [one('y', 'flaky'), one('z', 'skipped')] }],
			},
		],
		errors: [{ message: 'broken file' }],
	};
	assert.deepEqual(
		readReport(report).map(({ name, state, text, ms }) => [name, state, text, ms]),
		[
			['Playwright', 'failed', 'broken file', undefined],
			['[fr] › x', 'passed', '', 1500],
			['[fr] › group › y', 'failed', 'It passed only when tried again.', 1500],
			['[fr] › group › z', 'skipped', 'why', 1500],
		],
	);
});

test('where the time went: the longest first, what took no second left out', () => {
	const one = (name: string, ms?: number): Test => ({ name, file: 'f', state: 'passed', text: '', ms });
	assert.deepEqual(longest([one('a', 999), one('b', 1600), one('c', 30_000), one('d')]), ['30 s: c (f)', '2 s: b (f)']);
});

test('a word selects a suite by its name, or files by a part of their path', () => {
	const find = (patterns: string[]): string[] => patterns.map((pattern) => pattern.replace('**/*', 'deep/thing'));
	assert.deepEqual(
		select('lint', find).map(({ suite: { name } }) => name),
		['lint'],
	);
	assert.deepEqual(select('contract/deep', find), [
		{ suite: select('contract', find)[0]?.suite, files: ['tests/contract/deep/thing.test.ts'] },
	]);
	assert.equal(select(undefined, find).length, suites.length);
	assert.deepEqual(select('no-such-thing', find), []);
	for (const { name, alone = [] } of suites) {
		const files = select(name)[0]?.files ?? [];
		for (const file of alone) assert.ok(files.includes(file), `${file} is one of ${name}`);
	}
});
