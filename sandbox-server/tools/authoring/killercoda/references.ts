/** Pictures and links by reference. */

const definition = /^ {0,3}\[([^\]\n]+)\]:[ \t]*<?([^\s>]+)>?(?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'|\([^)\n]*\)))?[ \t]*$/;

/** Pictures and links by reference, ![x][ref] with [ref]: ./x.png elsewhere, as those in one piece; outside of code. */
export function withoutReferences(markdown: string): string {
	const names = new Map<string, string>();
	const key = (name: string) => name.trim().replace(/\s+/g, ' ').toLowerCase();
	const lines = markdown.split('\n');
	const prose = proseLines(lines);
	for (const [at, line] of lines.entries()) {
		const [, name, target] = prose[at] ? (definition.exec(line) ?? []) : [];
		// A footnote's text is no address.
		if (name && target && !name.startsWith('^') && !names.has(key(name))) names.set(key(name), target);
	}
	if (names.size === 0) return markdown;
	const label = String.raw`((?:[^[\]\n]|\[[^[\]\n]*\])*)`;
	const reference = new RegExp(String.raw`(!?)\[${label}\](?:\[([^\]\n]*)\])?(?![(:[])`, 'g');
	return lines
		.filter((line, at) => !(prose[at] && names.has(key(definition.exec(line)?.[1] ?? ''))))
		.join('\n')
		.split(/(^[ \t]*(?:`{3,}|~{3,})[\s\S]*?^[ \t]*(?:`{3,}|~{3,})[^\n]*$)/m)
		.map((part, at) =>
			at % 2
				? part
				: part.replace(reference, (all, sign: string, text: string, name: string | undefined) => {
						const target = names.get(key(name || text));
						return target === undefined ? all : `${sign}[${text}](${target})`;
					}),
		)
		.join('');
}

/** Which lines stand outside of fences. */
function proseLines(lines: readonly string[]): boolean[] {
	let fence: string | undefined;
	return lines.map((line) => {
		const mark = /^[ \t]*(`{3,}|~{3,})/.exec(line)?.[1];
		if (fence === undefined) {
			fence = mark;
			return mark === undefined;
		}
		if (mark?.startsWith(fence)) fence = undefined;
		return false;
	});
}
