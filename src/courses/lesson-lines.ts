/** A lesson's .mdx as lines of prose and blocks of code, told apart without compiling it. */

export interface CodeBlock {
	/** "bash" of ```bash run. */
	language: string;
	/** What follows it, as it stands: "run terminal=2", "output", … */
	meta: string;
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
	/** As it stands. */
	written: string;
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
			const block = { language, meta: meta.trim(), line: number, text: '', step, unclosed: sign };
			blocks.push(block);
			fence = { mark: sign, indent: indent.length, block, lines: [] };
		} else {
			const text = line.replace(/(`+)(?:(?!\1).)*\1/g, '');
			for (const [, closing, attributes] of text.matchAll(/<(\/?)Step\b([^>]*)>/g)) {
				step = closing ? undefined : /\bid="([^"]*)"/.exec(attributes ?? '')?.[1];
			}
			prose.push({ text, written: line, number });
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
