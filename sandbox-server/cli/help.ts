/** The texts of --help. */
import type { Flag } from './arguments.ts';
import type { Command } from './commands.ts';

const width = 100;

/** `./etabli --help` */
export function overview(commands: readonly Command[]): string {
	const rows = commands.map(({ name, summary }) => `  ${name.padEnd(13)}${summary}`);
	return [
		'Établi: lessons with real terminals, in the browser.',
		'',
		'Usage: ./etabli COMMAND [options]',
		'',
		...rows,
		'',
		'./etabli COMMAND --help tells more. Start with: ./etabli up',
		'',
	].join('\n');
}

/** `./etabli COMMAND --help` */
export function commandHelp(command: Command): string {
	const flags: Flag[] = [...command.flags, { flag: '--help', type: 'boolean', description: 'Show this.' }];
	return [
		`Usage: ${command.usage}`,
		'',
		...command.about.split('\n').flatMap((paragraph) => wrap(paragraph, width)),
		'',
		'Options:',
		...flags.flatMap(flagHelp),
		'',
	].join('\n');
}

function flagHelp(flag: Flag): string[] {
	const head = `  ${flag.flag}${flag.value === undefined ? '' : ` ${flag.value}`}`;
	const fallback = flag.defaultText ?? (flag.default === undefined || flag.default === false ? undefined : String(flag.default));
	const notes = [fallback === undefined ? '' : `Default: ${fallback}.`, flag.env === undefined ? '' : `Variable: ${flag.env}.`]
		.filter(Boolean)
		.join(' ');
	const text = wrap([flag.description, notes].filter(Boolean).join(' '), width - 26).map((line) => `${' '.repeat(26)}${line}`);
	if (head.length < 25) return [head.padEnd(26) + (text[0] ?? '').trimStart(), ...text.slice(1)];
	return [head, ...text];
}

function wrap(text: string, columns: number): string[] {
	const lines: string[] = [];
	let line = '';
	for (const word of text.split(' ')) {
		if (line && line.length + 1 + word.length > columns) {
			lines.push(line);
			line = word;
		} else line = line ? `${line} ${word}` : word;
	}
	return [...lines, line];
}
