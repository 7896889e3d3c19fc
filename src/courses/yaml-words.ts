/** What is wrong with broken YAML, as one would say it to somebody who has never read a grammar: what stands there, and what to write. */
import type { YAMLError } from 'yaml';

export interface YamlFault {
	/** From 1, in the text that was parsed. */
	line: number;
	what: string;
	remedy: string;
}

const indentOf = (line: string) => line.length - line.trimStart().length;
const isBlank = (line: string | undefined) => !line?.trim() || line.trim().startsWith('#');
const spaces = (count: number) => `${count} space${count === 1 ? '' : 's'}`;

/** @param at line of the error, from 1 */
export function explainYaml(error: Pick<YAMLError, 'code' | 'message'>, text: string, at: number): YamlFault {
	const lines = text.split(/\r?\n/);
	const line = lines[at - 1] ?? '';
	const fault = (what: string, remedy: string, where = at): YamlFault => ({ line: where, what, remedy });
	const conflict = lines.findIndex((one) => /^(<{7}|={7}|>{7})( |$)/.test(one));
	if (conflict >= 0)
		return fault(
			'Here two versions of the file were not brought together (git).',
			'Keep one of them, and remove the lines with <<<<<<<, ======= and >>>>>>>.',
			conflict + 1,
		);
	switch (error.code) {
		case 'TAB_AS_INDENT':
			return fault('This line is indented by a tab.', 'Indent by spaces: two for each level.');
		case 'DUPLICATE_KEY': {
			const key = /^\s*(?:- )?([^:]+):/.exec(line)?.[1] ?? 'A key';
			return fault(`\`${key}\` stands twice in one place.`, 'Keep one of the two, or put their values together.');
		}
		case 'BLOCK_IN_FLOW':
			return commaMissing(fault);
		case 'BLOCK_AS_IMPLICIT_KEY':
			return notAKey(lines, at, fault);
		case 'MULTILINE_IMPLICIT_KEY':
			return keyWithoutColon(lines, at, fault);
		case 'BAD_INDENT': {
			const sign = /must be sufficiently indented and end with a ([}\]])/.exec(error.message)?.[1];
			return sign ? neverClosed(lines, at, sign, fault) : badIndent(lines, at, fault);
		}
		case 'MISSING_CHAR': {
			const quote = /Missing closing (["'])/.exec(error.message)?.[1];
			if (quote) return openQuote(lines, at, quote, fault);
			const sign = /([}\]])/.exec(error.message)?.[1];
			if (sign) return neverClosed(lines, at, sign, fault);
			if (/directives-end/.test(error.message))
				return fault('A line cannot begin with %.', 'Put the text between quotes.', Math.max(1, at - 1));
			return /Sequence item without/.test(error.message) ? badIndent(lines, at, fault) : commaMissing(fault);
		}
		case 'UNEXPECTED_TOKEN':
			if (/[:,{[]\s*\[[^\]]*\]\s*[^\s,}\]#]/.test(line)) {
				const pattern = /[:,{[]\s*(\[[^\]]*\][^,}]*)/.exec(line)?.[1]?.trim() ?? '[a-z]+';
				return fault(
					'A value that begins with [ is a list, and behind its ] more text follows.',
					`Put a text or pattern between quotes: ${quoted(pattern)}`,
				);
			}
			return /["']/.test(line)
				? fault('After the closing quote more text follows.', `Put the whole value between double quotes: ${quoted(valueOf(line))}`)
				: fault('Something here is too much.', 'Look for a sign that closes nothing, such as } or ], or for a - too many.');
		case 'BAD_SCALAR_START':
			return fault(
				`A value cannot begin with ${/character (\S)/.exec(error.message)?.[1] ?? 'this sign'}.`,
				`Put it between quotes: ${quoted(valueOf(line))}`,
			);
		case 'BAD_ALIAS':
			return fault(
				'A value that begins with * or & means something of its own in YAML.',
				`Put it between quotes: ${quoted(valueOf(line))}`,
			);
		case 'BAD_DQ_ESCAPE':
			return fault('Between double quotes a backslash begins a sign of its own.', 'Use single quotes, or write each \\ twice.');
		default:
			return fault(
				`This is not valid YAML: ${error.message.trim()}.`,
				'Check the indentation, the quotes and the colons of this line and the one before it.',
			);
	}
}

