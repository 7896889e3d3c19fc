import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { comparisonFile, readComparison } from './comparison-file.ts';

test('a page is made of what compare has written, and of nothing else', (t) => {
	const data = mkdtempSync(join(tmpdir(), 'etabli-comparison-'));
	t.after(() => rmSync(data, { recursive: true, force: true }));
	const path = comparisonFile(data);
	assert.equal(readComparison(data), undefined, 'it was never run');
	mkdirSync(dirname(path));
	for (const text of ['', '{"format":1,', '[]', '{"format":2}']) {
		writeFileSync(path, text);
		assert.equal(readComparison(data), undefined, text);
	}
	const none = {
		format: 1,
		command: './etabli compare',
		version: '1.0.0',
		date: '2026-11-30T10:00:00.000Z',
		quick: true,
		seconds: 1,
		machine: { cpu: '', cores: 1, memory: 1, kernel: '', system: '', cgroup: 'v2', root: false, load: { before: 0, after: 0 } },
		files: { kind: 'small', name: 'x' },
		scale: { starts: 1, atOnce: 1, idle: 1, rounds: 1, bytes: 1, programs: 1, files: 1, reads: 1 },
		contenders: [],
		rows: [],
		left: [],
	};
	writeFileSync(path, JSON.stringify(none));
	assert.equal(readComparison(data), JSON.stringify(none));
});
