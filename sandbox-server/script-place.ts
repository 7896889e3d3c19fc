/** Where checks and resets run: the learner's sandbox, in the lesson's folder. */
import { PublicError } from '../src/shared/errors.ts';
import { languages } from '../src/shared/language.ts';
import type { ScriptPlace } from './checks/check-service.ts';
import { HolderGone } from './holder/holder.ts';
import type { Bench } from './sandboxes/bench.ts';
import type { LearnerRow } from './store/store.ts';

/** @param benchOf the learner's sandbox, with its holder connected; throws PublicError no-sandbox, sandbox-busy */
export function scriptPlace(benchOf: (learner: LearnerRow, course: string) => Bench): ScriptPlace {
	return {
		async runScript(learner, course, lessonSlug, request) {
			const bench = benchOf(learner, course);
			const lesson = bench.course.lessons.find(({ slug }) => slug === lessonSlug);
			if (!lesson) throw new PublicError('not-found', `${course}/${lessonSlug}`);
			const language = languages.find((one) => one === request.env['ETABLI_LANG']) ?? 'fr';
			try {
				await bench.prepareLesson(lesson, language);
				const { cwd, env } = bench.scriptPlace(lesson, language);
				return await bench.run({ ...request, cwd, env: { ...env, ...request.env } });
			} catch (error) {
				if (error instanceof HolderGone) throw new PublicError('sandbox-busy', 'the holder went away', { cause: error });
				throw error;
			}
		},
		sandboxName(learner, course) {
			try {
				return benchOf(learner, course).name;
			} catch (error) {
				if (error instanceof PublicError) return undefined;
				throw error;
			}
		},
	};
}
