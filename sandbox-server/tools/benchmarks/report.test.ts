import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BenchmarkReport, json, summary, tables } from './report.ts';
import { type MeasuredRow, outcomeOf, type Row, takeMeasure } from './rows.ts';

const row = (change: Partial<MeasuredRow> = {}): MeasuredRow => ({
	what: 'echo, p50',
	value: 1.2,
	unit: 'ms',
	reference: { what: 'raw PTY', value: 0.6 },
	...change,
});

function report(rows: Row[]): BenchmarkReport {
	const machine = {
		cpu: 'cpu',
		cores: 2,
		memory: 2 ** 34,
		kernel: '6',
		system: 'Debian',
		node: '24',
		engine: 'docker',
		load: { before: 0, after: 1 },
	};
	return {
		command: './etabli bench',
		version: '1',
		date: '2026-01-01',
		quick: false,
		machine,
		results: [{ measure: 'echo', title: 'Key echo', rows, seconds: 1 }],
	};
}

test('targets of the figure, the ratio and the difference', () => {
	assert.equal(outcomeOf(row({ target: { of: 'figure', at: 'most', limit: 1 } })), 'missed');
	assert.equal(outcomeOf(row({ target: { of: 'ratio', at: 'most', limit: 2 } })), 'met');
	assert.equal(outcomeOf(row({ target: { of: 'difference', at: 'most', limit: 1 } })), 'met');
	assert.equal(outcomeOf(row({ target: { of: 'figure', at: 'least', limit: 1 } })), 'met');
	assert.equal(outcomeOf(row()), 'no target');
	assert.equal(outcomeOf(row({ reference: { what: 'nothing', value: 0 }, target: { of: 'ratio', at: 'most', limit: 2 } })), 'failed');
});

test('a measure that breaks is a row of the table, and counts as failed', async () => {
	const result = await takeMeasure({ measure: 'echo', title: 'Key echo' }, () => Promise.reject(new Error('the sandbox went away')));
	assert.deepEqual(result.rows, [{ what: 'Key echo', failed: 'the sandbox went away' }]);
	const shown = report(result.rows);
	assert.match(tables(shown).join('\n'), /Key echo .*FAILED: the sandbox went away/);
	assert.match(summary(shown), /1 failed\.\nFailed: Key echo/);
	assert.equal(JSON.parse(json(shown)).results[0].rows[0].outcome, 'failed');
});

test('no figure, no number, no reference: failed, too', async () => {
	const name = { measure: 'echo', title: 'Key echo' };
	assert.equal(outcomeOf((await takeMeasure(name, async () => [])).rows[0] as Row), 'failed');
	const broken = await takeMeasure(name, async () => [row({ value: Number.NaN }), row({ reference: { what: 'raw', value: Number.NaN } })]);
	assert.deepEqual(broken.rows.map(outcomeOf), ['failed', 'failed']);
});

test('a missed target is named', () => {
	const missed = report([row({ target: { of: 'ratio', at: 'most', limit: 1.1 } }), row()]);
	assert.match(tables(missed).join('\n'), /1\.20 ms +0\.60 ms: raw PTY +2\.00 × +≤ 1\.1 × +MISSED/);
	assert.match(summary(missed), /2 figures: 0 targets met, 1 missed, 0 failed\.\nMissed: echo, p50\./);
	assert.match(tables(missed, true).join('\n'), /\| echo, p50 \| 1\.20 ms \|/);
});
