import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOrderOfSuites, type Selection, schedule, select } from './suites.ts';

const told = (selection: readonly Selection[]): string[] => selection.map(({ suite, alone }) => `${suite.name}${alone ? ' alone' : ''}`);
const filesOf = (selection: readonly Selection[]): string[] => selection.flatMap(({ files }) => files).sort();

test('what waits for an engine runs beside what computes; what gets on with nobody comes afterwards; no file is lost', () => {
	const all = select(undefined);
	const { lanes, alone } = schedule(all);
	assert.deepEqual(lanes.map(told), [
		['contract', 'integration', 'security', 'faults', 'kubernetes'],
		['types', 'lint', 'imports', 'unit', 'e2e'],
	]);
	assert.deepEqual(told(alone), ['integration alone', 'security alone']);
	assert.deepEqual(filesOf(alone), [
		'tests/integration/benchmarks.test.ts',
		'tests/integration/dev.test.ts',
		'tests/security/hostile-class.test.ts',
		'tests/security/isolation.test.ts',
	]);
	assert.deepEqual(filesOf([...lanes.flat(), ...alone]), filesOf(all));
});

test('a suite, or a file, by itself has one lane, or none', () => {
	const of = (word: string): [string[][], string[]] => {
		const { lanes, alone } = schedule(select(word));
		return [lanes.map(told), told(alone)];
	};
	assert.deepEqual(of('e2e'), [[['e2e']], []]);
	assert.deepEqual(of('lint'), [[['lint']], []]);
	assert.deepEqual(of('integration/dev'), [[], ['integration alone']]);
});

test('results are told in the order of the suites, also those of one suite that ran twice', () => {
	const results = ['security', 'e2e', 'types', 'security'].map((suite, at) => ({ suite, at }));
	assert.deepEqual(inOrderOfSuites(results), [
		{ suite: 'types', at: 2 },
		{ suite: 'security', at: 0 },
		{ suite: 'security', at: 3 },
		{ suite: 'e2e', at: 1 },
	]);
});
