/** What has the same key is together. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { groupBy } from './group-by.ts';

test('groups stand in the order in which their first member comes', () => {
	assert.deepEqual([...groupBy(['b1', 'a1', 'b2'], (text) => text[0])], Object.entries({ b: ['b1', 'b2'], a: ['a1'] }));
});

test('nothing that runs in browsers uses Map.groupBy or Object.groupBy: Safari has them since 17.4 only', () => {
	for (const folder of ['browser', 'shared'])
		for (const file of readdirSync(join(import.meta.dirname, '..', folder), { recursive: true, encoding: 'utf8' }))
			if (file.endsWith('.ts') && !file.endsWith('.test.ts'))
				assert.doesNotMatch(readFileSync(join(import.meta.dirname, '..', folder, file), 'utf8'), /(Map|Object)\.groupBy\(/, file);
});
