/**
 * Every lesson of every course is proved: in both languages by its solutions (in the second one lesson after lesson, by one learner), and by the run
 * blocks of its text. Those of the course that the browser plays by its buttons (e2e/lessons.spec.ts) are played here only where the other language
 * has other commands, or where the text says what a command prints.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Play, plan, selectLessons } from '../../sandbox-server/tools/rehearsal/plays.ts';
import { faultLines, summary } from '../../sandbox-server/tools/rehearsal/report.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { loadCourses } from '../../src/courses/load.ts';
import { languages } from '../../src/shared/language.ts';
import { playedInBrowser } from '../fixtures/played-in-browser.ts';
import { taughtCourses } from '../fixtures/server.ts';
import { proveForReal } from '../fixtures/stage.ts';

const told = ({ course, lesson, language, way }: Play) => [course.slug, lesson.slug, language, way].join(' ');

/** The browser presses the same commands. It compares no output with the text's. */
function browserPlays(play: Play, plays: readonly Play[]): boolean {
	const language = playedInBrowser(play.course, play.lesson);
	const compares = [...play.blocks.values()].flat().some(({ intent }) => intent.kind === 'output' && intent.compare !== undefined);
	if (play.way !== 'blocks' || language === undefined || compares) return false;
	const alike = plays.filter(({ way, lesson }) => way === 'blocks' && lesson === play.lesson);
	return alike.length === 1 || play.language === language;
}

test('every check of every lesson fails before its step and passes after it', { timeout: patience(2_700_000) }, async (t) => {
	const begun = performance.now();
	const plays = plan(selectLessons(loadCourses(taughtCourses).courses, undefined), languages);
	const left = plays.filter((play) => browserPlays(play, plays)).map(told);
	// A play waits for half of its time: for prompts, for jobs, for checks.
	const proofs = await proveForReal(t, { courses: taughtCourses, parallel: 3, chosen: (play) => !left.includes(told(play)) });
	t.diagnostic(summary(proofs, performance.now() - begun));
	assert.deepEqual(faultLines(proofs), []);
	for (const { lessons } of loadCourses(taughtCourses).courses) {
		for (const { slug, steps } of lessons) {
			for (const language of ['fr', 'en']) {
				const proved = proofs.filter((proof) => proof.lesson === slug && proof.language === language && proof.way !== 'blocks');
				assert.deepEqual(
					proved.map(({ step }) => step),
					steps.filter(({ check }) => check !== undefined).map(({ id }) => id),
				);
			}
		}
	}
});
