/** One line of the benchmarks’ tables: a figure, what it is held against in the same run, and what it is to be. */

/** What is to be reached: the figure itself, how many times the reference it is, or how much more than it. */
export interface Target {
	of: 'figure' | 'ratio' | 'difference';
	at: 'most' | 'least';
	limit: number;
}

export interface Reference {
	/** What was done instead, in the same run. */
	what: string;
	/** In the row's unit, unless `unit` says another: then there is no ratio. */
	value: number;
	unit?: string;
}

export interface MeasuredRow {
	what: string;
	value: number;
	unit: string;
	/** Samples behind the figure. */
	samples?: number;
	reference: Reference;
	target?: Target;
	/** What a reader must know of this figure. */
	note?: string;
}

/** A figure that could not be taken: it is shown in its place. */
export interface FailedRow {
	what: string;
	failed: string;
}

export type Row = MeasuredRow | FailedRow;

export interface MeasureResult {
	measure: string;
	title: string;
	rows: Row[];
	/** s */
	seconds: number;
}

export type Outcome = 'met' | 'missed' | 'failed' | 'no target';

/** How many times the reference the figure is; undefined where they cannot be divided. */
export function ratioOf(row: MeasuredRow): number | undefined {
	const { value, reference } = row;
	if (reference.unit !== undefined && reference.unit !== row.unit) return undefined;
	return reference.value === 0 ? undefined : value / reference.value;
}

/** Holds a figure against its target; 'failed' also when there is nothing to compare. */
export function outcomeOf(row: Row): Outcome {
	if ('failed' in row) return 'failed';
	const { target } = row;
	if (!target) return 'no target';
	const seen = target.of === 'figure' ? row.value : target.of === 'ratio' ? ratioOf(row) : row.value - row.reference.value;
	if (seen === undefined || Number.isNaN(seen)) return 'failed';
	return (target.at === 'most' ? seen <= target.limit : seen >= target.limit) ? 'met' : 'missed';
}

/** Runs a measure; what it throws becomes a row: a measure that failed is shown, not left out. */
export async function takeMeasure(
	{ measure, title }: { measure: string; title: string },
	work: () => Promise<Row[]>,
	signal?: AbortSignal,
): Promise<MeasureResult> {
	const begun = performance.now();
	let rows: Row[];
	try {
		rows = await work();
		if (rows.length === 0) rows = [{ what: title, failed: 'it gave no figure' }];
	} catch (error) {
		signal?.throwIfAborted();
		rows = [{ what: title, failed: error instanceof Error ? error.message : String(error) }];
	}
	return { measure, title, rows: rows.map(checked), seconds: Math.round((performance.now() - begun) / 100) / 10 };
}

/** A figure or reference that is no number was not measured. */
function checked(row: Row): Row {
	if ('failed' in row) return row;
	if (!Number.isFinite(row.value)) return { what: row.what, failed: `the figure is ${row.value}` };
	if (!Number.isFinite(row.reference.value))
		return { what: row.what, failed: `the reference (${row.reference.what}) is ${row.reference.value}` };
	return row;
}
