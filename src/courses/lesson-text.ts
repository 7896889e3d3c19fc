/** Finds the steps in a lesson's .mdx without compiling it, so that the server, too, can hold both languages together. */
import type { z } from 'zod';
import { badPatterns } from '../shared/course/compare-output.ts';
import { headSchema } from '../shared/course/course.ts';
import { headingText } from './heading-text.ts';
import { type LessonBlock, languageOfText, readBlock } from './lesson-blocks.ts';
import { type ProseLine, readLines, splitHead } from './lesson-lines.ts';
import type { Problem } from './problem.ts';
import { type QuizText, quizFaults, readQuizzes } from './quizzes.ts';
import { parseYaml } from './yaml-file.ts';

export interface StepText {
	id: string;
	line: number;
	/** Without its marks, as a person reads it. */
	title: string | undefined;
	hints: number;
	solutions: number;
}

export interface LessonText {
	/** As the author wrote it. */
	written: string;
	head: z.infer<typeof headSchema> | undefined;
	steps: StepText[];
	quizzes: QuizText[];
	problems: Problem[];
}

/** @param file for the problems; @param text of fr.mdx or en.mdx; @param folder of the lesson, for blocks in files of their own */
export function readLessonText(file: string, text: string, folder?: string): LessonText {
	const parts = splitHead(text);
	if (!parts) {
		const remedy = 'Begin the file with three lines: ---, title: …, description: …, and close with ---.';
		return {
			written: text,
			head: undefined,
			steps: [],
			quizzes: [],
			problems: [{ file, line: 1, what: 'The head with the title is missing.', remedy }],
		};
	}
	const head = parseYaml(file, parts.head, headSchema, 2);
	const lines = readLines(parts.body, parts.bodyLine);
	const { steps, problems } = readSteps(file, lines.prose);
	problems.push(...earlyEnds(file, parts.head));
	const blocks = lines.blocks.map((block) => readBlock(block, folder, languageOfText(file)));
	problems.push(...blocks.flatMap((block) => blockProblems(file, block)), ...orderProblems(file, blocks));
	const quizzes = readQuizzes(lines.prose);
	problems.push(...quizFaults(quizzes).map((fault) => ({ file, ...fault })));
	return { written: text, head: head.value, steps, quizzes, problems: [...head.problems, ...problems] };
}

/** The site's reader of heads would end it at such a line, and take the rest for the text. */
function earlyEnds(file: string, head: string): Problem[] {
	return head.split('\n').flatMap((text, index) => {
		if (!/^(?:---|\+\+\+)/.test(text)) return [];
		const what = 'This line of the head begins with --- or +++, which would end it.';
		return [{ file, line: index + 2, what, remedy: 'Begin the line with another sign.' }];
	});
}

function blockProblems(file: string, { line, unclosed, faults, text, intent }: LessonBlock): Problem[] {
	const problems: Problem[] = faults.map((fault) => ({ file, line, ...fault }));
	if (unclosed) {
		problems.push({ file, line, what: 'This code block is never closed.', remedy: `Close it with ${unclosed} on a line of its own.` });
	}
	if (intent.kind === 'output' && intent.compare === 'regex') {
		for (const bad of badPatterns(text)) {
			const remedy = 'Put a backslash before ( [ { * + ? that mean themselves.';
			problems.push({ file, line: line + bad, what: 'This line of a "compare=regex" is no regular expression.', remedy });
		}
	}
	return problems;
}

/** Blocks that stand where they cannot work: a comparison with nothing, a command for a terminal that a program has taken. */
function orderProblems(file: string, blocks: readonly LessonBlock[]): Problem[] {
	const problems: Problem[] = [];
	/** Line of the block whose program stays in each terminal; blocks that name none are taken to be in the first. */
	const taken = new Map<string, number>();
	let before: LessonBlock | undefined;
	let compared: LessonBlock | undefined;
	for (const block of blocks) {
		const { intent, line } = block;
		if (intent.kind === 'run') {
			const place = intent.terminal ?? '1';
			const by = taken.get(place);
			if (by !== undefined && !intent.interrupt) {
				const what = `Terminal ${place} is still taken by the program that line ${by} leaves running (nowait).`;
				problems.push({ file, line, what, remedy: 'Write "interrupt" to end that program first, or give another terminal.' });
			}
			if (intent.wait) taken.delete(place);
			else taken.set(place, line);
			before = block;
			compared = undefined;
		} else if (intent.kind === 'output' && intent.compare) {
			const run = before?.step === block.step && before?.intent.kind === 'run' ? before : undefined;
			if (!run || block.step === undefined) {
				const what = 'There is no run block before this one in its step: nothing is compared.';
				problems.push({ file, line, what, remedy: 'Put it after the run block whose output it shows, or take "compare" away.' });
			} else if (run.intent.kind === 'run' && !run.intent.wait) {
				const what = `The program of line ${run.line} is left running (nowait): its output has no end to be compared.`;
				problems.push({ file, line, what, remedy: 'Take "compare" away.' });
			} else if (compared) {
				const what = `The output of the run block of line ${run.line} is compared already, at line ${compared.line}.`;
				problems.push({ file, line, what, remedy: 'Make one block of the two, or run their commands in two.' });
			}
			compared = block;
		}
	}
	return problems;
}

function readSteps(file: string, prose: readonly ProseLine[]): { steps: StepText[]; problems: Problem[] } {
	const steps: StepText[] = [];
	const problems: Problem[] = [];
	let open: StepText | undefined;
	for (const { text, written, number } of prose) {
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
		if (/^##\s+\S/.test(written) && open) open.title ??= headingText(written);
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
