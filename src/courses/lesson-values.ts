/** Values of parameters and of the operator's cluster in a lesson's texts: names that exist, and places where a value can stand. */

import { clusterValueNames, isClusterValue } from '../shared/course/cluster-profile.ts';
import { valuePattern } from '../shared/course/parameters.ts';
import { nearest } from '../shared/nearest.ts';
import { readLines, splitHead } from './lesson-lines.ts';
import type { Problem } from './problem.ts';

const heading = /^#{1,6}\s/;

/** @param file for the problems; @param text of fr.mdx or en.mdx; @param parameters names of those of the lesson and its course */
export function valueProblems(file: string, text: string, parameters: readonly string[]): Problem[] {
	const known = [...parameters, ...clusterValueNames];
	const parts = splitHead(text);
	if (!parts) return [];
	const { prose, blocks } = readLines(parts.body, parts.bodyLine);
	const written = text.split('\n');
	const problems: Problem[] = [];
	const unknown = (line: number, name: string, remedy?: string) => {
		if (isClusterValue(name)) return void problems.push({ file, line, ...unknownOfCluster(name) });
		const meant = nearest(name, known);
		if (!meant && !remedy) return; // In code, it may be a template of another program.
		problems.push({
			file,
			line,
			what: `There is no parameter "${name}".`,
			remedy: meant ? `Write {{${meant}}}.` : (remedy ?? ''),
		});
	};
	for (const { text: line, number } of prose) {
		// Inline code has been taken out of `line`.
		const whole = written[number - 1] ?? '';
		const inText = namesOf(line);
		for (const name of inText)
			if (!known.includes(name)) unknown(number, name, 'Add it to `parameters` in lesson.yaml, or put it between backticks.');
		for (const name of namesOf(whole)) if (!inText.includes(name) && !known.includes(name)) unknown(number, name);
		const linked = /\]\([^)]*\{\{\s*(cluster\.[\w.-]*)/.exec(line)?.[1];
		if (linked !== undefined)
			problems.push({
				file,
				line: number,
				what: `A link cannot lead to the value {{${linked}}}.`,
				remedy: `Write {{${linked}}} alone: an address becomes a link by itself.`,
			});
		const used = namesOf(whole).find((name) => known.includes(name));
		if (used === undefined) continue;
		if (heading.test(line))
			problems.push({
				file,
				line: number,
				what: `A heading cannot hold the value {{${used}}}.`,
				remedy: 'It stands in lists of steps, too: put the value into the text below.',
			});
		else if (namesOf([...whole.matchAll(/<\w[^>]*>/g)].join()).some((name) => known.includes(name)))
			problems.push({
				file,
				line: number,
				what: `An attribute of a tag cannot hold the value {{${used}}}.`,
				remedy: 'Put it into the text between the tags.',
			});
	}
	for (const block of blocks) {
		for (const [index, line] of block.text.split('\n').entries())
			for (const name of namesOf(line)) if (!known.includes(name)) unknown(block.line + 1 + index, name);
	}
	return problems;
}

/** @param name "cluster.partitoin" */
export function unknownOfCluster(name: string): { what: string; remedy: string } {
	const meant = nearest(name, clusterValueNames);
	const remedy = meant ? `Write {{${meant}}}.` : `There are: ${clusterValueNames.join(', ')}.`;
	return { what: `A cluster profile has no name "${name}".`, remedy };
}

const namesOf = (line: string): string[] => [...line.matchAll(valuePattern)].map(([, name = '']) => name);
