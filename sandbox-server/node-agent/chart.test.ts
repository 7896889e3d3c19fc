import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { chartFile, chartTemplate } from './chart.ts';

test('the chart has the node agent as the manifests have it', () => {
	assert.equal(readFileSync(chartFile, 'utf8'), chartTemplate(), 'run: node sandbox-server/node-agent/chart.ts');
});
