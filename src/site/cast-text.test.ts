import assert from 'node:assert/strict';
import { test } from 'node:test';
import { castText } from './cast-text.ts';

const shown = (...events: [string, string][]) =>
	castText({ cols: 20, rows: 5, idle: undefined, events: events.map(([code, data], at) => ({ at, code, data })) });

test('what stands there in the end, with what has scrolled away; without colours, signs of sizes and markers', async () => {
	assert.equal(await shown(['o', '\x1b[31m$ \x1b[0mls\r\n'], ['m', 'here'], ['o', '10 %\r100 %\r\n'], ['x', '0']), '$ ls\n100 %');
	const lines = Array.from({ length: 30 }, (_, at) => `line ${at}`);
	assert.equal(await shown(['o', lines.join('\r\n')]), lines.join('\n'));
	assert.equal(await shown(['r', '40x10'], ['o', 'x'.repeat(50)]), 'x'.repeat(50));
	assert.equal(await shown(['o', '$ vi\r\n\x1b[?1049h\x1b[Htext']), 'text');
});
