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
