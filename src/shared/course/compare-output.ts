/** Holds what a command printed against what its author expects. Used by the page and by `prove`. */

/** text: line by line, however wide the blanks are, "…" standing for anything; regex: each line is a regular expression. */
export type Comparing = 'text' | 'regex';

export type Comparison =
	| { same: true }
	| {
			same: false;
			/** Of the expected text, from 1; one more than it has when something follows its end. */
			line: number;
			/** undefined: nothing more was expected. */
			expected: string | undefined;
			/** undefined: nothing more was printed. */
			actual: string | undefined;
	  };

/** Stands for anything within a line; alone on a line, for any lines, none included. */
const anything = '…';

/**
 * Blanks at the ends of lines, empty lines at both ends and the width of blanks do not count.
 * @returns where the two part: the first expected line that no way of filling the "…" gets past
 */
export function compareOutput(expected: string, actual: string, how: Comparing): Comparison {
	const wanted = linesOf(expected);
	const found = linesOf(actual);
	const tests = wanted.map((line) => matcher(line, how));
	// reached: the printed lines at which expected line i may begin.
	let reached = new Set([0]);
	for (const [index, matches] of tests.entries()) {
		const next = new Set<number>();
		for (const at of reached) {
			if (matches === undefined) for (let to = at; to <= found.length; to++) next.add(to);
			else if (at < found.length && matches(found[at] ?? '')) next.add(at + 1);
		}
		if (next.size === 0) {
			const at = Math.min(...reached);
			return { same: false, line: index + 1, expected: wanted[index], actual: found[at] };
		}
		reached = next;
	}
	if (reached.has(found.length)) return { same: true };
	const at = Math.max(...reached);
	return { same: false, line: wanted.length + 1, expected: undefined, actual: found[at] };
}

/** Lines of an expected text that are no regular expressions, from 1. */
export function badPatterns(expected: string): number[] {
	return expected.split('\n').flatMap((line, index) => {
		try {
			new RegExp(line.trim(), 'u');
			return [];
		} catch {
			return [index + 1];
		}
	});
}

function linesOf(text: string): string[] {
	const lines = text.split('\n').map((line) => line.replace(/[\s\u00a0]+/g, ' ').trim());
	const first = lines.findIndex((line) => line !== '');
	return first < 0 ? [] : lines.slice(first, lines.findLastIndex((line) => line !== '') + 1);
}

/** undefined: any lines. */
function matcher(line: string, how: Comparing): ((line: string) => boolean) | undefined {
	if (line === anything) return undefined;
	const pattern = how === 'regex' ? line : line.split(anything).map(escaped).join('.*');
	try {
		const whole = new RegExp(`^(?:${pattern})$`, 'u');
		return (found) => whole.test(found);
	} catch {
		// No regular expression, which `lint` tells its author: then it is a text.
		return (found) => found === line;
	}
}

const escaped = (text: string) => text.trim().replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
