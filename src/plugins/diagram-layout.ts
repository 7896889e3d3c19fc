/** Where the boxes of a flowchart stand: in layers, as few crossings as a few sweeps find. Units are those of the drawing, px at full size. */
import type { Diagram, DiagramEdge, DiagramNode } from '../courses/diagram.ts';

export interface Point {
	x: number;
	y: number;
}
export interface PlacedNode extends DiagramNode, Point {
	width: number;
	height: number;
}
export interface PlacedEdge extends DiagramEdge {
	points: Point[];
}
export interface Layout {
	width: number;
	height: number;
	nodes: PlacedNode[];
	edges: PlacedEdge[];
}

const letter = 8.2;
/** Of a line of text in a box. */
export const lineHeight = 20;
const padding = { x: 16, y: 11 };
/** Between boxes of a layer, and between layers. */
const gap = { within: 26, between: 48 };
const margin = 4;

/** A box, or a place in a layer that a long arrow passes through. */
interface Slot {
	layer: number;
	/** Size along the layer and across the layers. */
	along: number;
	across: number;
	/** Middle, along the layer. */
	at: number;
	node?: DiagramNode;
	before: Slot[];
	after: Slot[];
}

/** Pure: the same diagram always gets the same places. */
export function layOut(diagram: Diagram): Layout {
	const right = diagram.direction === 'right';
	const layers = layersOf(diagram);
	const slots = new Map<string, Slot>();
	const rows: Slot[][] = [];
	const add = (slot: Slot): Slot => {
		rows[slot.layer] ??= [];
		rows[slot.layer]?.push(slot);
		return slot;
	};
	for (const node of diagram.nodes) {
		const { width, height } = sizeOf(node);
		const size = right ? { along: height, across: width } : { along: width, across: height };
		slots.set(node.id, add({ layer: layers.get(node.id) ?? 0, ...size, at: 0, node, before: [], after: [] }));
	}
	const ways = diagram.edges.map((edge) => wayOf(edge, slots, add));
	sweep(rows);
	const { starts, depth } = acrossLayers(rows, diagram.edges, right);
	const breadth = Math.max(...rows.flat().map(({ at, along }) => at + along / 2)) + margin;
	const place = (slot: Slot): Point => {
		const across = (starts[slot.layer] ?? 0) + thickness(rows[slot.layer] ?? []) / 2;
		return right ? { x: across, y: slot.at } : { x: slot.at, y: across };
	};
	const nodes = [...slots.values()].map((slot) => ({ ...(slot.node as DiagramNode), ...sizeOf(slot.node as DiagramNode), ...place(slot) }));
	const edges = diagram.edges.map((edge, index) => ({ ...edge, points: clipped((ways[index] ?? []).map(place), edge, nodes, right) }));
	return { width: right ? depth : breadth, height: right ? breadth : depth, nodes, edges };
}

/** Of the box around a node's text, by its shape. */
export function sizeOf({ lines, shape }: DiagramNode): { width: number; height: number } {
	const width = Math.max(2, ...lines.map((line) => [...line].length)) * letter + 2 * padding.x;
	const height = lines.length * lineHeight + 2 * padding.y;
	// The text stands in the middle of a diamond.
	return shape === 'diamond' ? { width: width * 1.35, height: height * 1.5 } : { width, height: shape === 'store' ? height + 8 : height };
}

/** The longest way to each node, arrows that lead back left out. */
function layersOf({ nodes, edges }: Diagram): Map<string, number> {
	const [seen, onTheWay, back] = [new Set<string>(), new Set<string>(), new Set<DiagramEdge>()];
	const walk = (id: string): void => {
		seen.add(id);
		onTheWay.add(id);
		for (const edge of edges.filter(({ from }) => from === id)) {
			if (onTheWay.has(edge.to)) back.add(edge);
			else if (!seen.has(edge.to)) walk(edge.to);
		}
		onTheWay.delete(id);
	};
	for (const { id } of nodes) if (!seen.has(id)) walk(id);
	const layers = new Map<string, number>();
	const settle = (id: string): number => {
		const before = edges.filter((edge) => edge.to === id && !back.has(edge));
		const layer = layers.get(id) ?? Math.max(0, ...before.map(({ from }) => settle(from) + 1));
		layers.set(id, layer);
		return layer;
	};
	for (const { id } of nodes) settle(id);
	return layers;
}

