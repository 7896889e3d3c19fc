/** Every lesson of every course is proved: in both languages, by its solutions and by the run blocks of its text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultLines, summary } from '../../sandbox-server/rehearsal/report.ts';
import { lintCourses } from '../../src/courses/lint.ts';
import { loadCourses } from '../../src/courses/load.ts';
import { formatProblems } from '../../src/courses/problem.ts';
import { taughtCourses } from '../fixtures/server.ts';
import { proveForReal } from '../fixtures/stage.ts';

test('the courses have no mistake that can be seen without playing them', () => {
	assert.equal(formatProblems(lintCourses(taughtCourses)), '');
});

test('every check of every lesson fails before its step and passes after it', async (t) => {
	const begun = performance.now();
	const proofs = await proveForReal(t, { courses: taughtCourses });
	t.diagnostic(summary(proofs, performance.now() - begun));
	assert.deepEqual(faultLines(proofs), []);
	for (const { lessons } of loadCourses(taughtCourses).courses) {
		for (const { slug, steps } of lessons) {
			for (const language of ['fr', 'en']) {
				const proved = proofs.filter((proof) => proof.lesson === slug && proof.language === language && proof.way === 'solution');
				assert.deepEqual(
					proved.map(({ step }) => step),
					steps.filter(({ check }) => check !== undefined).map(({ id }) => id),
				);
			}
		}
	}
});
