/** Finds the steps in a lesson's .mdx without compiling it, so that the server, too, can hold both languages together. */
import type { z } from 'zod';
import { headSchema } from '../shared/course.ts';
import type { Problem } from './problem.ts';
import { parseYaml } from './yaml-file.ts';

export interface StepText {
	id: string;
	line: number;
	title: string | undefined;
	hints: number;
	solutions: number;
}

export interface LessonText {
	head: z.infer<typeof headSchema> | undefined;
	steps: StepText[];
	problems: Problem[];
}

/** @param file for the problems; @param text of fr.mdx or en.mdx */
export function readLessonText(file: string, text: string): LessonText {
	const front = /^---\r?\n([\s\S]*?)\r?\n---\r?(?:\n|$)/.exec(text);
	if (!front?.[1]) {
		const remedy = 'Begin the file with three lines: ---, title: …, description: …, and close with ---.';
		return { head: undefined, steps: [], problems: [{ file, line: 1, what: 'The head with the title is missing.', remedy }] };
	}
	const head = parseYaml(file, front[1], headSchema, 2);
	const bodyLine = front[0].split('\n').length;
	const { steps, problems } = readSteps(file, text.slice(front[0].length), bodyLine);
	return { head: head.value, steps, problems: [...head.problems, ...problems] };
}

function readSteps(file: string, body: string, firstLine: number): { steps: StepText[]; problems: Problem[] } {
	const steps: StepText[] = [];
	const problems: Problem[] = [];
	let open: StepText | undefined;
	for (const { line: text, number } of prose(file, body, firstLine, problems)) {
		for (const tag of text.matchAll(/<(\/?)(Step|Hint|Solution)\b([^>]*)>/g)) {
			const [, closing, name, attributes] = tag;
			if (name === 'Step' && closing) {
				if (!open)
					problems.push({ file, line: number, what: '</Step> closes nothing.', remedy: 'Remove it, or open the step with <Step id="…">.' });
				open = undefined;
			} else if (name === 'Step') {
				const id = /\bid="([^"]*)"/.exec(attributes ?? '')?.[1];
				if (open) {
					const what = `This <Step> stands inside the step "${open.id}" of line ${open.line}.`;
					problems.push({ file, line: number, what, remedy: 'Close the step before with </Step>.' });
				}
				if (!id) {
					problems.push({ file, line: number, what: 'This <Step> has no id.', remedy: 'Write <Step id="…"> with an id of lesson.yaml.' });
				}
				open = { id: id ?? '', line: number, title: undefined, hints: 0, solutions: 0 };
				if (id) steps.push(open);
			} else if (!closing) {
				if (!open) {
					problems.push({
						file,
						line: number,
						what: `<${name}> stands outside of any step.`,
						remedy: 'Move it into the <Step> that it belongs to.',
					});
				} else if (name === 'Hint') open.hints++;
				else open.solutions++;
			}
		}
		const heading = /^##\s+(.+?)\s*$/.exec(text);
		if (heading && open) open.title ??= heading[1];
	}
	if (open) {
		problems.push({
			file,
			line: open.line,
			what: `The step "${open.id}" is never closed.`,
			remedy: 'Write </Step> on a line of its own at its end.',
		});
	}
	return { steps, problems };
}

/** The lines that are neither in a code block nor inline code; looks at the fences on the way. */
function* prose(file: string, body: string, firstLine: number, problems: Problem[]): Generator<{ line: string; number: number }> {
	let fence: { mark: string; line: number } | undefined;
	for (const [index, line] of body.split('\n').entries()) {
		const number = firstLine + index;
		const mark = /^\s*(`{3,}|~{3,})\s*(\S*)(.*)$/.exec(line);
		if (fence) {
			if (mark?.[1]?.startsWith(fence.mark) && !mark[2]) fence = undefined;
		} else if (mark?.[1]) {
			fence = { mark: mark[1], line: number };
			if (/\brun\b/.test(mark[3] ?? '') && !['bash', 'sh'].includes(mark[2] ?? '')) {
				const what = `A block of "${mark[2]}" cannot be run: only shell commands can.`;
				problems.push({ file, line: number, what, remedy: 'Write ```bash run, or leave "run" out.' });
			}
		} else {
			yield { line: line.replace(/(`+)(?:(?!\1).)*\1/g, ''), number };
		}
	}
	if (fence)
		problems.push({
			file,
			line: fence.line,
			what: 'This code block is never closed.',
			remedy: `Close it with ${fence.mark} on a line of its own.`,
		});
}
