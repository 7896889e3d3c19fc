import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Element, ElementContent } from 'hast';
import { type Diagram, readDiagram } from '../courses/diagram.ts';
import { layOut } from './diagram-layout.ts';
import { drawing, drawings } from './diagrams.ts';

const read = (text: string): Diagram => {
	const diagram = readDiagram(text);
	if ('fault' in diagram) assert.fail(diagram.fault.what);
	return diagram;
};

const texts = [
	'flowchart TD\nA --> B & C --> D\nA --> D\nD --> A\nX[Alone]',
	'flowchart LR\nA[A long name of a box] -->|and a label| B{Which?} -- yes --> C([Done])\nB -- no --> A\nB --> B',
	`flowchart TD\n${Array.from({ length: 30 }, (_, at) => `n${at} --> n${(at * 7) % 30}`).join('\n')}`,
	'flowchart LR\nA <br/> B'.replace(' <br/> B', '[one<br/>two<br/>three]'),
];

test('no box lies on another, none leaves the picture, and arrows go from the edge of one to the edge of another', () => {
	for (const text of texts) {
		const { width, height, nodes, edges } = layOut(read(text));
		for (const [index, a] of nodes.entries()) {
			assert.ok(a.x - a.width / 2 >= 0 && a.x + a.width / 2 <= width && a.y - a.height / 2 >= 0 && a.y + a.height / 2 <= height, text);
			for (const b of nodes.slice(index + 1)) {
				const apart = Math.abs(a.x - b.x) >= (a.width + b.width) / 2 || Math.abs(a.y - b.y) >= (a.height + b.height) / 2;
				assert.ok(apart, `${a.id} lies on ${b.id} in ${text}`);
			}
		}
		for (const { from, to, points } of edges) {
			for (const [id, point] of [
				[from, points[0]],
				[to, points.at(-1)],
			] as const) {
				const box = nodes.find((node) => node.id === id);
				assert.ok(box && point);
				const onEdge =
					Math.abs(Math.abs(point.x - box.x) - box.width / 2) < 0.1 || Math.abs(Math.abs(point.y - box.y) - box.height / 2) < 0.1;
				assert.ok(onEdge, `${from} → ${to} in ${text}`);
			}
		}
	}
});

test('the picture has its words in it and in its name, and nothing that a strict content policy would stop', () => {
	const picture = drawing(read('flowchart LR\nA["a < b & c"] -->|run| B'));
	assert.equal(picture.properties.ariaLabel, 'a < b & c → B (run)');
	const all = (node: ElementContent): Element[] => (node.type === 'element' ? [node, ...node.children.flatMap(all)] : []);
	const elements = all(picture);
	assert.deepEqual(
		elements.filter(({ tagName }) => tagName === 'text').map(({ children }) => children[0]?.type === 'text' && children[0].value),
		['a < b & c', 'B', 'run'],
	);
	for (const { tagName, properties } of elements) {
		assert.ok(!['script', 'style', 'foreignObject', 'a', 'image'].includes(tagName));
		assert.ok(!('style' in properties) && !Object.keys(properties).some((name) => /^on/i.test(name)));
	}
});

test('a picture that is wider than a telephone goes downwards there; others have one drawing', () => {
	const shapes = (text: string) => drawings(read(text)).map(({ properties }) => [properties.className, Number(properties.width) <= 358]);
	const long = 'flowchart LR\nA[Recipe of an image] -->|built| B[Image] --> C[Registry of the course] --> D[Workbench]';
	assert.deepEqual(shapes(long), [
		[['where-wide'], false],
		[['where-narrow'], true],
	]);
	assert.deepEqual(shapes('flowchart LR\nA --> B'), [[undefined, true]], 'small enough');
	assert.deepEqual(shapes(long.replace('LR', 'TD')), [[undefined, true]], 'downwards anyway');
	const fan = `flowchart LR\n${Array.from({ length: 9 }, (_, at) => `A[One and the same] --> b${at}[Box number ${at}]`).join('\n')}`;
	assert.deepEqual(shapes(fan).length, 1, 'downwards it would be wider still');
});
