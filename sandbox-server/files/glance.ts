/** What the glance script says of folders and files, as a report. */
import { filePathFault, maxFolderEntries } from '../../src/shared/course/placed-file.ts';
import type { Language } from '../../src/shared/language.ts';
import type { FilesReport, FolderEntry, FolderReport } from '../../src/shared/protocol/api.ts';
import { type RefusalCode, refusalText } from '../../src/shared/protocol/refusals.ts';
import type { Glanced } from './ports.ts';
import { codeOf } from './scripts.ts';

/** The script's answer to one line. */
interface Part {
	records: string[];
	end: number;
}

const isFolderPath = (path: string): boolean => path === '' || filePathFault(path) === undefined;
const isFilePath = (path: string): boolean => filePathFault(path) === undefined;

/** Lines of standard input: only what is a path at all is asked about. */
export function glanceLines({ folders, files }: Glanced): string {
	const lines = [...folders.filter(isFolderPath).map((path) => `d${path}`), ...files.filter(isFilePath).map((path) => `f${path}`)];
	return lines.map((line) => `${line}\n`).join('');
}

/** @param printed by the script, for the lines of `glanceLines(glanced)` */
export function readGlance(printed: string, glanced: Glanced, language: Language): FilesReport {
	const parts = partsOf(printed);
	const refused = (code: RefusalCode, path: string) => ({ code, message: refusalText(code, language, { path }) });
	const next = (path: string, isPath: boolean) => {
		const part = isPath ? (parts.shift() ?? { records: [], end: -1 }) : undefined;
		const code = part ? (part.end === 0 ? undefined : (codeOf(part.end) ?? 'file-unanswered')) : 'file-outside';
		return { records: part?.records ?? [], refused: code && refused(code, path) };
	};
	return {
		folders: glanced.folders.map((path) => {
			const { records, refused: why } = next(path, isFolderPath(path));
			return { path, ...entriesOf(records), ...(why && { refused: why }) };
		}),
		files: glanced.files.map((path) => {
			const { records, refused: why } = next(path, isFilePath(path));
			const mark = records[0] ?? 'none';
			return why ? { path, refused: why } : { path, mark };
		}),
	};
}

/** A part that was not ended is left out. */
function partsOf(printed: string): Part[] {
	const parts: Part[] = [];
	let records: string[] = [];
	for (const record of printed.split('\0').slice(0, -1)) {
		if (record.startsWith('+')) records.push(record.slice(1));
		else {
			parts.push({ records, end: Number(record.slice(1)) });
			records = [];
		}
	}
	return parts;
}

const rank = { folder: 0, file: 1, other: 1 };

function entriesOf(records: readonly string[]): Omit<FolderReport, 'path'> {
	const told = records.slice(0, maxFolderEntries);
	const entries = told
		.map((record): FolderEntry => ({ name: record.slice(2), kind: kindOf(record) }))
		.filter(({ name }) => filePathFault(name) === undefined && !name.includes('\ufffd'))
		.sort((one, other) => rank[one.kind] - rank[other.kind] || (one.name < other.name ? -1 : 1));
	return { entries, more: records.length > told.length, unshown: told.length - entries.length };
}

/** By find's %y, and %Y: what a link leads to. */
function kindOf([itself, behind]: string): FolderEntry['kind'] {
	if (behind === 'd') return 'folder';
	return itself === 'f' ? 'file' : 'other';
}
