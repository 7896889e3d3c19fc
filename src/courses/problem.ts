/** A mistake in a course, in words: what, where, and what to write instead. */
export interface Problem {
	/** Relative to the courses folder. */
	file: string;
	/** undefined: an error; the course cannot be used before it is mended. */
	severity?: 'warning' | undefined;
	/** From 1, where it is known. */
	line?: number | undefined;
	/** What is wrong, with what was expected and what stands there. */
	what: string;
	/** What to do about it. */
	remedy: string;
}

/** By place. */
export const sortProblems = (problems: readonly Problem[]): Problem[] =>
	[...problems].sort((a, b) => a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0));

/** All problems as text for a terminal, sorted by place. */
export function formatProblems(problems: readonly Problem[]): string {
	const place = (p: Problem) => (p.line ? `${p.file}:${p.line}` : p.file);
	return sortProblems(problems)
		.map((p) => `${place(p)}\n  ${p.severity === 'warning' ? 'Warning: ' : ''}${p.what}\n  → ${p.remedy}`)
		.join('\n');
}

/** The one of `known` that `word` was probably meant to be: at most two letters off. */
export function nearest(word: string, known: readonly string[]): string | undefined {
	const [best] = known.map((candidate) => ({ candidate, distance: editDistance(word, candidate) })).sort((a, b) => a.distance - b.distance);
	return best && best.distance <= 2 ? best.candidate : undefined;
}

function editDistance(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_, i) => i);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
			next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
		}
		row = next;
	}
	return row[b.length] ?? 0;
}
