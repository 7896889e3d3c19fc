/** Where checks and resets run: the learner's sandbox, in the lesson's folder. */
import { PublicError } from '../src/shared/errors.ts';
import { languages } from '../src/shared/language.ts';
import type { ScriptPlace } from './checks/check-service.ts';
import { HolderGone } from './holder/holder.ts';
import type { Bench } from './sandboxes/bench.ts';
import type { LearnerRow } from './store/store.ts';

/** errno ENOENT: the script's folder, or its interpreter, is not there. */
const noSuchFile = 2;

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
				const script = { ...request, cwd, env: { ...env, ...request.env } };
				const result = await bench.run(script);
				if (result.outcome !== 'not-started' || result.code !== noSuchFile) return result;
				// The learner has removed the lesson's folder: that is for the check to say, so it gets an empty one.
				await bench.run({
					...script,
					name: 'folder',
					cwd: env['HOME'] ?? '/',
					script: '#!/bin/sh\nmkdir -p "$FOLDER"\n',
					env: { ...script.env, FOLDER: cwd },
				});
				return await bench.run(script);
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