type Fault = (what: string, remedy: string, where?: number) => YamlFault;

const commaMissing = (fault: Fault): YamlFault =>
	fault(
		'Between { } or [ ] two entries are not parted by a comma.',
		'Write { fr: Un, en: One } or [a, b]; a text that holds a comma, a colon or a bracket goes between quotes.',
	);

/** A mapping where a value was expected: a colon within the text, or lines below that are indented too far. */
function notAKey(lines: readonly string[], at: number, fault: Fault): YamlFault {
	const line = lines[at - 1] ?? '';
	const value = valueOf(line);
	if (/:( |$)/.test(value)) return fault('The text has a colon of its own.', `Put it between quotes: ${keyOf(line)}: ${quoted(value)}`);
	return fault(
		`\`${keyOf(line)}\` has a value already, and the next line is indented below it.`,
		'Let the next line begin in the same column, or remove the value.',
		at + 1,
	);
}

function keyWithoutColon(lines: readonly string[], at: number, fault: Fault): YamlFault {
	const line = (lines[at - 1] ?? '').trim();
	const [, tight] = /^(?:- )?([\w-]+):\S/.exec(line) ?? [];
	if (tight) return fault(`After \`${tight}:\` a space is missing.`, `Write \`${line.replace(':', ': ')}\`.`);
	if (/[[{]/.test(line)) return commaMissing(fault);
	if (line.includes(':'))
		return fault(
			'This line is not understood.',
			'Write a key, a colon, a space and a value; a text that holds a colon goes between quotes.',
		);
	const [key = '', ...rest] = line.replace(/^- /, '').split(' ');
	return fault(`After \`${key}\` a colon is missing.`, `Write \`${[`${key}:`, ...rest].join(' ')}\`.`);
}

function badIndent(lines: readonly string[], at: number, fault: Fault): YamlFault {
	const line = isBlank(lines[at - 1]) ? lines.findLastIndex((one, index) => index < at && !isBlank(one)) + 1 : at;
	const mine = indentOf(lines[line - 1] ?? '');
	const before = lines.findLastIndex((one, index) => index < line - 1 && !isBlank(one));
	// An entry's text stands after its hyphen: its other keys begin in the same column.
	const column = (text: string) => indentOf(text) + (/^\s*- /.test(text) ? 2 : 0);
	const wanted = before < 0 ? 0 : column(lines[before] ?? '');
	const of = before < 0 ? '' : `; those of line ${before + 1} begin after ${spaces(wanted)}`;
	return fault(
		`This line is indented by ${spaces(mine)}, which fits no line above${of}.`,
		'Let everything that belongs together begin in the same column.',
		line,
	);
}

function neverClosed(lines: readonly string[], at: number, sign: string, fault: Fault): YamlFault {
	const opening = sign === '}' ? '{' : '[';
	let line = at;
	for (let index = Math.min(at, lines.length) - 1; index >= 0; index--) {
		const text = lines[index] ?? '';
		if (text.split(opening).length > text.split(sign).length) {
			line = index + 1;
			break;
		}
	}
	return fault(`The ${opening} of this line is never closed.`, `Write ${sign} at the end of its entries.`, line);
}

function openQuote(lines: readonly string[], at: number, quote: string, fault: Fault): YamlFault {
	const index = lines.findIndex((line) => valueOf(line).startsWith(quote) && line.split(quote).length % 2 === 0);
	return fault(
		`The quote ${quote} of this line is never closed.`,
		`Write ${quote} at the end of the text; a ${quote} within it is written ${quote === '"' ? '\\"' : "''"}.`,
		index < 0 ? at : index + 1,
	);
}

const keyOf = (line: string) => /^\s*(?:- )?([^:]+?)\s*:/.exec(line)?.[1] ?? 'key';
const valueOf = (line: string) => /^\s*(?:- )?[^:]+:\s*(.*?)\s*$/.exec(line)?.[1] ?? line.trim();
/** Between double quotes, without the quotes that it has around it now. */
const quoted = (value: string) => `"${value.replace(/^(['"])(.*)\1$/, '$2').replace(/["\\]/g, '\\$&')}"`;
