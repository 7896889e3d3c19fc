/**
 * Flowcharts in Mermaid's words, as far as a lesson needs them: boxes, arrows and what stands on both. They are drawn while the site is
 * built, so that a page needs no program for them.
 */
export type Shape = 'box' | 'round' | 'pill' | 'diamond' | 'store';
export type Line = 'plain' | 'dotted' | 'thick';

export interface DiagramNode {
	id: string;
	lines: string[];
	shape: Shape;
}

export interface DiagramEdge {
	from: string;
	to: string;
	line: Line;
	arrow: boolean;
	label?: string | undefined;
}

export interface Diagram {
	direction: 'down' | 'right';
	nodes: DiagramNode[];
	edges: DiagramEdge[];
}

export interface DiagramFault {
	/** Of the block, from 1. */
	line: number;
	what: string;
	remedy: string;
}

const remedy =
	'What is drawn: "flowchart TD" (down) or "flowchart LR" (to the right), then lines such as A[One] --> B(Two), B -->|label| C{Three?}, C -.-> D[(Four)]. Put anything else into a picture: ![What it shows](picture.svg).';

/** Opening and closing signs; longer ones first. */
const shapes: [open: string, close: string, shape: Shape][] = [
	['([', '])', 'pill'],
	['[(', ')]', 'store'],
	['((', '))', 'pill'],
	['[', ']', 'box'],
	['(', ')', 'round'],
	['{', '}', 'diamond'],
];

const arrowPattern =
	/^\s*(?:(?<words>--|==|-\.)\s+(?<inner>[^|>]+?)\s+)?(?<sign>-{2,}>|={2,}>|-\.+->|-{3,}|={3,}|-\.+-)(?:\s*\|(?<label>[^|]*)\|)?\s*/;

/** @returns the diagram, or what cannot be drawn of it */
export function readDiagram(text: string): Diagram | { fault: DiagramFault } {
	const nodes = new Map<string, DiagramNode>();
	const edges: DiagramEdge[] = [];
	let direction: Diagram['direction'] | undefined;
	for (const [index, written] of text.split('\n').entries()) {
		for (const part of written.replace(/%%.*$/, '').split(/;(?=(?:[^"]*"[^"]*")*[^"]*$)/)) {
			const line = part.trim();
			if (line === '') continue;
			if (direction === undefined) {
				const head = /^(?:flowchart|graph)\s+(TD|TB|LR)$/.exec(line)?.[1];
				if (!head) return { fault: { line: index + 1, what: `This kind of diagram is not drawn here: "${line}".`, remedy } };
				direction = head === 'LR' ? 'right' : 'down';
			} else if (!readChain(line, nodes, edges)) {
				return { fault: { line: index + 1, what: `This line of the diagram is not understood: "${line}".`, remedy } };
			}
		}
	}
	if (direction === undefined || nodes.size === 0) return { fault: { line: 1, what: 'The diagram has nothing in it.', remedy } };
	return { direction, nodes: [...nodes.values()], edges };
}

/** `A --> B & C -->|label| D`. @returns false when it is something else */
function readChain(line: string, nodes: Map<string, DiagramNode>, edges: DiagramEdge[]): boolean {
	let rest = line;
	const group = (): string[] | undefined => {
		const ids: string[] = [];
		do {
			rest = rest.replace(/^\s*&?\s*/, '');
			const node = readNode(rest);
			if (!node) return undefined;
			rest = node.rest;
			ids.push(node.id);
			if (node.lines || !nodes.has(node.id))
				nodes.set(node.id, { id: node.id, lines: node.lines ?? [node.id], shape: node.shape ?? 'box' });
		} while (/^\s*&/.test(rest));
		return ids;
	};
	let from = group();
	while (from && rest.trim() !== '') {
		const found = arrowPattern.exec(rest)?.groups;
		const sign = found?.['sign'];
		if (!found || !sign) return false;
		rest = rest.replace(arrowPattern, '');
		const to = group();
		if (!to) return false;
		const label = (found['label'] ?? found['inner'])?.trim().replace(/^"|"$/g, '');
		const drawn: Line = sign.includes('=') ? 'thick' : sign.includes('.') ? 'dotted' : 'plain';
		for (const one of from) for (const other of to) edges.push({ from: one, to: other, line: drawn, arrow: sign.endsWith('>'), label });
		from = to;
	}
	return from !== undefined;
}

function readNode(text: string): { id: string; lines?: string[]; shape?: Shape; rest: string } | undefined {
	const id = /^[\p{L}\p{N}_]+/u.exec(text)?.[0];
	if (!id || /^(subgraph|end|style|classDef|class|click|linkStyle|direction)$/.test(id)) return undefined;
	const after = text.slice(id.length);
	const shape = shapes.find(([open]) => after.startsWith(open));
	if (!shape) return { id, rest: after };
	const [open, close, name] = shape;
	const quoted = /^\s*"([^"]*)"\s*/.exec(after.slice(open.length));
	const end = quoted ? open.length + quoted[0].length : after.indexOf(close);
	if (end < 0 || !after.startsWith(close, end)) return undefined;
	const label = quoted?.[1] ?? after.slice(open.length, end);
	return { id, lines: label.split(/<br\s*\/?>/).map((one) => one.trim()), shape: name, rest: after.slice(end + close.length) };
}

/** The diagram as a sentence for people who do not see it: "A → B (label); …" */
export function diagramInWords({ nodes, edges }: Diagram): string {
	const name = (id: string) => nodes.find((node) => node.id === id)?.lines.join(' ') ?? id;
	const alone = nodes.filter(({ id }) => !edges.some(({ from, to }) => from === id || to === id)).map(({ id }) => name(id));
	return [
		...edges.map(({ from, to, arrow, label }) => `${name(from)} ${arrow ? '→' : '–'} ${name(to)}${label ? ` (${label})` : ''}`),
		...alone,
	].join('; ');
}
