/** Signs within a line of a lesson: what is code there, and what MDX would take for a program, a tag or a module. Pure. */
import { longest } from './code.ts';

/** A picture or link whose label holds code: [`data` file](./data.txt). */
export const linkWithCode = /(!?)\[((?:[^[\]`\n]|`[^`\n]*`)*`(?:[^[\]\n]|\[[^[\]\n]*\])*)\]\(\s*<?([^)\s>]+)>?(?:\s+["'][^)]*["'])?\s*\)/g;

/**
 * Code within a line. The scenario's author is a stranger, and braces outside of code are a program that is run when the site is built: so
 * nothing in it may end it early, nor a table's column.
 */
export function quoted(code: string): string {
	const text = code.replace(/\s+/g, ' ');
	if (/[{}<]/.test(text) && text.includes('|')) return `<code>${text.replace(/[^\w ]/gu, (sign) => `&#${sign.codePointAt(0)};`)}</code>`;
	const ticks = longest(text, /`+/g);
	return ticks === 0 ? `\`${text}\`` : `${'`'.repeat(ticks + 1)} ${text} ${'`'.repeat(ticks + 1)}`;
}

/** Code after what stands before it: no backslash takes its first sign away, and no other code's last one becomes a part of it. */
export const behind = (before: string, code: string): string =>
	`${before.replace(/\\+$/, (signs) => '&#92;'.repeat(signs.length))}${before.endsWith('`') ? ' ' : ''}${code}`;

/** Web addresses of Killercoda and Katacoda → the same port here. */
export const traffic = (text: string): string =>
	text
		.replace(/\{\{TRAFFIC_HOST\d?_(\d+)\}\}/g, 'http://localhost:$1')
		.replace(/\{\{TRAFFIC_SELECTOR\}\}/g, 'http://localhost')
		.replace(/https?:\/\/\[\[HOST_SUBDOMAIN\]\]-(\d+)-\[\[KATACODA_HOST\]\]\.environments\.katacoda\.com/g, 'http://localhost:$1')
		.replace(/https?:\/\/\[\[HOST\d?_SUBDOMAIN\]\]-(\d+)-\[\[KATACODA_(?:HOST|DOMAIN)\]\][\w.]*/g, 'http://localhost:$1')
		.replace(/\[\[HOST\d?_IP\]\]/g, 'localhost');

/** Signs that MDX would take for a program, a tag or a module. `<br />` and <kbd> are meant. */
export const escaped = (text: string): string =>
	text
		// One that is escaped already stays so; an even number of backslashes escapes only each other.
		.replace(/(\\*)([{}])/g, (all, before: string, sign: string) => (before.length % 2 ? all : `${before}\\${sign}`))
		// Code has been taken out: these are no code's, and must not become it.
		.replace(/`/g, '&#96;')
		.replace(/\\?<(?!br \/>|\/?(?:kbd|sub|sup)>)/g, '&lt;')
		.replace(/^(\s*)(import|export)\b/gm, (_, space: string, word: string) => `${space}&#${word.charCodeAt(0)};${word.slice(1)}`)
		.replace(/^(\s*):::/gm, '$1\\:::')
		// What is no link, reference or bold text there is shown as it stands, and lint is to know that it is meant so.
		.replace(/(?<!\\)\[([^\]\n]+)\](?=\[[^\]\n]*\]|\([^()\n]*\s[^()\n]*\))/g, '\\[$1]')
		.replace(/(?<=[^\s*][^\n]*)(?<!\*)\*{4,}/g, (stars) => '\\*'.repeat(stars.length));

/** Inline code and the text between, in order. */
export function splitCode(text: string): { code: boolean; text: string }[] {
	const found: { code: boolean; text: string }[] = [];
	let at = 0;
	for (const match of text.matchAll(/(?<!`)(`+)(?!`)((?:(?!\n[ \t]*\n)[\s\S])*?[^`])\1(?!`)/g)) {
		if (match.index > at) found.push({ code: false, text: text.slice(at, match.index) });
		found.push({ code: true, text: match[0] });
		at = match.index + match[0].length;
	}
	if (at < text.length) found.push({ code: false, text: text.slice(at) });
	return found;
}
