import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagramInWords, readDiagram } from './diagram.ts';

const drawn = (text: string) => {
	const diagram = readDiagram(text);
	if ('fault' in diagram) assert.fail(diagram.fault.what);
	return diagram;
};

test('boxes, arrows and labels are read in the ways that people write them', () => {
	const { direction, nodes, edges } = drawn(
		'graph LR\n  %% a remark\n  A["One; two"] --> B(Recette<br/>.def) -->|build| C{Done?}; C -- no --> A\n  C -.-> D[(Cache)] & E([End])\n  D === E\n',
	);
	assert.equal(direction, 'right');
	assert.deepEqual(
		nodes.map(({ id, lines, shape }) => [id, lines.join('/'), shape]),
		[
			['A', 'One; two', 'box'],
			['B', 'Recette/.def', 'round'],
			['C', 'Done?', 'diamond'],
			['D', 'Cache', 'store'],
			['E', 'End', 'pill'],
		],
	);
	assert.deepEqual(
		edges.map(({ from, to, line, arrow, label }) => [from, to, line, arrow, label]),
		[
			['A', 'B', 'plain', true, undefined],
			['B', 'C', 'plain', true, 'build'],
			['C', 'A', 'plain', true, 'no'],
			['C', 'D', 'dotted', true, undefined],
			['C', 'E', 'dotted', true, undefined],
			['D', 'E', 'thick', false, undefined],
		],
	);
	assert.match(diagramInWords(drawn('flowchart TD\nA[Image] -->|run| B[Conteneur]\nC[Seul]')), /^Image → Conteneur \(run\); Seul$/);
});

test('what is not drawn is named, with its line and what to write', () => {
	for (const [text, line, what] of [
		['sequenceDiagram\nA->>B: hello', 1, /kind of diagram.*sequenceDiagram/],
		['flowchart TD\nA --> B\nsubgraph one', 3, /not understood: "subgraph one"/],
		['flowchart TD\nA[open --> B', 2, /not understood/],
		['flowchart TD\nA -->', 2, /not understood/],
		['flowchart RL\nA', 1, /kind of diagram/],
		['', 1, /nothing in it/],
	] as const) {
		const found = readDiagram(text);
		assert.ok('fault' in found, text);
		assert.equal(found.fault.line, line, text);
		assert.match(found.fault.what, what);
		assert.match(found.fault.remedy, /flowchart LR.*picture/);
	}
});
