import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allIdle } from './cluster.ts';

test('a click is over when as many nodes are idle as the course’s cluster has', () => {
	for (const nodes of [1, 3, 8]) assert.match(`sinfo\r\n${nodes} idle\r\n~ $ `, allIdle(nodes).shows);
	for (const said of ['2 idle\r\n1 mixed\r\n', '13 idle\r\n', '3 idle*\r\n']) assert.doesNotMatch(said, allIdle(3).shows);
});
