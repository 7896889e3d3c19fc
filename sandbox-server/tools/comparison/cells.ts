/** Samples → cells, and what they are in proportion to the references of the same run. */
import { type Cell, type Figure, references } from '../../../src/shared/comparison/comparison.ts';
import type { HowKey, NoteKey, Stopper } from '../../../src/shared/comparison/words.ts';
import { enoughFor, percentile } from '../benchmarks/statistics.ts';

export interface FigureOptions {
	unit: Figure['unit'];
	how: HowKey;
	/** Which percentile the figure is; the median if left out. */
	p?: number;
	note?: NoteKey | undefined;
}

/** @throws RangeError without samples */
export function figure(samples: readonly number[], { unit, how, p = 50, note }: FigureOptions): Figure {
	const few = samples.length < enoughFor(p) ? 'fewSamples' : undefined;
	const told = note ?? (p > 50 ? few : undefined);
	return {
		kind: 'figure',
		value: rounded(percentile(samples, p)),
		low: rounded(Math.min(...samples)),
		high: rounded(Math.max(...samples)),
		unit,
		samples: samples.length,
		ratios: {},
		how,
		...(told && { note: told }),
	};
}

/** As many digits as mean something. */
function rounded(value: number): number {
	return Number(value.toPrecision(3));
}

export function answer(
	word: 'yes' | 'no' | 'stopped' | 'open',
	how: HowKey,
	{ by = [], said, note }: { by?: Stopper[]; said?: string | undefined; note?: NoteKey | undefined } = {},
): Cell {
	return { kind: 'answer', answer: word, by, how, ...(said ? { said: said.slice(0, 300) } : {}), ...(note && { note }) };
}

/** Every figure with how many times the references' figures of its row it is. */
export function withRatios(cells: Record<string, Cell>): Record<string, Cell> {
	return Object.fromEntries(
		Object.entries(cells).map(([id, cell]) => {
			if (cell.kind !== 'figure') return [id, cell];
			const ratios = references.flatMap((reference) => {
				const other = cells[reference];
				if (reference === id || other?.kind !== 'figure' || other.unit !== cell.unit || other.value === 0) return [];
				return [[reference, rounded(cell.value / other.value)] as const];
			});
			return [id, { ...cell, ratios: Object.fromEntries(ratios) }];
		}),
	);
}
