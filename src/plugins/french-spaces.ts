/** French puts a space before : ; ? ! and inside « »; in a browser it must not break, or a lone mark begins the next line. */

const wide = '\u00a0';
const narrow = '\u202f';

/** A line of prose, outside of code → the same with spaces that do not break. */
export function frenchSpaces(text: string): string {
	return text
		.replace(/« /g, `«${wide}`)
		.replace(/ »/g, `${wide}»`)
		.replace(/ ([;?!])(?=[\s*_)\]"<»]|$)/g, `${narrow}$1`)
		.replace(/ :(?=[\s*_)\]"<]|$)/g, `${wide}:`);
}
