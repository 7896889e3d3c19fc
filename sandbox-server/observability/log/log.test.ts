import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from './log.ts';

test('a line of the log holds nothing that a terminal would obey, and means what was logged', () => {
	const lines: string[] = [];
	const logger = createLogger('info', (line) => lines.push(line));
	const path = 'a\x1b[2J\x9b31m\x85\u202egnp\n';
	logger.info({ path, err: new Error(path) }, path);
	const [line = ''] = lines;
	assert.doesNotMatch(line.slice(0, -1), /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
	assert.equal(line.at(-1), '\n');
	const { path: logged, msg } = JSON.parse(line) as { path: string; msg: string };
	assert.deepEqual([logged, msg], [path, path]);
});
