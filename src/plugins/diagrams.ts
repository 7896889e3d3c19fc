/**
 * Expressive Code plugin: blocks of Mermaid become pictures while the site is built. The page has no program for them, and their colours are
 * the page's own. A block that cannot be drawn stays a block; lint says why.
 */
import type { ExpressiveCodePlugin } from '@astrojs/starlight/expressive-code';
import type { Element, ElementContent } from 'hast';
import { type Diagram, diagramInWords, readDiagram } from '../courses/diagram.ts';
import { layOut, lineHeight, type PlacedEdge, type PlacedNode, type Point } from './diagram-layout.ts';

/** Draws the code blocks that readDiagram() understands, and leaves the others as they are. */
export function diagrams(): ExpressiveCodePlugin {
	return {
		name: 'etabli-diagrams',
		hooks: {
			postprocessRenderedBlock: ({ codeBlock, renderData }) => {
				if (codeBlock.language !== 'mermaid') return;
				const diagram = readDiagram(codeBlock.code);
				if ('fault' in diagram) return;
				const title = (codeBlock.props as { title?: string }).title;
				renderData.blockAst = element('figure', { className: ['diagram', 'not-content'] }, [
					...drawings(diagram),
					...(title ? [element('figcaption', {}, [text(title)])] : []),
				]);
			},
		},
	};
}

const element = (tagName: string, properties: Element['properties'], children: ElementContent[] = []): Element => ({
	type: 'element',
	tagName,
	properties,
	children,
});
const text = (value: string): ElementContent => ({ type: 'text', value });
const n = (value: number): string => String(Math.round(value * 10) / 10);

/** Width of the text on a telephone of 390 px. */
const narrow = 358;

/** The picture; of one that goes to the right and is wider than a telephone also the same downwards, where its words stay large enough. */
export function drawings(diagram: Diagram): Element[] {
	const downwards: Diagram = { ...diagram, direction: 'down' };
	const { width } = layOut(diagram);
	if (width <= narrow || layOut(downwards).width >= width) return [drawing(diagram)];
	return [drawing(diagram, 'where-wide'), drawing(downwards, 'where-narrow')];
}

/** One picture: the SVG element. */
export function drawing(diagram: Diagram, where?: string): Element {
	const { width, height, nodes, edges } = layOut(diagram);
	const size = { viewBox: `0 0 ${n(width)} ${n(height)}`, width: n(width), height: n(height) };
	return element('svg', { ...size, ...(where && { className: [where] }), role: 'img', ariaLabel: diagramInWords(diagram) }, [
		...edges.map(arrow),
		...nodes.map(box),
		...edges.filter(({ label }) => label).map(words),
	]);
}

function box({ x, y, width, height, lines, shape }: PlacedNode): Element {
	const [left, top] = [x - width / 2, y - height / 2];
	const outline =
		shape === 'diamond'
			? element('polygon', {
					points: [`${n(x)},${n(top)}`, `${n(left + width)},${n(y)}`, `${n(x)},${n(top + height)}`, `${n(left)},${n(y)}`].join(' '),
				})
			: shape === 'store'
				? element('path', { d: store(left, top, width, height) })
				: element('rect', {
						x: n(left),
						y: n(top),
						width: n(width),
						height: n(height),
						rx: n(shape === 'pill' ? height / 2 : shape === 'round' ? 12 : 3),
					});
	const first = y + (shape === 'store' ? 4 : 0) - ((lines.length - 1) * lineHeight) / 2;
	const rows = lines.map((line, index) => element('text', { x: n(x), y: n(first + index * lineHeight) }, [text(line)]));
	return element('g', { className: ['box'] }, [outline, ...rows]);
}

/** A drum, as stores are drawn. */
function store(left: number, top: number, width: number, height: number): string {
	const lid = `a${n(width / 2)} 5 0 0 1 ${n(width)} 0`;
	return `M${n(left)} ${n(top + 5)}${lid}v${n(height - 10)}a${n(width / 2)} 5 0 0 1 ${n(-width)} 0zM${n(left)} ${n(top + 5)}a${n(width / 2)} 5 0 0 0 ${n(width)} 0`;
}

function arrow({ points, line, arrow: pointed }: PlacedEdge): Element {
	const d = points.map(({ x, y }, index) => `${index ? 'L' : 'M'}${n(x)} ${n(y)}`).join('');
	const [end, before] = [points.at(-1), points.at(-2)];
	const head = pointed && end && before ? [element('polygon', { points: arrowHead(end, before) })] : [];
	return element('g', { className: ['arrow', line] }, [element('path', { d }), ...head]);
}

function arrowHead(end: Point, before: Point): string {
	const angle = Math.atan2(end.y - before.y, end.x - before.x);
	const corner = (turn: number) => `${n(end.x - 9 * Math.cos(angle + turn))},${n(end.y - 9 * Math.sin(angle + turn))}`;
	return `${n(end.x)},${n(end.y)} ${corner(0.45)} ${corner(-0.45)}`;
}

/** What stands on an arrow, in its middle. */
function words({ points, label = '' }: PlacedEdge): Element {
	const at = Math.floor((points.length - 1) / 2);
	const [a, b] = [points[at] ?? { x: 0, y: 0 }, points[at + 1] ?? { x: 0, y: 0 }];
	return element('text', { className: ['on-arrow'], x: n((a.x + b.x) / 2), y: n((a.y + b.y) / 2) }, [text(label)]);
}
