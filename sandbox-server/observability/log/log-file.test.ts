import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LogFile } from './log-file.ts';

function open(t: TestContext) {
	const folder = mkdtempSync(join(tmpdir(), 'log-file-'));
	const path = join(folder, 'events.log');
	const log = new LogFile(path, 10);
	t.after(() => {
		log.close();
		rmSync(folder, { recursive: true });
	});
	return { folder, path, log };
}

test('a log that is long enough starts anew, and the one before is kept', (t) => {
	const { path, log } = open(t);
	for (const line of ['more than ten\n', 'second\n']) log.write(line);
	assert.deepEqual([readFileSync(`${path}.old`, 'utf8'), readFileSync(path, 'utf8')], ['more than ten\n', 'second\n']);
});

test('a log that cannot start anew closes no file of anybody else', (t) => {
	const { folder, path, log } = open(t);
	mkdirSync(join(`${path}.old`, 'in the way'), { recursive: true });
	log.write('more than ten\n');
	log.write('lost\n');
	const other = openSync(join(folder, 'other'), 'w');
	log.write('lost too\n');
	writeSync(other, 'mine');
	assert.equal(readFileSync(join(folder, 'other'), 'utf8'), 'mine');
	rmSync(`${path}.old`, { recursive: true });
	log.write('again\n');
	assert.equal(readFileSync(path, 'utf8'), 'again\n', 'as soon as it can');
});
