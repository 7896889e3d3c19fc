/** Do both languages ask for the same? Their blocks, in order, held against each other. */
import { splitCommands } from '../shared/course/split-commands.ts';
import type { LessonBlock } from './lesson-blocks.ts';

export interface OutOfStep {
	/** In the second text; undefined: its step as a whole. */
	line: number | undefined;
	what: string;
	remedy: string;
}

/**
 * @param fr, en what each text asks to be run or put in place in one step, in order
 * @returns at most one difference: what follows it is likely to be its consequence
 */
export function outOfStep(step: string, fr: readonly LessonBlock[], en: readonly LessonBlock[]): OutOfStep | undefined {
	const [runs, files, opens] = (['run', 'file', 'open'] as const).map((kind) =>
		[fr, en].map((blocks) => blocks.filter(({ intent }) => intent.kind === kind).length),
	);
	for (const [what, counts] of [
		['run blocks', runs],
		['blocks for files', files],
		['blocks that open a file', opens],
	] as const) {
		if (counts && counts[0] !== counts[1]) {
			const remedy = 'Give both languages the same commands.';
			return { line: en[0]?.line, what: `The step "${step}" has ${counts[1]} ${what} here and ${counts[0]} in fr.mdx.`, remedy };
		}
	}
	for (const [index, here] of en.entries()) {
		const there = fr[index];
		if (!there || (asked(here) === asked(there) && skeleton(here) === skeleton(there))) continue;
		const { line } = here;
		if (asked(here) !== asked(there)) {
			const what = `This block says "${asked(here)}", and its twin in fr.mdx (line ${there.line}) "${asked(there)}".`;
			return { line, what, remedy: 'Ask for the same in both languages, in the same order.' };
		}
		const what = `These commands differ from those of fr.mdx (line ${there.line}) in more than what stands in quotes or comments.`;
		return { line, what, remedy: 'Give both languages the same commands; those that are the same can stand once: from=blocks/NAME.sh.' };
	}
	return undefined;
}

/** "run terminal=2" and so on, in an order of its own. */
function asked({ intent }: LessonBlock): string {
	if (intent.kind === 'run') {
		const { terminal, wait, interrupt } = intent;
		return ['run', terminal && `terminal=${terminal}`, !wait && 'nowait', interrupt && 'interrupt'].filter(Boolean).join(' ');
	}
	if (intent.kind === 'open') return [`open=${intent.path}`, intent.line && `line=${intent.line}`].filter(Boolean).join(' ');
	if (intent.kind !== 'file') return intent.kind;
	const { path, placing } = intent;
	return ['file', path].join('=') + (placing.mode === 'write' ? '' : ` ${placing.mode}`);
}

/** The commands without what a person reads: quoted texts, comments, what goes into a file. */
function skeleton({ intent, text }: LessonBlock): string {
	if (intent.kind !== 'run') return '';
	return splitCommands(text)
		.map((command) => {
			const heredoc = /<<-?\s*\S+/.test(command) ? (command.split('\n')[0] ?? '') : command;
			return heredoc
				.replace(/'[^']*'|"(?:[^"\\]|\\.)*"/g, '""')
				.replace(/\s#.*$/gm, '')
				.replace(/\s+/g, ' ')
				.trim();
		})
		.join('\n');
}
