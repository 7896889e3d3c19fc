/** What the compiler of lessons says when it does not understand a text → plain words. */

export interface MdxFault {
	/** Where it shows, and where it began. */
	lines: number[];
	what: string;
	remedy: string;
}

/** @param message the compiler's own; @param lines of the text */
export function explainMdx(message: string, lines: readonly string[]): MdxFault {
	const at = Number(/^(\d+):/.exec(message)?.[1] ?? 1);
	const line = lines[at - 1] ?? '';
	const fault = (what: string, remedy: string, ...more: number[]): MdxFault => ({ lines: [...more, at], what, remedy });
	const crossed = /Unexpected closing tag `<\/([^`]*)>`, expected corresponding closing tag for `<([^`]*)>` \((\d+):/.exec(message);
	if (crossed) {
		const [, closing, open, from] = crossed;
		return fault(`</${closing}> comes while the <${open}> of line ${from} is still open.`, `Write </${open}> before it.`, Number(from));
	}
	const open = /Expected a closing tag for `<([^`]*)>` \((\d+):\d+\)(?: before the end of `(\w+)`)?/.exec(message);
	if (open) {
		const [, name = '', from, where] = open;
		if (/^(br|hr|img|input|wbr)$/.test(name))
			return fault(`<${name}> is not closed.`, `Write <${name} … />, with a slash at its end.`, Number(from));
		const inside = where && where !== 'root' ? ` before the end of the ${placeNames[where] ?? 'part'} it began in` : '';
		const remedy = `Write </${name}>${inside ? `, or put <${name}> and </${name}> on lines of their own, each at the margin, with an empty line between tag and text` : ' at its end'}.`;
		return fault(`<${name}> is not closed${inside}.`, remedy, Number(from));
	}
	const stray = /Unexpected closing tag `<\/([^`]*)>`/.exec(message)?.[1];
	if (stray) return fault(`</${stray}> closes nothing.`, `Remove it, or open it with <${stray}>.`);
	if (/<!--/.test(line)) return fault('A remark between <!-- and --> is not understood here.', 'Write {/* … */}.');
	if (/<[a-z][a-z0-9+.-]*:\/\//i.test(line)) return fault('An address between < and > is not understood here.', 'Write [text](https://…).');
	if (/Unexpected character after `<`/.test(message)) {
		const tag = /<[A-Za-z][^<]*/.exec(line)?.[0];
		if (tag)
			return fault(
				`This tag is not understood: ${brief(tag)}`,
				'Its attributes are written name="value", with both quotes; it ends with >.',
			);
	}
	if (/before name|Unexpected character/.test(message) && line.includes('<'))
		return fault('A bare < is taken for the beginning of a tag.', 'Put it between backticks, or write \\<.');
	if (/Unexpected end of file in expression/.test(message))
		return fault(
			'The { of this line is never closed.',
			'Write } at its end; a { that is only a sign is written \\{, or between backticks.',
		);
	if (/esm/.test(message))
		return fault(
			'A line that begins with "import" or "export" is taken for a program.',
			'Begin it with another word, or put it between backticks.',
		);
	if (/expression/.test(message))
		return fault('What stands between { and } is taken for a program, and is none.', 'Put it between backticks, or write \\{ and \\}.');
	return fault(`The text is not understood: ${message.replace(/^\d+:\d+: |\s*\([\w:-]+\)$/g, '')}.`, 'Compare with docs/author/format.md.');
}

const placeNames: Record<string, string> = {
	paragraph: 'paragraph',
	listItem: 'list item',
	blockquote: 'quotation',
	tableCell: 'cell',
	heading: 'heading',
};
const brief = (text: string) => (text.length > 60 ? `${text.slice(0, 59)}…` : text.trim());
