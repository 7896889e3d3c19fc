/** Finds the steps in a lesson's .mdx without compiling it, so that the server, too, can hold both languages together. */
import type { z } from 'zod';
import { headSchema } from '../shared/course.ts';
import { type CodeBlock, isRunBlock, type ProseLine, readLines, splitHead } from './lesson-lines.ts';
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
	const parts = splitHead(text);
	if (!parts) {
		const remedy = 'Begin the file with three lines: ---, title: …, description: …, and close with ---.';
		return { head: undefined, steps: [], problems: [{ file, line: 1, what: 'The head with the title is missing.', remedy }] };
	}
	const head = parseYaml(file, parts.head, headSchema, 2);
	const lines = readLines(parts.body, parts.bodyLine);
	const { steps, problems } = readSteps(file, lines.prose);
	problems.push(...lines.blocks.flatMap((block) => blockProblems(file, block)));
	return { head: head.value, steps, problems: [...head.problems, ...problems] };
}

function blockProblems(file: string, block: CodeBlock): Problem[] {
	const { line, language, unclosed } = block;
	const problems: Problem[] = [];
	if (isRunBlock(block) && !['bash', 'sh'].includes(language)) {
		const what = `A block of "${language}" cannot be run: only shell commands can.`;
		problems.push({ file, line, what, remedy: 'Write ```bash run, or leave "run" out.' });
	}
	if (unclosed) {
		problems.push({ file, line, what: 'This code block is never closed.', remedy: `Close it with ${unclosed} on a line of its own.` });
	}
	return problems;
}

function readSteps(file: string, prose: readonly ProseLine[]): { steps: StepText[]; problems: Problem[] } {
	const steps: StepText[] = [];
	const problems: Problem[] = [];
	let open: StepText | undefined;
	for (const { text, number } of prose) {
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
