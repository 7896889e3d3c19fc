/** Where `compare` saves what it found, and the site's build looks for it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { comparisonSchema } from '../../src/shared/comparison/comparison.ts';

/** JSON; the Markdown stands beside it. */
export function comparisonFile(data: string): string {
	return join(data, 'comparison', 'comparison.json');
}

/** @returns its text; undefined where there is none, or where it is of another version and no page can be made of it */
export function readComparison(data: string): string | undefined {
	const path = comparisonFile(data);
	if (!existsSync(path)) return undefined;
	const text = readFileSync(path, 'utf8');
	try {
		return comparisonSchema.safeParse(JSON.parse(text)).success ? text : undefined;
	} catch {
		// Half a file, or none of ours.
		return undefined;
	}
}
