/** The benchmarks’ results as tables for a person, and as JSON for a program. */
import { type MeasuredRow, type MeasureResult, outcomeOf, type Row, ratioOf, type Target } from './rows.ts';

export interface Machine {
	cpu: string;
	cores: number;
	/** bytes */
	memory: number;
	kernel: string;
	system: string;
	node: string;
	engine: string;
	/** Average number of runnable processes over the last minute, before the run and after it: above the number of cores, others were at work. */
	load: { before: number; after: number };
}

export interface BenchmarkReport {
	/** The command as it was typed. */
	command: string;
	version: string;
	/** ISO 8601 */
	date: string;
	quick: boolean;
	machine: Machine;
	results: MeasureResult[];
}

const heads = ['figure', 'measured', 'reference in the same run', 'ratio', 'target', ''];
const marks = { met: 'met', missed: 'MISSED', failed: 'FAILED', 'no target': '' } as const;

/** Lines for the terminal; with `markdown` for docs/performance.md. */
export function tables(report: BenchmarkReport, markdown = false): string[] {
	return report.results.flatMap((result) => {
		const rows = result.rows.map(cells);
		const notes = result.rows.flatMap((row) => ('note' in row && row.note ? [`${row.what}: ${row.note}.`] : []));
		const head = markdown ? `### ${result.title}` : `${result.title} (${result.measure}, ${result.seconds} s)`;
		const drawn = markdown ? markdownTable(rows) : plainTable(rows);
		return [head, ...(markdown ? [''] : []), ...drawn, ...notes.flatMap((note) => (markdown ? ['', note] : [`  ${note}`])), ''];
	});
}

function cells(row: Row): string[] {
	if ('failed' in row) return [row.what, '–', '–', '–', '–', `FAILED: ${row.failed}`];
	const ratio = ratioOf(row);
	const samples = row.samples === undefined ? '' : ` (n=${row.samples})`;
	return [
		row.what,
		`${number(row.value)} ${row.unit}${samples}`,
		`${number(row.reference.value)} ${row.reference.unit ?? row.unit}: ${row.reference.what}`,
		ratio === undefined ? '–' : `${number(ratio)} ×`,
		row.target ? targetText(row.target, row) : '–',
		marks[outcomeOf(row)],
	];
}

function targetText({ of, at, limit }: Target, { unit }: MeasuredRow): string {
	const sign = at === 'most' ? '≤' : '≥';
	if (of === 'ratio') return `${sign} ${limit} ×`;
	return of === 'difference' ? `${sign} +${limit} ${unit}` : `${sign} ${limit} ${unit}`;
}

/** Three digits that count. */
export function number(value: number): string {
	if (value === 0) return '0';
	const size = Math.abs(value);
	return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : size >= 1 ? value.toFixed(2) : value.toPrecision(2);
}

function plainTable(rows: string[][]): string[] {
	const all = [heads, ...rows];
	const widths = heads.map((_, column) => Math.max(...all.map((row) => [...(row[column] ?? '')].length)));
	const line = (row: string[]) =>
		`  ${row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length)).join('  ')}`.trimEnd();
	return [line(heads), `  ${widths.map((width) => '─'.repeat(width)).join('  ')}`, ...rows.map(line)];
}

function markdownTable(rows: string[][]): string[] {
	const line = (row: string[]) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
	return [line(heads), `|${heads.map(() => '---').join('|')}|`, ...rows.map(line)];
}

/** One sentence, with everything that fell short named. */
export function summary({ results }: BenchmarkReport): string {
	const rows = results.flatMap((result) => result.rows.map((row) => ({ row, outcome: outcomeOf(row) })));
	const named = (outcome: string) => rows.filter((one) => one.outcome === outcome).map(({ row }) => row.what);
	const [missed, failed] = [named('missed'), named('failed')];
	const parts = [
		`${rows.length} figures: ${named('met').length} targets met, ${missed.length} missed, ${failed.length} failed`,
		...(missed.length > 0 ? [`Missed: ${missed.join('; ')}`] : []),
		...(failed.length > 0 ? [`Failed: ${failed.join('; ')}`] : []),
	];
	return `${parts.join('.\n')}.`;
}

/** Every figure with its ratio and outcome. */
export function json(report: BenchmarkReport): string {
	const results = report.results.map((result) => ({
		...result,
		rows: result.rows.map((row) => ({ ...row, ...('failed' in row ? {} : { ratio: ratioOf(row) ?? null }), outcome: outcomeOf(row) })),
	}));
	return `${JSON.stringify({ ...report, results }, null, '\t')}\n`;
}

/** Head of a report, for people: command, machine, load. */
export function machineLines({ machine, command, date, version }: BenchmarkReport): string[] {
	const { cpu, cores, memory, system, kernel, node, engine, load } = machine;
	return [
		`${command} · ${date} · Établi ${version}`,
		`${cores} × ${cpu}, ${number(memory / 2 ** 30)} GiB · ${system}, Linux ${kernel} · Node ${node} · ${engine}`,
		`Load of the machine: ${number(load.before)} before, ${number(load.after)} after${load.before > 0.7 * cores ? ' (others were at work: read the ratios, not the figures)' : ''}`,
	];
}
