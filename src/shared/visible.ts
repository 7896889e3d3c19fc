/**
 * Text from outside (names that learners give, texts of courses, what programs say) where it is shown: a terminal must not obey it, and it must
 * not read otherwise than it is.
 */

/** C0, DEL and C1, of which a terminal makes commands; marks that turn the direction of writing; line ends of Unicode's own. */
const unseen = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Spelt out as JSON does: a line of JSON means the same afterwards. */
const spelt = (one: string): string => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;

const lineEnds = ['\r\n', '\n'];
const unseenOrLineEnd = new RegExp(`\\r\\n|${unseen.source}`, 'gu');

/** @returns the text with what cannot be seen spelt out, such as "\u009b"; line ends ("\n" and "\r\n") and tabs stay */
export const visible = (text: string): string =>
	text.replace(unseenOrLineEnd, (one) => (lineEnds.includes(one) || one === '\t' ? one : spelt(one)));

/** The same, as one line: line ends and tabs are spelt out too. */
export const visibleLine = (text: string): string => text.replace(unseen, spelt);
