/** The comparison as Markdown, and as lines for the terminal. */
import type { Cell, Comparison } from '../../../src/shared/comparison/comparison.ts';
import { references } from '../../../src/shared/comparison/comparison.ts';
import {
	absenceText,
	answerText,
	figureText,
	howsIn,
	howText,
	noteText,
	number,
	type Places,
	placesOf,
	ran,
	rowsOf,
	rowTitle,
	sectionNames,
	sectionTitle,
	spreadText,
} from '../../../src/shared/comparison/read.ts';

const language = 'en';

/** Everything, for docs and for people. */
export function markdown(comparison: Comparison): string {
	const places = placesOf(comparison);
	const sections = sectionNames.flatMap((name) => {
		const rows = rowsOf(comparison, name);
		const table = name === 'security' ? probeTable(comparison, rows, places) : contenderTable(comparison, rows, places);
		const told = howsIn(rows).map((how) => `- ${howText(how, places, language)}`);
		return [
			`## ${sectionTitle(name, language)}`,
			'',
			...table,
			'',
			'How it was measured:',
			...told,
			'',
			...saidLines(comparison, rows, places),
		];
	});
	return `${['# Container runtimes side by side', '', ...headLines(comparison).map((line) => `${line}  `), '', '## What was compared', '', ...whoTable(comparison), '', ...sections].join('\n').trimEnd()}\n`;
}

/** Command, machine, load. */
export function headLines({ command, date, version, quick, machine, files, seconds, left }: Comparison): string[] {
	const { cpu, cores, memory, kernel, system, cgroup, root, load } = machine;
	return [
		`\`${command}\` · ${date} · Établi ${version} · ${number(seconds, language)} s`,
		`${cores} × ${cpu}, ${number(memory / 2 ** 30, language)} GiB · ${system}, Linux ${kernel} · cgroups ${cgroup} · ${root ? 'as root' : 'as an ordinary user'}`,
		`Load of the machine: ${number(load.before, language)} before, ${number(load.after, language)} after${load.before > 0.7 * cores ? ' (others were at work: read the ratios, not the figures)' : ''}`,
		`Root file system: ${files.name}`,
		...(quick ? ['--quick: it shows that everything can be measured; its figures are of too few samples to be quoted.'] : []),
		...(left.length > 0 ? [`Left behind: ${left.join('; ')}`] : []),
	];
}

function whoTable({ contenders }: Comparison): string[] {
	const rows = contenders.map(({ name, version, packages, absence, started, note }) => [
		name,
		version ?? '–',
		packages,
		[
			absence?.kind === 'none' ? withSaid(`not run: ${absenceText(absence, language)}`, absence.said) : started ? `\`${started}\`` : '',
			note ? noteText(note, language) : '',
		]
			.filter(Boolean)
			.join('; '),
	]);
	return table(['', 'version', 'package', 'how it was started, or why not'], rows);
}

function withSaid(text: string, said: string | undefined): string {
	return said ? `${text} (“${said}”)` : text;
}

/** A row for each contender. */
function contenderTable(comparison: Comparison, rows: Comparison['rows'], places: Places): string[] {
	return table(
		['', ...rows.map(({ id }) => rowTitle(id, places, language))],
		ran(comparison).map(({ id, name }) => [name, ...rows.map(({ cells }) => cellText(cells[id]))]),
	);
}

/** A row for each probe: they are many, and say little. */
function probeTable(comparison: Comparison, rows: Comparison['rows'], places: Places): string[] {
	const all = ran(comparison);
	return table(
		['', ...all.map(({ name }) => name)],
		rows.map(({ id, cells }) => [rowTitle(id, places, language), ...all.map(({ id: one }) => cellText(cells[one]))]),
	);
}

/** "112 ms (98 – 130; 20×), 2.3 × unshare" */
export function cellText(cell: Cell | undefined): string {
	if (!cell) return '–';
	if (cell.kind === 'none') return absenceText(cell, language);
	const note = cell.note ? `; ${noteText(cell.note, language)}` : '';
	if (cell.kind === 'answer') return `${cell.answer === 'open' ? `**${answerText(cell, language)}**` : answerText(cell, language)}${note}`;
	const spread = spreadText(cell, language);
	const ratios = references.flatMap((one) => {
		const ratio = cell.ratios[one];
		return ratio === undefined ? [] : [`${number(ratio, language)} × ${one}`];
	});
	return `${[`${figureText(cell, language)} (${[spread, `n=${cell.samples}`].filter(Boolean).join('; ')})`, ...ratios].join(', ')}${note}`;
}

/** Words of the programs themselves, which tables have no room for. */
function saidLines(comparison: Comparison, rows: Comparison['rows'], places: Places): string[] {
	const names = new Map(comparison.contenders.map(({ id, name }) => [id, name]));
	const lines = rows.flatMap(({ id, cells }) => {
		const said = ran(comparison).flatMap(({ id: one }) => {
			const words = cells[one]?.said;
			return words ? [`${names.get(one)}: ${words}`] : [];
		});
		return said.length > 0 ? [`- ${rowTitle(id, places, language)} – ${said.join(' · ')}`] : [];
	});
	return lines.length > 0 ? ['In the programs’ own words:', ...lines, ''] : [];
}

/** With columns of the same width, so that it can be read as it is. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
	const all = [heads, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')));
	const widths = heads.map((_, column) => Math.max(3, ...all.map((row) => [...(row[column] ?? '')].length)));
	const line = (row: readonly string[]) =>
		`| ${row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length)).join(' | ')} |`;
	return [line(all[0] ?? []), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...all.slice(1).map(line)];
}

/** What fits a terminal: one line for each contender and figure; of the probes how many are stopped. */
export function terminalLines(comparison: Comparison): string[] {
	const places = placesOf(comparison);
	const short = (cell: Cell | undefined): string => {
		if (cell?.kind === 'figure') return figureText(cell, language);
		if (cell?.kind === 'answer') return answerText(cell, language);
		return '–';
	};
	const figures = sectionNames.slice(0, 3).flatMap((name) => rowsOf(comparison, name));
	const probes = rowsOf(comparison, 'security');
	const others = sectionNames
		.slice(4)
		.flatMap((name) => rowsOf(comparison, name))
		.filter(({ id }) => id !== 'features');
	const all = ran(comparison);
	const stopped = all.map(({ id, name }) => {
		const open = probes.filter(({ cells }) => cells[id]?.kind === 'answer' && (cells[id] as { answer: string }).answer === 'open');
		const known = probes.filter(({ cells }) => cells[id]?.kind === 'answer').length;
		return [name, `${known - open.length} of ${known}`, open.map(({ id: row }) => rowTitle(row, places, language)).join(', ')];
	});
	const notRun = comparison.contenders.flatMap(({ name, absence }) =>
		absence?.kind === 'none' ? [`  ${name}: ${withSaid(absenceText(absence, language), absence.said)}`] : [],
	);
	return [
		...headLines(comparison).map((line) => line.replaceAll('`', '')),
		'',
		...table(
			['', ...figures.map(({ id }) => rowTitle(id, places, language))],
			all.map(({ id, name }) => [name, ...figures.map(({ cells }) => short(cells[id]))]),
		),
		'',
		...table(['', 'probes stopped', 'possible inside'], stopped),
		'',
		...table(
			['', ...others.map(({ id }) => rowTitle(id, places, language))],
			all.map(({ id, name }) => [name, ...others.map(({ cells }) => short(cells[id]))]),
		),
		...(notRun.length > 0 ? ['', 'Not run here:', ...notRun] : []),
	];
}
