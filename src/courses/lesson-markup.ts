/** Tags and asides that are not closed, and signs that are taken for something else: all of them at once, where the compiler tells the first. */
import { valuePattern } from '../shared/course/parameters.ts';
import { type ProseLine, readLines, splitHead } from './lesson-lines.ts';
import type { Problem } from './problem.ts';

/** Tags that must be closed, besides Step, which lesson-text.ts looks at. */
const paired = ['Hint', 'Solution', 'Quiz', 'Choice', 'Why', 'Output', 'Cast'];

/** @param file for the problems; @param text of fr.mdx or en.mdx */
export function markupProblems(file: string, text: string): Problem[] {
	const parts = splitHead(text);
	if (!parts) return [];
	const { prose } = readLines(parts.body, parts.bodyLine);
	return [...tagProblems(file, prose), ...openAsides(file, prose), ...signProblems(file, prose)];
}

function tagProblems(file: string, prose: readonly ProseLine[]): Problem[] {
	const problems: Problem[] = [];
	const open: { name: string; line: number }[] = [];
	for (const { text, number } of prose) {
		for (const [, closing, name = '', selfClosing] of text.matchAll(/<(\/?)([A-Z]\w*)\b[^>]*?(\/?)>/g)) {
			if (!paired.includes(name) || selfClosing) continue;
			if (!closing) open.push({ name, line: number });
			else if (open.at(-1)?.name === name) open.pop();
			else problems.push({ file, line: number, what: `</${name}> closes nothing.`, remedy: `Remove it, or open it with <${name}>.` });
		}
	}
	for (const { name, line } of open) {
		problems.push({ file, line, what: `<${name}> is never closed.`, remedy: `Write </${name}> at its end.` });
	}
	return problems;
}

/** An aside that is not closed takes the rest of its step with it. */
function openAsides(file: string, prose: readonly ProseLine[]): Problem[] {
	const problems: Problem[] = [];
	let open: { name: string; line: number }[] = [];
	const close = () => {
		for (const { name, line } of open) {
			const what = `The aside :::${name} is never closed.`;
			problems.push({ file, line, what, remedy: 'Write ::: on a line of its own at its end, before the tag around it is closed.' });
		}
		open = [];
	};
	for (const { text, number } of prose) {
		const name = /^\s*:{3,}\s*([a-z][\w-]*)/i.exec(text)?.[1];
		if (name) open.push({ name, line: number });
		else if (/^\s*:{3,}\s*$/.test(text)) open.pop();
		else if (/^\s*<\/?(?:Step|Hint|Solution|Quiz)\b/.test(text)) close();
	}
	close();
	return problems;
}

/** MDX reads them as the beginning of a program or of a tag. {/* remarks *\/} and tags' values are meant so. */
function signProblems(file: string, prose: readonly ProseLine[]): Problem[] {
	return prose.flatMap(({ text, number }): Problem[] => {
		const sign = /(?<![=\\]){(?!\/\*)|(?<!\\)<(?=[\s\d=!]|$)/.exec(text.replace(valuePattern, ''))?.[0];
		if (!sign) return [];
		const remedy = `Put it between backticks, or write \\${sign}; a remark is {/* … */}.`;
		return [{ file, line: number, what: `A bare ${sign} has a meaning of its own in these texts.`, remedy }];
	});
}
