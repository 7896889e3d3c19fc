/** Titles as Markdown → as text: for lists of steps, the sidebar, the search, and for people who listen. */

/** What stands in code is kept as it is; everything else loses its marks: emphasis, strokes, links and pictures, tags, backslashes. */
export function headingText(markdown: string): string {
	return markdown
		.replace(/^#{1,6}\s+|\s+#+\s*$/g, '')
		.split(/(`+)((?:(?!\1).)+)\1(?!`)/)
		.map((part, index) => {
			if (index % 3 === 0) return proseText(part);
			// The capturing of the marks themselves, and the code between them.
			return index % 3 === 1 ? '' : part.replace(/^ (.*) $/, '$1');
		})
		.join('')
		.trim();
}

// Signs that were written with a backslash are put aside, in Unicode's private use area, while marks are looked for.
const aside = 0xe100;

function proseText(text: string): string {
	return text
		.replace(/\\([!-/:-@[-`{-~])/g, (_, sign: string) => String.fromCharCode(aside + sign.charCodeAt(0)))
		.replace(/\{\/\*.*?\*\/\}/g, '')
		.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
		.replace(/<\/?[A-Za-z][^>]*>/g, '')
		.replace(/(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1/g, '$2')
		.replace(/\*(?=\S)(.+?)(?<=\S)\*/g, '$1')
		.replace(/(?<![\p{L}\p{N}])_(?=\S)(.+?)(?<=\S)_(?![\p{L}\p{N}])/gu, '$1')
		.replace(/[\ue100-\ue17f]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - aside));
}
