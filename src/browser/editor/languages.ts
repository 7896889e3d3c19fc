/** Which colours a file has, by its name and first line. */
import { StreamLanguage, type StreamParser } from '@codemirror/language';
import { dockerFile } from '@codemirror/legacy-modes/mode/dockerfile';
import { python } from '@codemirror/legacy-modes/mode/python';
import { shell } from '@codemirror/legacy-modes/mode/shell';
import { yaml } from '@codemirror/legacy-modes/mode/yaml';
import { apptainer } from './apptainer-mode.ts';

interface Known {
	name: RegExp;
	/** Of the first line, where the name says nothing. */
	head?: RegExp;
	parser: StreamParser<unknown>;
	/** What Tab writes. */
	indent: string;
}

const known: Known[] = [
	{
		name: /\.(def|sif\.def)$|^(Singularity|Apptainer)(\..*)?$/i,
		head: /^Bootstrap\s*:/i,
		parser: apptainer as StreamParser<unknown>,
		indent: '    ',
	},
	{ name: /^(Docker|Container)file(\..*)?$|\.(docker|container)file$/i, parser: dockerFile as StreamParser<unknown>, indent: '    ' },
	{ name: /\.ya?ml$/i, parser: yaml as StreamParser<unknown>, indent: '  ' },
	{ name: /\.pyw?$/i, head: /^#!.*\bpython/, parser: python as StreamParser<unknown>, indent: '    ' },
	{
		name: /\.(sh|bash|sbatch|slurm|job|env)$|^\.?(bashrc|bash_profile|profile|bash_aliases)$/i,
		head: /^#!.*\b(ba|da|z|k)?sh\b/,
		parser: shell as StreamParser<unknown>,
		indent: '    ',
	},
];

export interface FileLanguage {
	language: StreamLanguage<unknown> | undefined;
	indent: string;
}

/** @param path from the lesson's folder; @param text of the file */
export function languageOf(path: string, text: string): FileLanguage {
	const name = path.replace(/^.*\//, '');
	const first = text.slice(0, 200).split('\n')[0] ?? '';
	const found = known.find((one) => one.name.test(name)) ?? known.find(({ head }) => head?.test(first));
	// In a Makefile nothing but a tab will do.
	if (!found) return { language: undefined, indent: /^makefile$|\.mk$/i.test(name) ? '\t' : '    ' };
	return { language: StreamLanguage.define(found.parser), indent: found.indent };
}
