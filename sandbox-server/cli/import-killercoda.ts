/** `etabli import killercoda DIR`: scenarios of Killercoda or Katacoda become courses. */
import { relative, resolve } from 'node:path';
import { visible } from '../../src/shared/visible.ts';
import { ensureDependencies } from '../setup/dependencies.ts';
import { Failure } from '../setup/failure.ts';
import { Progress } from '../setup/progress.ts';
import { type Arguments, unknown, usageStatus } from './arguments.ts';
import { watchInterrupts } from './interrupt.ts';
import { folderFor } from './new.ts';

/** @param args the first word is "killercoda" @returns 1 when scenarios had to be left out (--skip-broken) @throws Failure */
export async function importKillercoda(args: Arguments): Promise<number> {
	const [, from, ...more] = args.words;
	if (from === undefined || more.length > 0) {
		throw new Failure('Say which folder is to be imported: ./etabli import killercoda DIR.', { status: usageStatus });
	}
	const language = args.values['language'] ?? 'en';
	if (language !== 'fr' && language !== 'en') throw unknown('language', String(language), ['fr', 'en'], './etabli import --help');
	const interrupt = watchInterrupts();
	// What the command has to say at its end stands by itself, for a person as for another program.
	const progress = new Progress(process.stderr, { verbose: args.values['verbose'] === true });
	try {
		await ensureDependencies(progress, false, interrupt.signal);
		const { configuration } = await import('./settings.ts');
		const { importScenarios } = await import('../tools/authoring/killercoda/import.ts');
		const { reportText } = await import('../tools/authoring/killercoda/report.ts');
		const { formatProblems } = await import('../../src/courses/problem.ts');
		const into = args.values['into'];
		const course = args.values['course'];
		const imported = importScenarios({
			from: resolve(from),
			into: into === undefined ? folderFor(configuration(args).courses) : resolve(String(into)),
			course: course === undefined ? undefined : String(course),
			language,
			force: args.values['force'] === true,
			skipBroken: args.values['skip-broken'] === true,
			onScenario: tellScenarios(process.stderr),
		});
		if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
		if (args.values['json'] === true) process.stdout.write(visible(`${JSON.stringify(imported, undefined, '\t')}\n`));
		else process.stdout.write(visible(lines(imported, { reportText, formatProblems })));
		return imported.problems.some(({ severity }) => severity !== 'warning') ? 1 : 0;
	} finally {
		interrupt.dispose();
		progress.close();
	}
}

/** On a terminal, the scenario that is being read, in one line; elsewhere a line now and then, when there are many. */
function tellScenarios(screen: NodeJS.WriteStream): (at: number, of: number, folder: string) => void {
	return (at, of, folder) => {
		if (screen.isTTY) screen.write(`\r\x1b[K${at} of ${of}: ${folder.slice(-60)}`);
		else if (of > 20 && (at % 50 === 0 || at === of)) screen.write(`… ${at} of ${of} scenarios\n`);
	};
}

type Imported = import('../tools/authoring/killercoda/import.ts').Imported;

interface Writers {
	reportText: (imported: Imported) => string;
	formatProblems: (problems: Imported['problems']) => string;
}

function lines(imported: Imported, { reportText, formatProblems }: Writers): string {
	const [first = ''] = imported.courses;
	const folder = first.replace(/\/[^/]*$/, '');
	const options =
		folder.endsWith('/courses') && relative(process.cwd(), folder) === 'courses'
			? ''
			: ` --courses ${relative(process.cwd(), folder) || '.'}`;
	return [
		...(imported.problems.length > 0 ? [formatProblems(imported.problems), ''] : []),
		...(imported.passedOver.length > 0 ? [`No scenarios, left alone: ${imported.passedOver.join(', ')}`, ''] : []),
		reportText(imported),
		'Correct the authors and the license in course.yaml, then:',
		`  ./etabli lint${options}`,
		`  ./etabli dev${options}`,
		'',
	].join('\n');
}
