/** Where checks and resets run: the learner's sandbox, in the lesson's folder. */

import { languages } from '../../src/shared/language.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { AgentGone, type ScriptRequest, type ScriptResult } from '../agent/agent.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import type { Lab } from './lab.ts';

/** errno ENOENT: the script's folder, or its interpreter, is not there. */
const noSuchFile = 2;

/** Runs scripts about a lesson in the lab's main host. */
export interface LessonScripts {
	/**
	 * In the lesson's folder, after the lesson has been prepared; LEARNER, HOME and PATH are set here.
	 * @throws Refusal no-sandbox, sandbox-busy, not-found
	 */
	runScript(lab: Lab, lesson: string, request: Omit<ScriptRequest, 'cwd'>): Promise<ScriptResult>;
	/** The name under which its commands are stored; undefined without a sandbox. */
	sandboxName(lab: Lab): string | undefined;
}

/** @param sandboxOf the lab's sandbox, with its agent connected; throws Refusal no-sandbox, sandbox-busy */
export function lessonScripts(sandboxOf: (lab: Lab) => Sandbox): LessonScripts {
	return {
		async runScript(lab, lessonSlug, request) {
			const sandbox = sandboxOf(lab);
			const lesson = sandbox.course.lessons.find(({ slug }) => slug === lessonSlug);
			if (!lesson) throw new Refusal('not-found', `${lab.course.slug}/${lessonSlug}`);
			const language = languages.find((one) => one === request.env['ETABLI_LANG']) ?? 'fr';
			try {
				await sandbox.prepareLesson(lesson, language);
				const { cwd, env } = sandbox.scriptSetting(lesson, language);
				const script = { ...request, cwd, env: { ...env, ...request.env } };
				const result = await sandbox.run(script);
				if (result.outcome !== 'not-started' || result.code !== noSuchFile) return result;
				// The learner has removed the lesson's folder: that is for the check to say, so it gets an empty one.
				await sandbox.run({
					...script,
					name: 'folder',
					cwd: env['HOME'] ?? '/',
					script: '#!/bin/sh\nmkdir -p "$FOLDER"\n',
					env: { ...script.env, FOLDER: cwd },
				});
				return await sandbox.run(script);
			} catch (error) {
				if (error instanceof AgentGone) throw new Refusal('sandbox-busy', 'the agent went away', { cause: error });
				throw error;
			}
		},
		sandboxName(lab) {
			try {
				return sandboxOf(lab).name;
			} catch (error) {
				if (error instanceof Refusal) return undefined;
				throw error;
			}
		},
	};
}
