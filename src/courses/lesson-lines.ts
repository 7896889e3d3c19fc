/** A lesson's .mdx as lines of prose and blocks of code, told apart without compiling it. */

export interface CodeBlock {
	/** "bash" of ```bash run. */
	language: string;
	/** What follows it: "run", "output", … */
	words: string[];
	/** Of the opening fence, from 1. */
	line: number;
	/** Without the fences, and without their indentation. */
	text: string;
	/** Id of the <Step> that it stands in. */
	step: string | undefined;
	/** The fence, when it is never closed. */
	unclosed: string | undefined;
}

export interface ProseLine {
	/** Inline code is taken out. */
	text: string;
	/** From 1. */
	number: number;
}

export interface LessonLines {
	prose: ProseLine[];
	blocks: CodeBlock[];
}

/** @param body text after the head; @param firstLine number of its first line in the file */
export function readLines(body: string, firstLine = 1): LessonLines {
	const prose: ProseLine[] = [];
	const blocks: CodeBlock[] = [];
	let fence: { mark: string; indent: number; block: CodeBlock; lines: string[] } | undefined;
	let step: string | undefined;
	for (const [index, line] of body.replace(/\r\n/g, '\n').split('\n').entries()) {
		const number = firstLine + index;
		const mark = /^(\s*)(`{3,}|~{3,})\s*(\S*)(.*)$/.exec(line);
		if (fence) {
			if (mark?.[2]?.startsWith(fence.mark) && !mark[3]) {
				fence.block.text = fence.lines.join('\n');
				fence.block.unclosed = undefined;
				fence = undefined;
			} else fence.lines.push(line.slice(Math.min(fence.indent, line.length - line.trimStart().length)));
		} else if (mark?.[2]) {
			const [, indent = '', sign, language = '', meta = ''] = mark;
			const block = { language, words: meta.split(/\s+/).filter(Boolean), line: number, text: '', step, unclosed: sign };
			blocks.push(block);
			fence = { mark: sign, indent: indent.length, block, lines: [] };
		} else {
			const text = line.replace(/(`+)(?:(?!\1).)*\1/g, '');
			for (const [, closing, attributes] of text.matchAll(/<(\/?)Step\b([^>]*)>/g)) {
				step = closing ? undefined : /\bid="([^"]*)"/.exec(attributes ?? '')?.[1];
			}
			prose.push({ text, number });
		}
	}
	if (fence) fence.block.text = fence.lines.join('\n');
	return { prose, blocks };
}

/** The head of a lesson's text and where its body begins; undefined when there is no head. */
export function splitHead(text: string): { head: string; body: string; bodyLine: number } | undefined {
	const front = /^---\r?\n([\s\S]*?)\r?\n---\r?(?:\n|$)/.exec(text);
	if (!front?.[1]) return undefined;
	return { head: front[1], body: text.slice(front[0].length), bodyLine: front[0].split('\n').length };
}

/** Is it typed into the terminal by its button? */
export const isRunBlock = (block: CodeBlock): boolean => block.words.includes('run');

/**
 * The blocks of each step that have a run button, in order.
 * @param text of fr.mdx or en.mdx
 * @returns by step id; steps without such a block are not in it
 */
export function runBlocksOf(text: string): Map<string, CodeBlock[]> {
	const parts = splitHead(text);
	const found = new Map<string, CodeBlock[]>();
	for (const block of parts ? readLines(parts.body, parts.bodyLine).blocks : []) {
		if (block.step === undefined || !isRunBlock(block)) continue;
		found.set(block.step, [...(found.get(block.step) ?? []), block]);
	}
	return found;
}
