/** What checks say while a course is written, in the author's terminal: how each ended, and for a broken one how it was run. */
import type { CheckRun } from '../grading/check-runner.ts';
import type { Progress } from '../setup/progress.ts';
import { described } from '../tools/rehearsal/run.ts';

/** @returns to be called for each run of a check; says it only when it is not what was said before */
export function tellChecks(progress: Pick<Progress, 'say'>): (run: CheckRun) => void {
	const told = new Map<string, string>();
	return (judged) => {
		const { learner, course, lesson, step, language, state, result } = judged;
		const key = `${learner}/${course}/${lesson}/${step}`;
		const text = `${state} ${result.outcome} ${result.code} ${result.stdout} ${result.stderr}`;
		if (told.get(key) === text) return;
		told.set(key, text);
		const head = `${course}/${lesson}, check of "${step}" (${result.ms} ms): `;
		if (state === 'passed') progress.say(`✓ ${head}passed`);
		else if (state === 'failed')
			progress.say(`· ${head}not yet: ${result.stdout.trim().replaceAll('\n', ' | ')}${indented(result.stderr)}`);
		else {
			const how = `It was run by its #! line, as the learner, in the lesson’s folder, with ETABLI_LANG=${language} ETABLI_COURSE=${course} ETABLI_LESSON=${lesson} ETABLI_STEP=${step} and a clean environment.`;
			progress.say(`✗ ${head}broke${indented(described(judged))}\n    ${how}`);
		}
	};
}

const indented = (text: string) => (text.trim() ? `\n${text.trim().replace(/^/gm, '    ')}` : '');
