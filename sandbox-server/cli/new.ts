/** `etabli new course NAME`, `etabli new lesson COURSE NAME`, each with `--cluster` or without: a working example to start from. */
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ensureDependencies } from '../setup/dependencies.ts';
import { Failure } from '../setup/failure.ts';
import { Progress } from '../setup/progress.ts';
import { type Arguments, unknown, usageStatus } from './arguments.ts';
import { watchInterrupts } from './interrupt.ts';

/** @returns 0 @throws Failure */
export async function newPart(args: Arguments): Promise<number> {
	const [kind, ...names] = args.words;
	if (kind !== undefined && kind !== 'course' && kind !== 'lesson')
		throw unknown('kind', kind, ['course', 'lesson'], './etabli new --help');
	const wanted = kind === 'course' ? 1 : 2;
	if (kind === undefined || names.length !== wanted) {
		throw new Failure('Say what is to be made: ./etabli new course NAME, or ./etabli new lesson COURSE NAME.', { status: usageStatus });
	}
	const [first = '', second = ''] = names;
	const interrupt = watchInterrupts();
	const progress = new Progress(process.stdout, { verbose: args.values['verbose'] === true });
	try {
		await ensureDependencies(progress, false, interrupt.signal);
		const { configuration } = await import('./settings.ts');
		const { formatProblems } = await import('../../src/courses/problem.ts');
		const { makeCourse, makeLesson } = await import('../tools/authoring/make.ts');
		const { courses } = configuration(args);
		const wish = { cluster: args.values['cluster'] === true };
		const { path, problems, dockerLines } =
			kind === 'course'
				? { path: makeCourse(folderFor(courses), first, wish), problems: [], dockerLines: undefined }
				: makeLesson(courses, first, second, wish);
		const name = kind === 'course' ? first : `${first}/${second}`;
		const typed = args.values['courses'];
		const options =
			typed === undefined
				? ''
				: [typed]
						.flat()
						.map((folder) => ` --courses ${folder}`)
						.join('');
		const lines = [
			`Made: ${path.startsWith(`${process.cwd()}/`) ? relative(process.cwd(), path) : path}`,
			'It is a working example, with comments in its files: change what it says.',
			...(problems.length > 0
				? ['', 'Before it works, something that was there already has to be changed:', formatProblems(problems)]
				: []),
			...(dockerLines ? ['These lines, before the one that makes the learner (useradd) and before USER:', '', dockerLines.trimEnd()] : []),
			'',
			`  ./etabli dev${options}                look at it while you write`,
			`  ./etabli lint ${first}${options}      every mistake, in words`,
			`  ./etabli prove ${name}${options}      play it in real sandboxes`,
			'',
		];
		process.stdout.write(lines.join('\n'));
		return 0;
	} finally {
		interrupt.dispose();
		progress.close();
	}
}

/** Where a new course goes: into the first folder that is not a course itself. @throws Failure */
export function folderFor(courses: readonly string[]): string {
	const folder = courses.find((path) => !existsSync(join(path, 'course.yaml')));
	if (folder !== undefined) return folder;
	throw new Failure(`${courses.join(', ')} is one course: a new one cannot stand in it.`, {
		hint: 'Name the folder in which its own folder is to be: ./etabli new course NAME --courses DIR',
	});
}
