/** `etabli lint [course]`: every mistake of the courses that can be seen without playing them. */

import { visible } from '../../src/shared/visible.ts';
import { ensureDependencies } from '../setup/dependencies.ts';
import { Failure } from '../setup/failure.ts';
import { Progress } from '../setup/progress.ts';
import { type Arguments, unknown } from './arguments.ts';
import { Interrupted, watchInterrupts } from './interrupt.ts';

/** @returns 1 when there is an error; warnings alone are no failure */
export async function lint(args: Arguments): Promise<number> {
	const interrupt = watchInterrupts();
	// JSON is to stand by itself.
	const screen = args.values['json'] === true ? process.stderr : process.stdout;
	const progress = new Progress(screen, { verbose: args.values['verbose'] === true });
	try {
		await ensureDependencies(progress, false, interrupt.signal);
		const { configuration } = await import('./settings.ts');
		const { courseSlugs, isError, lintCourses } = await import('../../src/courses/lint.ts');
		const { formatProblems, sortProblems } = await import('../../src/courses/problem.ts');
		const { courses } = configuration(args);
		const word = args.words[0]?.replace(/^(?:\.\/)?(?:courses\/)?/, '').replace(/\/$/, '');
		const slugs = courseSlugs(courses);
		if (slugs.length === 0)
			throw new Failure(`There is no course in ${courses.join(', ')}.`, { hint: 'Make one: ./etabli new course NAME' });
		if (word !== undefined && !slugs.includes(word)) throw unknown('course', word, slugs, `ls ${courses.join(' ')}`);
		const problems = lintCourses(courses, word);
		const errors = problems.filter(isError).length;
		if (args.values['json'] === true) {
			const told = sortProblems(problems).map((problem) => ({ ...problem, severity: problem.severity ?? 'error' }));
			process.stdout.write(visible(`${JSON.stringify({ errors, warnings: problems.length - errors, problems: told }, undefined, '\t')}\n`));
			return errors > 0 ? 1 : 0;
		}
		if (problems.length > 0) process.stdout.write(`${visible(formatProblems(problems))}\n\n`);
		const looked = word === undefined ? counted(slugs.length, 'course') : `course ${word}`;
		process.stdout.write(`${looked}: ${counted(errors, 'error')}, ${counted(problems.length - errors, 'warning')}\n`);
		return errors > 0 ? 1 : 0;
	} catch (error) {
		if (interrupt.signal.aborted && interrupt.signal.reason instanceof Interrupted) return interrupt.signal.reason.status;
		throw error;
	} finally {
		interrupt.dispose();
		progress.close();
	}
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
