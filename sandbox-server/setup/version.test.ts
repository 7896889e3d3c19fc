import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareVersions } from './version.ts';

test('versions compare by numbers, not by letters', () => {
	const rows: [string, string, number][] = [
		['22.18.0', '22.18', 0],
		['22.9.0', '22.18', -1],
		['24.0.0', '22.18', 1],
		['20.10.24+dfsg1', '20.10', 1],
		['20.10', '20.10.24+dfsg1', -1],
		['v1.1.12', '1.1.12', 0],
		['1.3.0-rc.1', '1.3.0', 0],
		['nothing', '1', -1],
	];
	for (const [a, b, expected] of rows) assert.equal(compareVersions(a, b), expected, `${a} ${b}`);
});
