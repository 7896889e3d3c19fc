/** What came over and what did not, for a person. */
import type { Imported } from './import.ts';

const states = { whole: 'came over', part: 'in part', text: 'as text' } as const;

/** @returns lines: a table, then each scenario's remarks, then a sum */
export function reportText({ scenarios, courses }: Imported): string {
	const rows = scenarios.map(({ scenario, state, counts: { steps, checks, solutions, runBlocks, assets, pictures } }) => [
		scenario,
		states[state],
		...[steps, checks, solutions, runBlocks, assets, pictures].map(String),
	]);
	const head = ['scenario', 'state', 'steps', 'checks', 'solutions', 'run blocks', 'assets', 'pictures'];
	const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
	const line = (row: string[]) =>
		row
			.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
			.join('  ')
			.trimEnd();
	const out = [line(head), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line), ''];
	for (const { scenario, notes } of scenarios) {
		if (notes.length === 0) continue;
		out.push(scenario, ...notes.map(({ what, why }) => `  ${what}: ${why}.`), '');
	}
	const count = (state: string) => scenarios.filter((each) => each.state === state).length;
	out.push(
		`${scenarios.length} scenario${scenarios.length === 1 ? '' : 's'}: ${count('whole')} came over, ${count('part')} in part, ${count('text')} as text. Made:`,
		...courses.map((path) => `  ${path}`),
		'',
	);
	return out.join('\n');
}
