/** HTML in a scenario's Markdown → Markdown: MDX reads every tag as a component. What has no meaning here goes, its text stays. */

/** Tags that MDX takes as they are, inside one line of text. */
const kept = /^(kbd|sub|sup)$/;
const inlineMarks: Record<string, string> = { b: '**', strong: '**', i: '*', em: '*', del: '~~', s: '~~' };
/** Tags that are HTML's: every other one is a word in angle brackets, such as <your-name>. */
const known =
	/^(a|abbr|article|aside|b|big|blockquote|body|br|button|caption|center|cite|code|col|colgroup|dd|del|details|div|dl|dt|em|embed|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|label|li|link|main|mark|meta|nav|object|ol|option|p|param|pre|q|s|samp|script|section|select|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|textarea|tfoot|th|thead|title|tr|tt|u|ul|var|video)$/;

/** @param attributes those of a tag, as written. @returns the value of one, undecoded; undefined: it is not there */
export const attribute = (attributes: string, name: string): string | undefined => {
	const [, double, single, bare] = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(attributes) ?? [];
	return double ?? single ?? bare;
};

/** &lt; and the like, in what becomes code. */
export const decoded = (text: string): string =>
	text
		.replace(/&lt;/g, '<')
		.replace(/&gt;/g, '>')
		.replace(/&quot;/g, '"')
		.replace(/&#39;|&apos;/g, "'")
		.replace(/&nbsp;/g, ' ')
		.replace(/&amp;/g, '&');

/** @param text outside of code; @returns Markdown in which every `<` that is left is meant as such, but those of `<kbd>` and `<br />` */
export function withoutHtml(text: string): string {
	return text
		.replace(/<!--[\s\S]*?(?:-->|$)/g, '')
		.replace(/<!doctype[^>]*>/gi, '')
		.replace(/<(script|style|svg)\b[^>]*>[\s\S]*?(?:<\/\1\s*>|$)/gi, '')
		.replace(/<((?:https?|ftp|mailto):[^\s<>]+)>/g, (_, address: string) => `[${address.replace(/^mailto:/, '')}](${address})`)
		.replace(/<a\b([^>]*)>([\s\S]*?)<\/a\s*>/gi, (_, attributes: string, label: string) => {
			const target = attribute(attributes, 'href');
			return target ? `[${label.replace(/\s+/g, ' ').trim()}](${target.trim().replace(/\s/g, '%20')})` : label;
		})
		.replace(/<table\b[^>]*>([\s\S]*?)<\/table\s*>/gi, (_, inner: string) => tableText(inner))
		.replace(/<code\b[^>]*>([^<`\n]*)<\/code\s*>/gi, (_, code: string) => (code.trim() ? `\`${decoded(code)}\`` : ''))
		.replace(/<(\/?)([a-zA-Z][a-zA-Z0-9]*)\b([^<>]*)>/g, (tag, closing: string, name: string, attributes: string) =>
			tagText(tag, Boolean(closing), name.toLowerCase(), attributes),
		);
}

/** Rows of a table of HTML as one of Markdown; its first row is the head. */
function tableText(inner: string): string {
	const rows = inner.split(/<tr\b[^>]*>/i).slice(1);
	const cells = rows.map((row) =>
		row
			.split(/<t[dh]\b[^>]*>/i)
			.slice(1)
			.map((cell) =>
				cell
					.replace(/<\/(?:t[dhr]|thead|tbody|tfoot)\s*>/gi, '')
					.replace(/<\/?(?:thead|tbody|tfoot|p|br)\b[^>]*>/gi, ' ')
					.replace(/\s+/g, ' ')
					.replaceAll('|', '\\|')
					.trim(),
			),
	);
	const columns = Math.max(0, ...cells.map(({ length }) => length));
	if (columns === 0) return '\n\n';
	const line = (row: readonly string[]) => `| ${Array.from({ length: columns }, (_, at) => row[at] ?? '').join(' | ')} |`;
	const [head = [], ...body] = cells;
	return `\n\n${[line(head), line(Array.from({ length: columns }, () => '---')), ...body.map(line)].join('\n')}\n\n`;
}

function tagText(tag: string, closing: boolean, name: string, attributes: string): string {
	if (!known.test(name)) return tag;
	if (kept.test(name)) return closing ? `</${name}>` : `<${name}>`;
	const mark = inlineMarks[name];
	if (mark) return mark;
	if (/^h[1-6]$/.test(name)) return closing ? '\n\n' : `\n\n${'#'.repeat(Number(name[1]))} `;
	switch (name) {
		case 'br':
			return '<br />';
		case 'hr':
			return '\n\n---\n\n';
		case 'img': {
			const source = attribute(attributes, 'src');
			return source ? `![${attribute(attributes, 'alt') ?? ''}](${source.trim().replace(/\s/g, '%20')})` : '';
		}
		case 'iframe':
		case 'video':
		case 'embed':
		case 'source': {
			const source = closing ? undefined : attribute(attributes, 'src');
			return source ? ` [${source}](${source.replace(/^\/\//, 'https://')}) ` : '';
		}
		case 'li':
			return closing ? '' : '\n- ';
		case 'p':
		case 'ul':
		case 'ol':
		case 'table':
		case 'blockquote':
			return '\n\n';
		case 'tr':
		case 'dt':
			return closing ? '' : '\n\n';
		case 'td':
		case 'th':
		case 'dd':
			return closing ? ' ' : '';
		default:
			return '';
	}
}
