/** Command lines: a table of options in, values out; every mistake becomes a sentence with the nearest match. Imports no packages. */
import { nearest } from '../../src/shared/nearest.ts';
import type { Option } from '../options.ts';
import { Failure } from '../setup/failure.ts';

/** Status of a command that was typed wrongly. */
export const usageStatus = 2;

/** The part of an option that the parser needs; `Option` of options.ts fits. */
export type Flag = Pick<Option, 'flag' | 'type' | 'description'> & Partial<Pick<Option, 'env' | 'value' | 'default' | 'defaultText'>>;

export interface Arguments {
	/** Flag without its hyphens → value: "public-url" → "https://…". Only what was typed. */
	values: Record<string, string | number | boolean | readonly string[]>;
	/** What is not an option, in order. */
	words: string[];
	/** --help or -h. */
	help: boolean;
}

/**
 * `--name value`, `--name=value`, `--name` and `--no-name` for booleans; `--` ends the options.
 * @throws Failure with status 2
 */
export function parseArguments(argv: readonly string[], flags: readonly Flag[], command: string): Arguments {
	const result: Arguments = { values: {}, words: [], help: false };
	for (let index = 0; index < argv.length; index++) {
		const word = argv[index] as string;
		if (word === '--') {
			result.words.push(...argv.slice(index + 1));
			break;
		}
		if (word === '--help' || word === '-h') {
			result.help = true;
			continue;
		}
		if (!word.startsWith('-') || word === '-') {
			result.words.push(word);
			continue;
		}
		const [name, ...rest] = word.split('=') as [string, ...string[]];
		const inline = rest.length > 0 ? rest.join('=') : undefined;
		const negated = flags.find(({ flag, type }) => type === 'boolean' && name === flag.replace('--', '--no-'));
		if (negated && inline === undefined) {
			result.values[negated.flag.slice(2)] = false;
			continue;
		}
		const option = flags.find(({ flag }) => flag === name);
		if (!option) throw unknown('option', name, [...flags.map(({ flag }) => flag), '--help'], `./etabli ${command} --help`);
		let text = inline;
		if (option.type !== 'boolean' && text === undefined) {
			text = argv[index + 1];
			// A value may start with one hyphen, but an option in its place means that the value was forgotten.
			if (text === undefined || text.startsWith('--'))
				throw new Failure(`${name} needs a value: ${name} ${option.value ?? 'VALUE'}.`, { status: usageStatus });
			index++;
		}
		const key = option.flag.slice(2);
		const value = typed(option, text, name);
		result.values[key] = option.type === 'list' ? [...[result.values[key] ?? []].flat().map(String), String(value)] : value;
	}
	return result;
}

/** Text of a flag, a variable or the like → its value. @throws Failure with status 2 */
export function typed(option: Flag, text: string | undefined, name: string): string | number | boolean {
	if (option.type === 'boolean') {
		if (text === undefined || text === 'true') return true;
		if (text === 'false') return false;
		throw new Failure(`${name} is true or false, not "${text}".`, { status: usageStatus });
	}
	if (option.type === 'number') {
		if (text === undefined || !/^\d{1,9}$/.test(text))
			throw new Failure(`${name} is a whole number, not "${text}".`, { status: usageStatus });
		return Number(text);
	}
	if (!text) throw new Failure(`${name} must not be empty.`, { status: usageStatus });
	return text;
}

/** A Failure for a word that is not known: with the nearest one, and where to read on. */
export function unknown(kind: string, word: string, known: readonly string[], help: string): Failure {
	const near = nearest(word, known);
	return new Failure(`Unknown ${kind} "${word}".${near === undefined ? '' : ` Did you mean "${near}"?`}`, {
		hint: `${help} lists what there is.`,
		status: usageStatus,
	});
}
