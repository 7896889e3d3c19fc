import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Comparison, comparisonSchema } from '../../../src/shared/comparison/comparison.ts';
import { type RowId, rowWords } from '../../../src/shared/comparison/words.ts';
import { answer, figure, withRatios } from './cells.ts';
import { cellText, markdown, table, terminalLines } from './report.ts';
import { fullScale } from './rows/row.ts';
import { absent } from './trial.ts';

const ms = (value: number) => figure([value], { unit: 'ms', how: 'start' });
const missing = absent('missing', { packages: 'crun' });

const comparison: Comparison = {
	format: 1,
	command: './etabli compare',
	version: '1.0.0',
	date: '2026-11-30T10:00:00.000Z',
	quick: false,
	seconds: 100,
	machine: {
		cpu: 'cpu',
		cores: 2,
		memory: 2 ** 34,
		kernel: '6',
		system: 'Debian',
		cgroup: 'v2',
		root: true,
		load: { before: 0.1, after: 1 },
	},
	files: { kind: 'small', name: 'a few programs' },
	scale: fullScale,
	contenders: [
		{ id: 'unshare', name: 'unshare', version: '2.38', packages: 'util-linux', started: 'unshare sh', note: 'reference' },
		{ id: 'runc', name: 'runc', version: '1.1.5', packages: 'runc', started: 'runc run', note: 'ownSpec' },
		{ id: 'crun', name: 'crun', packages: 'crun', absence: missing },
	],
	rows: (Object.keys(rowWords) as RowId[]).map((id) => ({
		id,
		cells: withRatios(
			rowWords[id].section === 'security'
				? { unshare: answer('open', 'probe'), runc: answer('stopped', 'probe', { by: ['seccomp'], said: 'EPERM' }), crun: missing }
				: { unshare: ms(10), runc: ms(40), crun: missing },
		),
	})),
	left: [],
};

test('what is saved can be read again, and every table has every row', () => {
	assert.deepEqual(comparisonSchema.parse(JSON.parse(JSON.stringify(comparison))), comparison);
	const text = markdown(comparison);
	assert.match(text, /\| runc +\| 40\.0.ms \(n=1\), 4\.00 × unshare/);
	assert.match(text, /\| crun +\| – +\| crun +\| not run: not on this machine: crun/);
	assert.match(text, /\| mounts a file system +\| \*\*possible\*\* +\| stopped: seccomp/);
	assert.match(text, /mounts a file system – runc: EPERM/);
	assert.match(text, /from the start of the command to the first line/, 'how it was measured');
	assert.doesNotMatch(text, /\{\w+\}/, 'no place is left to fill');
	const lines = terminalLines(comparison).join('\n');
	assert.match(lines, /runc +\| 16 of 16/);
	assert.match(lines, /Not run here:\n {2}crun: not on this machine: crun/);
});

test('an absence tells its reason, a figure its spread and samples', () => {
	assert.equal(cellText(absent('hangs', { seconds: '20' })), 'did not answer within 20 s');
	assert.equal(cellText(undefined), '–');
	assert.equal(cellText(figure([10, 20, 30], { unit: 'ms', how: 'start' })), '20.0\u00a0ms (10.0\u00a0–\u00a030.0; n=3)');
});

test('what stands in a cell cannot end it', () => {
	assert.deepEqual(table(['a'], [['x|y\nz']]), ['| a      |', '|--------|', '| x\\|y z |']);
});