/** The slots that an arrow passes, from its beginning to its end. */
function wayOf({ from, to }: DiagramEdge, slots: Map<string, Slot>, add: (slot: Slot) => Slot): Slot[] {
	const [first, last] = [slots.get(from), slots.get(to)];
	if (!first || !last) return [];
	const step = Math.sign(last.layer - first.layer);
	const way = [first];
	for (let layer = first.layer + step; step !== 0 && layer !== last.layer; layer += step)
		way.push(add({ layer, along: 8, across: 0, at: 0, before: [], after: [] }));
	way.push(last);
	for (const [index, slot] of way.entries()) {
		const next = way[index + 1];
		if (!next || next.layer === slot.layer) continue;
		const [upper, lower] = next.layer > slot.layer ? [slot, next] : [next, slot];
		upper.after.push(lower);
		lower.before.push(upper);
	}
	return way;
}

/** Orders each layer by where its neighbours are, down and up again, and then sets it around their middle. */
function sweep(rows: Slot[][]): void {
	for (const row of rows) pack(row);
	for (let round = 0; round < 8; round++) {
		const down = round % 2 === 0;
		for (const row of down ? rows : rows.toReversed()) {
			const wanted = new Map(row.map((slot) => [slot, middle(down ? slot.before : slot.after) ?? slot.at]));
			row.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
			pack(row, wanted);
		}
	}
	const least = Math.min(...rows.flat().map(({ at, along }) => at - along / 2));
	for (const slot of rows.flat()) slot.at += margin - least;
}

/** Side by side, as near as can be to where each is wanted. */
function pack(row: Slot[], wanted?: Map<Slot, number>): void {
	let from = Number.NEGATIVE_INFINITY;
	for (const slot of row) {
		const at = wanted?.get(slot) ?? (Number.isFinite(from) ? from + slot.along / 2 : 0);
		slot.at = Math.max(at, from + slot.along / 2);
		from = slot.at + slot.along / 2 + gap.within;
	}
	if (!wanted) return;
	// What was pushed to one side goes back by half of it.
	const pushed = row.map((slot) => slot.at - (wanted.get(slot) ?? slot.at));
	const back = (Math.min(...pushed) + Math.max(...pushed)) / 2;
	for (const slot of row) slot.at -= back;
}

const middle = (slots: readonly Slot[]): number | undefined =>
	slots.length ? slots.reduce((sum, { at }) => sum + at, 0) / slots.length : undefined;
const thickness = (row: readonly Slot[]): number => Math.max(0, ...row.map(({ across }) => across));

/** Where each layer begins; labels of arrows to the right need room between them. */
function acrossLayers(rows: Slot[][], edges: readonly DiagramEdge[], right: boolean): { starts: number[]; depth: number } {
	const longest = Math.max(0, ...edges.map(({ label }) => [...(label ?? '')].length));
	const between = gap.between + (longest > 0 ? (right ? longest * letter : lineHeight) : 0);
	const starts: number[] = [];
	let at = margin;
	for (const row of rows) {
		starts.push(at);
		at += thickness(row) + between;
	}
	return { starts, depth: at - between + margin };
}

/** From the edge of one box to the edge of the other. */
function clipped(points: Point[], { from, to }: DiagramEdge, nodes: readonly PlacedNode[], right: boolean): Point[] {
	const [first, last] = [nodes.find(({ id }) => id === from), nodes.find(({ id }) => id === to)];
	if (!first || !last || points.length < 2) return points;
	const side = (node: PlacedNode, towards: Point): Point => {
		const sign = (a: number) => (a < 0 ? -1 : 1);
		// To itself, or to a box of its own layer: by the side.
		const beside = right ? Math.abs(towards.x - node.x) < node.width / 2 : Math.abs(towards.y - node.y) < node.height / 2;
		const along = right !== beside;
		return along
			? { x: node.x + (sign(towards.x - node.x) * node.width) / 2, y: node.y }
			: { x: node.x, y: node.y + (sign(towards.y - node.y) * node.height) / 2 };
	};
	const inner = points.slice(1, -1);
	return [side(first, inner[0] ?? last), ...inner, side(last, inner.at(-1) ?? first)];
}
