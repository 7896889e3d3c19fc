/** What was probably meant by a word that is not known. Imports nothing: the command line needs it before npm's packages are there. */

/** The known word with the fewest differing letters, if they are few enough to be a slip. */
export function nearest(word: string, known: readonly string[]): string | undefined {
	let best: { word: string; distance: number } | undefined;
	for (const candidate of known) {
		const d = candidate.startsWith(word) && word.replace(/^-+/, '').length > 1 ? 0.5 : distance(word, candidate);
		if (d <= Math.max(1, Math.floor(candidate.length / 3)) && (!best || d < best.distance)) best = { word: candidate, distance: d };
	}
	return best?.word;
}

/** Letters to insert, delete, replace or swap with their neighbour. */
function distance(a: string, b: string): number {
	const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
	const at = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
	for (let i = 1; i <= a.length; i++) {
		rows[i] = [i];
		for (let j = 1; j <= b.length; j++) {
			const cost = a[i - 1] === b[j - 1] ? 0 : 1;
			const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
			(rows[i] as number[])[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + cost, swapped);
		}
	}
	return at(a.length, b.length);
}
